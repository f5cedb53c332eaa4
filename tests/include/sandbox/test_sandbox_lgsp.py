"""The gateway and the two registers behind it, as docs/systems.md says."""

from typing import Any

import pytest
from lxml import etree

from include.sandbox.accounts import ACCOUNTS, UNSUBSCRIBED
from include.sandbox.run import Running, start
from tests.include.sandbox.conftest import Client

LIST = "/apiCSDLDKDN/1.0/danhSachHoSo"
BIRTHS = "/apiHoTichTuPhap/1.0/dsHoSoDangKy"


def busy_window(client: Client) -> dict[str, str]:
    """A day range of five days that holds enterprises; the last amended lie just before the province stands still."""
    for first in range(1, 16, 5):
        window = {"from_date": f"2026-11-{first:02d}", "to_date": f"2026-11-{first + 4:02d}"}
        if client.enterprises(**window).json()["DataCount"] >= 2:
            return window
    raise LookupError("no window with two enterprises")


def test_a_token_answer_has_the_shape_of_wso2(client: Client) -> None:
    account = ACCOUNTS["lgsp"]
    url = client.running.endpoints["lgsp"] + "/token"
    answer = client.http.post(url, data={"grant_type": "client_credentials"}, auth=(account["user"], account["secret"]), timeout=10).json()
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 3600, "default")


def test_a_wrong_key_is_an_invalid_client(client: Client) -> None:
    url = client.running.endpoints["lgsp"] + "/token"
    answer = client.http.post(url, data={"grant_type": "client_credentials"}, auth=("sandbox-key", "wrong"), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("header", "code"), [({}, 900902), ({"Authorization": "Bearer nonsense"}, 900901), ({"Authorization": "Basic eA=="}, 900902)]
)
def test_a_call_without_a_good_token_meets_a_fault(client: Client, header: dict[str, str], code: int) -> None:
    answer = client.http.get(client.running.endpoints["lgsp"] + LIST, headers=header, timeout=10)
    assert (answer.status_code, answer.json()["fault"]["code"]) == (401, code)


def test_a_fault_is_xml_when_xml_is_asked_for(client: Client) -> None:
    answer = client.http.get(client.running.endpoints["lgsp"] + LIST, headers={"Accept": "application/xml"}, timeout=10)
    root = etree.fromstring(answer.content)
    assert root.tag == "{http://wso2.org/apimanager/security}fault"
    assert root.findtext("{*}code") == "900902"


def test_an_application_without_subscription_may_call_nothing(client: Client) -> None:
    url = client.running.endpoints["lgsp"] + "/token"
    data = {"grant_type": "client_credentials"}
    token = client.http.post(url, data=data, auth=(UNSUBSCRIBED["user"], UNSUBSCRIBED["secret"]), timeout=10).json()["access_token"]
    answer = client.lgsp("GET", LIST, token)
    assert (answer.status_code, answer.json()["fault"]["code"]) == (403, 900908)


def test_a_token_expires(running: Running) -> None:
    with start(running.state.parent / "short-lived", token_seconds=0.0) as short:
        client = Client(short)
        answer = client.lgsp("GET", LIST)
        client.http.close()
    assert (answer.status_code, answer.json()["fault"]["code"]) == (401, 900901)


def test_pages_of_enterprises_join_to_the_promised_total_in_order(client: Client) -> None:
    window = busy_window(client)
    whole = client.enterprises(**window, offset="0", limit="1000").json()
    ones = [client.enterprises(**window, offset=str(i), limit="1").json()["Data"] for i in range(whole["DataCount"])]
    assert [one[0] for one in ones] == whole["Data"]
    order = [(row["MainInformation"]["LAST_AMEND_DATE"][::-1], row["MainInformation"]["ENTERPRISE_ID"]) for row in whole["Data"]]
    days = [row["MainInformation"]["LAST_AMEND_DATE"].split("/")[::-1] for row in whole["Data"]]
    assert days == sorted(days)
    assert len(order) == whole["DataCount"]


def test_both_ends_of_a_window_are_included(client: Client) -> None:
    row = client.enterprises(**busy_window(client)).json()["Data"][0]["MainInformation"]
    day = "-".join(row["LAST_AMEND_DATE"].split("/")[::-1])
    found = client.enterprises(from_date=day, to_date=day).json()["Data"]
    assert row["ENTERPRISE_ID"] in [one["MainInformation"]["ENTERPRISE_ID"] for one in found]


@pytest.mark.parametrize(
    "query",
    [
        {"from_date": "2026-11-01", "to_date": "2026-11-06"},
        {"from_date": "2026-11-05", "to_date": "2026-11-01"},
        {"from_date": "01/11/2026", "to_date": "02/11/2026"},
        {"from_date": "2026-11-01", "to_date": "2026-11-05", "limit": "1001"},
        {"from_date": "2026-11-01", "to_date": "2026-11-05", "offset": "-1"},
        {},
    ],
)
def test_the_registry_refuses_with_http_200_and_status_0(client: Client, query: dict[str, str]) -> None:
    answer = client.enterprises(**query)
    body = answer.json()
    assert (answer.status_code, body["Status"], body["DataCount"], body["Data"]) == (200, 0, 0, [])
    assert body["Message"]


def test_one_enterprise_is_found_by_its_code(client: Client) -> None:
    row = client.enterprises(**busy_window(client)).json()["Data"][0]
    answer = client.lgsp("GET", "/apiCSDLDKDN/1.0/chiTietDoanhNghiep", params={"msdn": row["MainInformation"]["ENTERPRISE_ID"]})
    assert answer.json()["Data"][0] == row


def test_births_come_as_xml_in_a_json_string_page_after_page(client: Client) -> None:
    total, keys, page = 1, [], 1
    while len(keys) < total:
        answer = client.births(trang=page, soLuong=50).json()
        assert (answer["status"], answer["errorCode"]) == (1, 0)
        total, page = answer["tongSo"], page + 1
        keys += [node.text for node in etree.fromstring(answer["data"]).iterfind("HoSo/maGCS")]
    assert total == len(keys) > 150


def test_births_are_ordered_by_their_change(client: Client) -> None:
    moments = [node.text or "" for node in etree.fromstring(client.births().json()["data"]).iterfind("HoSo/ngayCapNhat")]
    sortable = [f"{moment[6:10]}{moment[3:5]}{moment[:2]}{moment[10:]}" for moment in moments]
    assert sortable == sorted(sortable)


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"maDonVi": 27}, 106, "AGENCY_ID_INCORRECT"),
        ({"maDonVi": "24"}, 302, "DATA_TYPE_INVALID"),
        ({"trang": "1"}, 302, "DATA_TYPE_INVALID"),
        ({"tuNgay": "2026-11-01"}, 500, "DATA_INCORRECT"),
        ({"soLuong": 501}, 500, "DATA_INCORRECT"),
        ({"module": "LTKX"}, 500, "DATA_INCORRECT"),
    ],
)
def test_civil_status_refuses_by_number(client: Client, change: dict[str, Any], code: int, message: str) -> None:
    assert client.births(**change).json() == {"status": 0, "errorCode": code, "message": message, "tongSo": 0, "data": ""}


def test_a_body_over_the_cap_is_refused(client: Client) -> None:
    answer = client.lgsp("POST", BIRTHS, data=b"x" * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
