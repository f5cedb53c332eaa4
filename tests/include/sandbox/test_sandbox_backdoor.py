"""The back door: counts, records, changes at the source."""

import pytest
import requests
from lxml import etree

from tests.include.sandbox.conftest import Client
from tests.include.sandbox.soap_client import Soap
from tests.include.sandbox.test_sandbox_dvcqg import DOSSIER, numbered, push
from tests.include.sandbox.test_sandbox_motcua import SINCE


def test_every_system_is_well(client: Client) -> None:
    for system in client.running.endpoints:
        assert client.door(system, "GET", "health") == {"system": system, "ok": True}


def test_calls_are_counted_by_operation(client: Client) -> None:
    client.births()
    client.births()
    assert client.door("lgsp", "GET", "calls") == {"token": 2, "dsHoSoDangKy": 2}


def test_records_are_shown_page_by_page(client: Client) -> None:
    push(client, numbered(1), numbered(2), numbered(3))
    found = client.door("dvcqg", "GET", "records/dossiers", params={"offset": 1, "limit": 1})
    assert found == {"total": 3, "records": [numbered(2)]}


def test_a_changed_birth_comes_again_with_its_new_moment(client: Client) -> None:
    first = etree.fromstring(client.births(soLuong=1).json()["data"])[0]
    change = {"dataset": "births", "key": first.findtext("maGCS"), "set": {"nks.HoTen": "TÊN MỚI & <LẠ>"}, "at": "2026-11-22T10:00:00+07:00"}
    assert client.door("lgsp", "POST", "change", json=change) == {"changed": 1}
    found = etree.fromstring(client.births(tuNgay="22/11/2026").json()["data"])
    assert [row.findtext("nks/HoTen") for row in found if row.findtext("ngayCapNhat") == "22/11/2026 10:00:00"] == ["TÊN MỚI & <LẠ>"]


def test_a_changed_enterprise_comes_in_the_window_of_its_change(client: Client) -> None:
    window = {"from_date": "2026-11-21", "to_date": "2026-11-22"}
    row = next(row for day in range(1, 20) for row in client.enterprises(from_date=f"2026-11-{day:02d}", to_date=f"2026-11-{day:02d}").json()["Data"])
    key = row["MainInformation"]["ENTERPRISE_ID"]
    change = {"dataset": "enterprises", "key": key, "set": {"MainInformation.NAME": "TÊN MỚI"}, "at": "2026-11-21T08:00:00+07:00"}
    client.door("lgsp", "POST", "change", json=[change])
    found = client.enterprises(**window).json()["Data"]
    assert [one["MainInformation"]["NAME"] for one in found if one["MainInformation"]["ENTERPRISE_ID"] == key] == ["TÊN MỚI"]


def test_a_changed_dossier_stays_valid_by_the_contract_when_an_element_is_added(client: Client) -> None:
    with requests.Session() as http:
        soap = Soap("motcua", client.running.endpoints["motcua"], http)
        last = soap.call("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, soLuong=500).hoSo[-1]
        change = {"dataset": "dossiers", "key": last.maHoSo, "set": {"email": "moi@example.com", "giayTo.0.tenGiayTo": "Giấy mới"}}
        assert client.door("motcua", "POST", "change", json=change | {"at": "2026-11-21T08:00:00+07:00"})["changed"] >= 1
        answer = soap.valid(soap.post(soap.message("DanhSachHoSoThayDoi", tuThoiDiem=SINCE, soLuong=500)))
    changed = [row for row in answer.iterfind("{*}hoSo") if row.findtext("{*}maHoSo") == last.maHoSo][-1]
    assert changed.findtext("{*}email") == "moi@example.com"
    assert changed.findtext("{*}giayTo/{*}tenGiayTo") == "Giấy mới"
    assert changed.findtext("{*}capNhatLuc") == "2026-11-21T08:00:00+07:00"


def test_a_change_of_nothing_says_so(client: Client) -> None:
    change = {"dataset": "births", "key": "GCS-24-9999999", "set": {}}
    assert "has no row" in client.door("lgsp", "POST", "change", json=change)["error"]
    assert "dataset of lgsp" in client.door("bhxh", "POST", "change", json=change)["error"]


def test_reset_forgets_what_was_written(client: Client) -> None:
    push(client, DOSSIER)
    client.door("dvcqg", "POST", "reset")
    assert client.door("dvcqg", "GET", "records/dossiers")["total"] == 0


@pytest.mark.parametrize("what", ["nonsense", "change"])
def test_an_unknown_door_is_an_error(client: Client, what: str) -> None:
    assert "error" in client.door("lgsp", "GET", what)
