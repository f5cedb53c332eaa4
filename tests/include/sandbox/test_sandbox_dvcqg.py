"""The national portal behind its adapter, as docs/systems.md says."""

from typing import Any

import pytest

from include.sandbox.run import Running, start
from tests.include.sandbox.conftest import DVCQG, Client

DOSSIER: dict[str, Any] = {
    "MaHoSo": "H05.16-261102-0012",
    "MaTTHC": "1.001193",
    "TenTTHC": "Thủ tục đăng ký khai sinh",
    "KenhThucHien": "2",
    "ChuHoSo": "Nguyễn Văn Mẫu",
    "LoaiDoiTuong": "1",
    "NgayNopHoSo": "20261102081500",
    "NgayTiepNhan": "20261102090000",
    "NgayHenTra": "20261105170000",
    "NgayKetThucXuLy": "20261104100000",
    "NgayTra": "",
    "TrangThaiHoSo": "9",
    "DonViXuLy": "H05.16",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "024094000125"}],
    "TaiLieuNop": [],
}
STEP = {"MaHoSo": DOSSIER["MaHoSo"], "NguoiXuLy": "Cán bộ Một", "ThoiDiemXuLy": "20261102090000", "TrangThai": "2", "NoiDungXuLy": "Tiếp nhận"}


def numbered(number: int, **changes: Any) -> dict[str, Any]:
    return DOSSIER | {"MaHoSo": f"H05.16-261102-{number:04d}"} | changes


def push(client: Client, *dossiers: dict[str, Any], updating: bool = False) -> dict[str, Any]:
    return client.service("p", "DongBoHoSoMC", isUpdating=str(updating), data=list(dossiers))


def held(client: Client, kind: str = "dossiers") -> int:
    return int(client.door("dvcqg", "GET", f"records/{kind}")["total"])


def test_a_wrong_password_is_http_200_and_minus_1(client: Client) -> None:
    assert client.portal("login", {"username": "sandbox-dvcqg", "password": "wrong"}) == {
        "error_code": "-1",
        "message": "Sai tài khoản hoặc mật khẩu",
    }


def test_an_unknown_session_is_minus_2(client: Client) -> None:
    answer = client.service("g", "TraCuuHoSo", session="nonsense", mahoso="x")
    assert answer == {"error_code": "-2", "message": "Phiên làm việc không hợp lệ"}


def test_a_session_expires(running: Running) -> None:
    with start(running.state.parent / "short-session", session_seconds=0.0) as short:
        client = Client(short)
        answer = client.service("g", "TraCuuHoSo", mahoso="x")
        client.http.close()
    assert answer["error_code"] == "-2"


def test_a_dossier_is_taken_and_found_just_as_it_was_sent(client: Client) -> None:
    assert push(client, DOSSIER)["error_code"] == 0
    assert client.service("g", "TraCuuHoSo", mahoso=DOSSIER["MaHoSo"]) == {"error_code": "00", "message": "", "result": [DOSSIER]}


def test_an_unknown_dossier_is_an_empty_result(client: Client) -> None:
    assert client.service("g", "TraCuuHoSo", mahoso="H05.16-261102-9999")["result"] == []


def test_a_new_dossier_that_exists_is_minus_3(client: Client) -> None:
    push(client, DOSSIER)
    answer = push(client, DOSSIER)
    assert answer["error_code"] == "-3"
    assert DOSSIER["MaHoSo"] in answer["message"]


def test_an_update_of_a_dossier_that_does_not_exist_is_minus_4(client: Client) -> None:
    assert push(client, DOSSIER, updating=True)["error_code"] == "-4"


def test_an_update_replaces_the_dossier(client: Client) -> None:
    push(client, DOSSIER)
    later = DOSSIER | {"TrangThaiHoSo": "10", "NgayTra": "20261105080000"}
    assert push(client, later, updating=True)["error_code"] == 0
    assert client.service("g", "TraCuuHoSo", mahoso=DOSSIER["MaHoSo"])["result"] == [later]


@pytest.mark.parametrize(
    "change",
    [
        {"MaHoSo": "HS-1"},
        {"MaHoSo": "H05.16-261302-0001"},
        {"MaTTHC": "1-001193"},
        {"TrangThaiHoSo": "42"},
        {"TrangThaiHoSo": "10"},
        {"TrangThaiHoSo": 9},
        {"KenhThucHien": "9"},
        {"ChuHoSo": ""},
        {"DonViXuLy": "BN"},
        {"NgayTiepNhan": "20261101000000"},
        {"NgayKetThucXuLy": "20261102085959"},
        {"NgayHenTra": "20261101170000"},
        {"NgayTiepNhan": "02/11/2026"},
        {"NgayTiepNhan": "20261302090000"},
        {"TrichYeuHoSo": "x" * 1001},
        {"KhongCo": ""},
        {"DinhDanhCHS": [{"SoDinhDanh": 1}]},
        {"TaiLieuNop": "x"},
    ],
)
def test_a_dossier_the_portal_will_not_take_is_minus_5(client: Client, change: dict[str, Any]) -> None:
    assert push(client, DOSSIER | change)["error_code"] == "-5"
    assert held(client) == 0


def test_a_batch_with_one_bad_dossier_changes_nothing(client: Client) -> None:
    answer = push(client, numbered(1), numbered(2, TrangThaiHoSo="42"), numbered(3, ChuHoSo=""))
    assert answer["error_code"] == "-5"
    assert "0002" in answer["message"]
    assert "0003" not in answer["message"]
    assert held(client) == 0


def test_a_batch_holds_at_most_50(client: Client) -> None:
    assert push(client, *(numbered(i) for i in range(1, 51)))["error_code"] == 0
    assert push(client, *(numbered(i) for i in range(51, 102)))["error_code"] == "-5"
    assert held(client) == 50


def test_the_same_step_again_is_ignored(client: Client) -> None:
    push(client, DOSSIER)
    for _ in range(2):
        assert client.service("p", "CapNhatTienDoHoSoMC", data=[STEP, STEP | {"TrangThai": "4"}])["error_code"] == 0
    assert held(client, "progress") == 2


def test_progress_of_an_unknown_dossier_is_minus_4(client: Client) -> None:
    assert client.service("p", "CapNhatTienDoHoSoMC", data=[STEP])["error_code"] == "-4"


@pytest.mark.parametrize("data", [[], [STEP] * 11, [STEP | {"TrangThai": "11"}], [STEP | {"NguoiXuLy": "x" * 51}], [STEP | {"X": "1"}], ["x"]])
def test_progress_out_of_bounds_is_minus_5(client: Client, data: list[Any]) -> None:
    push(client, DOSSIER)
    assert client.service("p", "CapNhatTienDoHoSoMC", data=data)["error_code"] == "-5"


def test_catalogues_answer_in_uppercase(client: Client) -> None:
    procedure = client.service("g", "LayThuTuc", maTTHC="1.001193")["result"][0]
    agencies = client.service("g", "LayDanhMucCoQuan")["result"]
    assert procedure["TENTTHC"] == "Thủ tục đăng ký khai sinh"
    assert all(key.isupper() for key in [*procedure, *agencies[0]])


def test_the_adapter_wants_to_know_whom_it_forwards_to(client: Client) -> None:
    assert client.portal("login", {}, dstcode="VN:somebody-else")["error_code"] == "-9"


def test_the_destination_may_come_as_a_query_parameter(client: Client) -> None:
    url = client.running.endpoints["dvcqg"] + DVCQG + "login"
    body = {"username": "x", "password": "y"}
    answer = client.http.post(url, params={"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"}, json=body, timeout=10)
    assert answer.json()["error_code"] == "-1"


def test_what_was_filed_on_the_portal_is_listed_by_time_of_change(client: Client) -> None:
    window = {"tuNgay": "20241101000000", "denNgay": "20261123000000", "soLuong": 20}
    first, second = (client.service("g", "LayDanhSachHoSo", trang=page, **window) for page in (1, 2))
    moments = [row["NgayCapNhat"] for row in first["result"] + second["result"]]
    assert moments == sorted(moments)
    assert first["tongSo"] == second["tongSo"] > 20
    assert {row["TrangThaiHoSo"] for row in first["result"]} == {"1"}
    assert client.service("g", "LayDanhSachHoSo", trang=1, **(window | {"soLuong": 101}))["error_code"] == "-5"


def test_a_filed_dossier_is_held_and_what_an_agency_writes_to_it_is_its_present_copy(client: Client) -> None:
    window = {"tuNgay": "20241101000000", "denNgay": "29991231000000", "soLuong": 100}
    filed = client.service("g", "LayDanhSachHoSo", trang=1, **window)["result"][0]
    assert client.service("g", "TraCuuHoSo", mahoso=filed["MaHoSo"])["result"] == [filed]
    written = {name: value for name, value in filed.items() if name not in {"NgayCapNhat", "NguonCapNhat"}} | {"TrichYeuHoSo": "Đã bổ sung"}
    assert client.service("p", "DongBoHoSoMC", isUpdating="False", data=[written])["error_code"] == "-3"
    assert client.service("p", "DongBoHoSoMC", isUpdating="True", data=[written])["error_code"] == 0
    now = client.service("g", "TraCuuHoSo", mahoso=filed["MaHoSo"])["result"][0]
    assert (now["TrichYeuHoSo"], now["NguonCapNhat"]) == ("Đã bổ sung", "2")
    assert now["NgayCapNhat"] > filed["NgayCapNhat"]
