"""Faults happen when, where and as often as they are asked for."""

import time
from typing import Any

import pytest
import requests
from lxml import etree

from tests.include.sandbox.conftest import Client
from tests.include.sandbox.soap_client import Soap, fault_code
from tests.include.sandbox.test_sandbox_dvcqg import DOSSIER, held, push
from tests.include.sandbox.test_sandbox_motcua import CITIZEN, SINCE


def births(client: Client, **changes: Any) -> list[str]:
    return [node.text or "" for node in etree.fromstring(client.births(**changes).json()["data"]).iterfind("HoSo/maGCS")]


def test_a_fault_strikes_as_often_as_it_is_told_to(client: Client) -> None:
    client.fault("lgsp", {"kind": "503", "path": "dsHoSoDangKy", "times": 2, "after": 1})
    assert [client.births().status_code for _ in range(4)] == [200, 503, 503, 200]


def test_a_fault_strikes_only_where_it_is_aimed(client: Client) -> None:
    client.fault("lgsp", {"kind": "503", "path": "danhSachHoSo", "times": -1})
    assert client.births().status_code == 200
    assert client.enterprises().json()["fault"]["code"] == 101503


def test_a_fault_can_be_aimed_at_a_service_named_in_the_body(client: Client) -> None:
    client.fault("dvcqg", {"kind": "expired_token", "path": "DongBoHoSoMC"})
    session = client.login()
    assert client.service("g", "TraCuuHoSo", session, mahoso="x")["error_code"] == "00"
    assert client.service("p", "DongBoHoSoMC", session, isUpdating="False", data=[DOSSIER])["error_code"] == "-2"


@pytest.mark.parametrize("when", [7, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_throttling_says_when_to_come_back(client: Client, when: int | str) -> None:
    client.fault("lgsp", {"kind": "429", "path": "dsHoSoDangKy", "retry_after": when})
    answer = client.births()
    assert (answer.status_code, answer.json()["fault"]["code"], answer.headers["Retry-After"]) == (429, 900802, str(when))


def test_an_expired_token_is_refused_until_it_is_renewed(client: Client) -> None:
    token = client.token()
    client.fault("lgsp", {"kind": "expired_token", "path": "danhSachHoSo"})
    codes = [client.lgsp("GET", "/apiCSDLDKDN/1.0/danhSachHoSo", given).status_code for given in (token, token, None)]
    assert codes == [401, 401, 200]


def test_a_truncated_body_looks_complete_and_is_not(client: Client) -> None:
    client.fault("lgsp", {"kind": "truncated_body", "path": "dsHoSoDangKy"})
    answer = client.births()
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_login_page_comes_with_http_200(client: Client) -> None:
    client.fault("lgsp", {"kind": "html_login", "path": "dsHoSoDangKy"})
    answer = client.births()
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")


def test_an_answer_can_be_late(client: Client) -> None:
    client.fault("lgsp", {"kind": "latency", "path": "dsHoSoDangKy", "seconds": 0.3})
    started = time.monotonic()
    client.births()
    assert time.monotonic() - started >= 0.3


def test_an_answer_can_drip(client: Client) -> None:
    client.fault("lgsp", {"kind": "slow_drip", "path": "dsHoSoDangKy", "seconds": 0.05, "pieces": 4})
    started = time.monotonic()
    assert client.births().json()["status"] == 1
    assert time.monotonic() - started >= 0.15


def test_a_connection_can_break_in_the_middle_of_the_body(client: Client) -> None:
    client.fault("lgsp", {"kind": "reset", "path": "dsHoSoDangKy"})
    with pytest.raises(requests.exceptions.RequestException):
        client.births()
    assert client.births().status_code == 200


def test_a_lost_answer_hides_a_write_that_was_done(client: Client) -> None:
    client.fault("dvcqg", {"kind": "lost_answer", "path": "DongBoHoSoMC"})
    with pytest.raises(requests.exceptions.ConnectionError):
        push(client, DOSSIER)
    assert held(client) == 1
    assert push(client, DOSSIER)["error_code"] == "-3"


def test_a_lost_answer_of_the_one_stop_can_be_asked_for(client: Client) -> None:
    client.fault("motcua", {"kind": "lost_answer", "path": "CapNhatCongDan"})
    with requests.Session() as http:
        soap = Soap("motcua", client.running.endpoints["motcua"], http)
        with pytest.raises(requests.exceptions.ConnectionError):
            soap.call("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN])
        assert soap.call("TraCuuYeuCau", maYeuCau="R1").daXuLy is True


def test_overload_is_a_soap_fault(client: Client) -> None:
    client.fault("motcua", {"kind": "soap_fault"}, {"kind": "503"})
    with requests.Session() as http:
        soap = Soap("motcua", client.running.endpoints["motcua"], http)
        for _ in range(2):
            assert fault_code(soap.post(soap.message("TraCuuYeuCau", maYeuCau="x"))) == "soap:Server QUATAI"
        assert soap.post(soap.message("TraCuuYeuCau", maYeuCau="x")).status_code == 200


def test_a_page_delivered_again_repeats_the_end_of_the_last_and_loses_nothing(client: Client) -> None:
    clean = births(client)
    client.fault("lgsp", {"kind": "duplicate_delivery", "path": "dsHoSoDangKy", "after": 1, "rows": 2})
    keys, page = [], 1
    while found := births(client, trang=page, soLuong=60):
        keys += found
        page += 1
    assert keys[60:62] == keys[58:60]
    assert len(keys) == len(clean) + 2
    assert list(dict.fromkeys(keys)) == list(dict.fromkeys(clean))
    assert births(client) == clean


def test_a_cursor_page_delivered_again_repeats_the_end_of_the_last(client: Client) -> None:
    with requests.Session() as http:
        soap = Soap("motcua", client.running.endpoints["motcua"], http)
        first = soap.call("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, soLuong=10)
        client.fault("motcua", {"kind": "duplicate_delivery"})
        second = soap.call("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, soLuong=10, conTro=first.conTroTiep)
    assert second.hoSo[0].maHoSo == first.hoSo[-1].maHoSo


def test_faults_are_shown_and_taken_back(client: Client) -> None:
    client.fault("lgsp", {"kind": "503", "times": -1})
    assert client.door("lgsp", "GET", "faults") == [{"times": -1, "after": 0, "kind": "503"}]
    assert client.door("lgsp", "DELETE", "faults") == []
    assert client.births().status_code == 200


def test_an_unknown_kind_is_refused(client: Client) -> None:
    assert "no fault 'earthquake'" in client.door("lgsp", "POST", "faults", json=[{"kind": "earthquake"}])["error"]
