import pytest

from mappings.apply import apply
from mappings.catalogue import MAPPINGS
from mappings.dvcqg_dossiers import PORTAL_DOSSIERS
from mappings.motcua_citizen import cong_dan
from mappings.motcua_dossiers import DOSSIERS
from mappings.motcua_enterprise import doanh_nghiep
from mappings.onestop_dossier import ho_so_mot_cua
from mappings.portal_dossier import ho_so, home_phone, tien_do


def golden(dataset: str) -> dict:
    columns = apply(MAPPINGS[dataset], [dict(MAPPINGS[dataset].sample)]).columns
    return {name: values[0] for name, values in columns.items()}


SAME_ON_BOTH_SIDES = {
    "MaHoSo": "maHoSo",
    "MaTTHC": "maTTHC",
    "TenTTHC": "tenTTHC",
    "MaLinhVuc": "maLinhVuc",
    "KenhThucHien": "kenhThucHien",
    "LoaiDoiTuong": "loaiDoiTuong",
    "NgayNopHoSo": "ngayNop",
    "NgayTiepNhan": "ngayTiepNhan",
    "NgayHenTra": "ngayHenTra",
    "NgayKetThucXuLy": "ngayKetThucXuLy",
    "NgayTra": "ngayTra",
    "NgayTuChoi": "ngayTuChoi",
    "TrangThaiHoSo": "trangThai",
    "NoiNopHoSo": "noiNop",
    "TaiKhoanDuocXacThucVoiVNeID": "xacThucVNeID",
    "DuocThanhToanTrucTuyen": "thanhToanTrucTuyen",
    "SoDienThoai": "soDienThoai",
    "Email": "email",
    "TrichYeuHoSo": "trichYeu",
}


def test_portal_is_told_what_the_one_stop_system_said():
    wire, sample = ho_so(golden("dossiers")), MAPPINGS["dossiers"].sample
    assert {name: wire[name] for name in SAME_ON_BOTH_SIDES} == {name: sample[source] for name, source in SAME_ON_BOTH_SIDES.items()}
    assert wire["DinhDanhCHS"] == [{"LoaiDinhDanh": "1", "SoDinhDanh": "024094000125"}]
    assert wire["DSKetNoiCSDL"] == [{"MaCSDL": "1"}]
    assert wire["HoSoCoThanhPhanSoHoa"] == "1"
    assert wire["TaiLieuNop"][0]["DuocSoHoa"] == "1"
    assert wire["DanhSachLePhi"][0]["Gia"] == "8000"
    assert wire["DonViXuLy"] == "H05.31.07"


def test_portal_gets_empty_texts_for_what_is_not_known():
    wire = ho_so({"code": "H05.16-261102-0012", "procedure_code": "1.001193"})
    said = {name for name, value in wire.items() if value not in ("", [])}
    assert said == {"MaHoSo", "MaTTHC"}


def test_every_leaf_sent_to_the_portal_is_text():
    def check(value):
        if isinstance(value, dict):
            [check(inner) for inner in value.values()]
        elif isinstance(value, list):
            [check(inner) for inner in value]
        else:
            assert isinstance(value, str)

    check(ho_so(golden("dossiers")))
    check(tien_do(golden("dossiers")))


def test_no_component_digitised_is_said_so():
    assert ho_so({**golden("dossiers"), "components": []})["HoSoCoThanhPhanSoHoa"] == "0"


def test_tax_code_is_not_passed_off_as_a_personal_number():
    assert ho_so({**golden("dossiers"), "applicant_number": "2400000128", "applicant_number_kind": "tax_code"})["DinhDanhCHS"] == []


def test_progress_has_one_item_per_step_and_invents_none():
    steps = golden("dossiers")["steps"]
    dossier = {"code": "c", "steps": [*steps, {**steps[0], "at": None}]}
    assert [(one["MaHoSo"], one["ThoiDiemXuLy"], one["TrangThai"]) for one in tien_do(dossier)] == [("c", "20261104100000", "9")]
    assert tien_do({"code": "c", "steps": None}) == []


@pytest.mark.parametrize(("number", "dialled"), [("+84912000126", "0912000126"), ("+842223822000", "02223822000"), (None, "")])
def test_phone_is_dialled_at_home(number, dialled):
    assert home_phone(number) == dialled


def test_citizen_item_has_what_is_known_in_the_order_of_the_schema():
    assert list(cong_dan(golden("insurance"), "r1").items()) == [
        ("maThamChieu", "r1"),
        ("soDinhDanh", "024085000126"),
        ("hoTen", "Lê Văn Mẫu"),
        ("ngaySinh", "19850409"),
        ("gioiTinh", "1"),
        ("danToc", "01"),
        ("maXa", "07210"),
        ("diaChi", "Số 3 đường Mẫu"),
        ("dienThoai", "0912000126"),
    ]


@pytest.mark.parametrize(("known", "sent"), [("1985", "1985"), ("1985-04", "198504"), ("1985-04-09", "19850409")])
def test_unknown_day_of_birth_is_never_filled_in(known, sent):
    assert cong_dan({"full_name": "An", "birth_date": known}, "r") == {"maThamChieu": "r", "hoTen": "An", "ngaySinh": sent}


def test_enterprise_item_has_what_is_known_in_the_order_of_the_schema():
    assert list(doanh_nghiep({**golden("enterprises"), "tax_code": "2400000128001"}, "r2").items()) == [
        ("maThamChieu", "r2"),
        ("maSoThue", "2400000128-001"),
        ("ten", "CÔNG TY TNHH MTV MẪU THỬ"),
        ("loaiHinh", "Công ty TNHH một thành viên"),
        ("tinhTrang", "Đang hoạt động"),
        ("maXa", "07210"),
        ("diaChi", "Số 12 đường Mẫu"),
        ("nguoiDaiDien", "Nguyễn Văn A"),
        ("ngayThanhLap", "20150312"),
    ]


def test_a_dossier_survives_the_way_to_the_one_stop_system_and_back() -> None:
    rich = DOSSIERS.sample | {
        "boSung": [{"boSungId": "BS1", "nguoiYeuCau": "A", "noiDung": "B", "ngayYeuCau": "20261103080000", "trangThai": "1"}],
        "loaiDinhDanh": "1",
    }
    for row in (rich, PORTAL_DOSSIERS.sample):
        mapping = DOSSIERS if row is rich else PORTAL_DOSSIERS
        known = {name: column[0] for name, column in apply(mapping, [row]).columns.items()}
        back = apply(DOSSIERS, [ho_so_mot_cua(known) | {"capNhatLuc": "2026-11-04T10:00:00+07:00"}])
        assert not back.issues
        told = {name: column[0] for name, column in back.columns.items() if not name.startswith("source_")}
        assert {name: value or None for name, value in told.items()} == {name: known[name] or None for name in told}
