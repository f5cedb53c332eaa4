"""Social insurance over SOAP, as docs/systems.md and its WSDL say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import requests
import zeep.exceptions
from lxml import etree

from tests.include.sandbox.conftest import Client
from tests.include.sandbox.soap_client import Soap, fault_code

HANOI = timezone(timedelta(hours=7))
OPERATION = "DanhSachNguoiThamGia"
ALL = {"tuThoiDiem": datetime(2024, 11, 1, tzinfo=HANOI), "denThoiDiem": datetime(2026, 11, 21, tzinfo=HANOI), "trang": 1, "soLuong": 1000}


@pytest.fixture
def soap(client: Client) -> Iterator[Soap]:
    with requests.Session() as http:
        yield Soap("bhxh", client.running.endpoints["bhxh"], http)


def test_zeep_reads_participants_from_the_pinned_contract(soap: Soap) -> None:
    answer = soap.call(OPERATION, **ALL)
    assert answer.tongSo == len(answer.nguoiThamGia) > 150
    assert answer.soTrang == 1


def test_the_answer_is_valid_by_the_contract(soap: Soap) -> None:
    soap.valid(soap.post(soap.signed(OPERATION, **ALL)))


def test_pages_join_to_the_promised_total_in_order(soap: Soap) -> None:
    first = soap.call(OPERATION, **ALL | {"soLuong": 70})
    pages = [soap.call(OPERATION, **ALL | {"soLuong": 70, "trang": page}) for page in range(1, first.soTrang + 1)]
    rows = [(row.capNhatLuc, row.maSoBhxh) for page in pages for row in page.nguoiThamGia]
    assert len(rows) == first.tongSo
    assert rows == sorted(rows)


def test_a_window_holds_its_start_and_not_its_end(soap: Soap) -> None:
    one = soap.call(OPERATION, **ALL).nguoiThamGia[0].capNhatLuc
    second = timedelta(seconds=1)
    assert soap.call(OPERATION, **ALL | {"tuThoiDiem": one, "denThoiDiem": one + second}).tongSo >= 1
    assert soap.call(OPERATION, **ALL | {"tuThoiDiem": one - second, "denThoiDiem": one}).tongSo == 0


def test_the_contract_is_shown_with_its_own_address(soap: Soap) -> None:
    answer = soap.http.get(soap.url, params={"wsdl": ""}, timeout=10)
    address = etree.fromstring(answer.content).find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address.get("location") == soap.url


def test_a_wrong_password_is_refused(client: Client) -> None:
    with requests.Session() as http:
        soap = Soap("bhxh", client.running.endpoints["bhxh"], http, secret="wrong")
        with pytest.raises(zeep.exceptions.Fault) as caught:
            soap.call(OPERATION, **ALL)
    assert caught.value.detail.findtext("{*}loi/{*}ma") == "XACTHUC"


def test_no_token_is_refused(soap: Soap) -> None:
    assert fault_code(soap.post(soap.message(OPERATION, **ALL))) == "soap:Client XACTHUC"


def test_a_nonce_works_once(soap: Soap) -> None:
    body = soap.signed(OPERATION, **ALL)
    assert soap.post(body).status_code == 200
    assert fault_code(soap.post(body)) == "soap:Client XACTHUC"


def test_a_token_older_than_five_minutes_is_refused(soap: Soap) -> None:
    soap.token.created = datetime.now(UTC) - timedelta(minutes=6)
    assert fault_code(soap.post(soap.signed(OPERATION, **ALL))) == "soap:Client XACTHUC"


@pytest.mark.parametrize("change", [{"soLuong": 1001}, {"tuThoiDiem": ALL["denThoiDiem"], "denThoiDiem": ALL["tuThoiDiem"]}])
def test_arguments_out_of_bounds_are_refused(soap: Soap, change: dict[str, Any]) -> None:
    assert fault_code(soap.post(soap.signed(OPERATION, **ALL | change))) == "soap:Client THAMSO"


def test_a_request_that_breaks_the_schema_is_refused(soap: Soap) -> None:
    body = soap.signed(OPERATION, **ALL).replace(b">1000<", b">many<")
    assert fault_code(soap.post(body)) == "soap:Client THAMSO"


@pytest.mark.parametrize("body", [b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"<x", b"", b"<x/>"])
def test_a_dtd_or_no_envelope_is_refused(soap: Soap, body: bytes) -> None:
    assert fault_code(soap.post(body)) == "soap:Client THAMSO"
