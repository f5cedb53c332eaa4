"""The one-stop system over SOAP, as docs/systems.md and its WSDL say."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from tests.include.sandbox.conftest import Client
from tests.include.sandbox.soap_client import Soap, fault_code

SINCE = datetime(2024, 11, 1, tzinfo=timezone(timedelta(hours=7)))
CITIZEN = {"maThamChieu": "C1", "hoTen": "Nguyễn Văn Mẫu", "soDinhDanh": "024085000001", "ngaySinh": "19850409", "maXa": "07210"}
ENTERPRISE = {"maThamChieu": "2400000128", "maSoThue": "2400000128", "ten": "CÔNG TY MẪU", "maXa": "07210"}
PAPER = {"maThamChieu": "P1", "maDinhDanh": "024085000001", "maGiayTo": "KQ.G15.001193", "ngayBanHanh": "20260101"}


@pytest.fixture
def soap(client: Client) -> Iterator[Soap]:
    with requests.Session() as http:
        yield Soap("motcua", client.running.endpoints["motcua"], http)


def results(answer: Any) -> list[tuple[str, str]]:
    return [(one.maThamChieu, one.ma) for one in answer.ketQua]


def test_without_credentials_the_door_is_shut(soap: Soap) -> None:
    body = soap.message("TraCuuYeuCau", maYeuCau="x")
    answer = requests.post(soap.url, data=body, headers={"Content-Type": "text/xml"}, timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_cursor_leads_through_every_dossier_once_and_in_order(soap: Soap) -> None:
    rows, token, more = [], None, True
    while more:
        answer = soap.call("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, conTro=token, soLuong=40)
        rows += [(row.capNhatLuc, row.maHoSo) for row in answer.hoSo]
        token, more = answer.conTroTiep, answer.conNua
    assert len(rows) == answer.tongSo >= 150
    assert rows == sorted(rows)


def test_dossiers_are_valid_by_the_contract(soap: Soap) -> None:
    soap.valid(soap.post(soap.message("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, soLuong=500)))


def test_only_dossiers_changed_since_are_given(soap: Soap) -> None:
    moment = soap.call("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, soLuong=500).hoSo[100].capNhatLuc
    answer = soap.call("DanhSachHoSoThayDoi", tuThoiDiem=moment, soLuong=500)
    assert answer.hoSo[0].capNhatLuc == moment
    assert answer.tongSo == len(answer.hoSo)


@pytest.mark.parametrize("arguments", [{"conTro": "nonsense", "soLuong": 5}, {"soLuong": 501}])
def test_arguments_out_of_bounds_are_refused(soap: Soap, arguments: dict[str, Any]) -> None:
    assert fault_code(soap.post(soap.message("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, **arguments))) == "soap:Client THAMSO"


def test_each_item_gets_its_own_result(soap: Soap, client: Client) -> None:
    unknown_commune = CITIZEN | {"maThamChieu": "C2", "maXa": "99999"}
    bad_data = CITIZEN | {"maThamChieu": "C3", "soDinhDanh": "24085000001"}
    answer = soap.call("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN, unknown_commune, bad_data])
    assert results(answer) == [("C1", "00"), ("C2", "20"), ("C3", "10")]
    assert client.door("motcua", "GET", "records/citizens") == {"total": 1, "records": [CITIZEN]}


@pytest.mark.parametrize(
    ("operation", "item", "good", "bad"),
    [
        ("CapNhatCongDan", "congDan", CITIZEN, {"ngaySinh": "19850231"}),
        ("CapNhatDoanhNghiep", "doanhNghiep", ENTERPRISE, {"maSoThue": "2400000129"}),
        ("CapNhatGiayTo", "giayTo", PAPER, {"maGiayTo": " "}),
    ],
)
def test_good_items_are_taken_and_bad_data_refused(soap: Soap, operation: str, item: str, good: dict[str, str], bad: dict[str, str]) -> None:
    assert [ma for _, ma in results(soap.call(operation, maYeuCau="R1", **{item: [good]}))] == ["00"]
    assert [ma for _, ma in results(soap.call(operation, maYeuCau="R2", **{item: [good | bad]}))] == ["10"]


def test_the_same_content_in_a_new_request_was_taken_before(soap: Soap) -> None:
    soap.call("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN])
    assert results(soap.call("CapNhatCongDan", maYeuCau="R2", congDan=[CITIZEN])) == [("C1", "01")]
    assert results(soap.call("CapNhatCongDan", maYeuCau="R3", congDan=[CITIZEN | {"hoTen": "Nguyễn Văn Khác"}])) == [("C1", "00")]


def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(soap: Soap, client: Client) -> None:
    soap.call("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN])
    answer = soap.call("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN | {"maThamChieu": "C9", "hoTen": "Ai Đó"}])
    assert results(answer) == [("C1", "00")]
    assert client.door("motcua", "GET", "records/citizens")["total"] == 1


def test_a_lost_answer_can_be_asked_for(soap: Soap) -> None:
    assert soap.call("TraCuuYeuCau", maYeuCau="R1").daXuLy is False
    soap.call("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN])
    found = soap.call("TraCuuYeuCau", maYeuCau="R1")
    assert found.daXuLy is True
    assert results(found) == [("C1", "00")]


def test_more_than_200_items_break_the_schema(soap: Soap) -> None:
    items = [CITIZEN | {"maThamChieu": str(i)} for i in range(200)]
    assert len(results(soap.call("CapNhatCongDan", maYeuCau="R1", congDan=items))) == 200
    body = soap.message("CapNhatCongDan", maYeuCau="R2", congDan=items)
    one_more = body.replace(
        b"</ns0:CapNhatCongDan>", b"<ns0:congDan><ns0:maThamChieu>x</ns0:maThamChieu><ns0:hoTen>x</ns0:hoTen></ns0:congDan></ns0:CapNhatCongDan>"
    )
    assert one_more != body
    assert fault_code(soap.post(one_more)) == "soap:Client THAMSO"


def test_answers_are_valid_by_the_contract(soap: Soap) -> None:
    soap.valid(soap.post(soap.message("CapNhatCongDan", maYeuCau="R1", congDan=[CITIZEN])))
    soap.valid(soap.post(soap.message("TraCuuYeuCau", maYeuCau="R1")))
    soap.valid(soap.post(soap.message("TraCuuYeuCau", maYeuCau="never")))
