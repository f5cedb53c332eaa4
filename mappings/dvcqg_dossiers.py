"""Dossiers filed on the national portal (``LayDanhSachHoSo``): the portal's own shape read back, the inverse of ``portal_dossier``."""

from typing import Any

from mappings.apply import Each, Map, Mapping, Whole
from mappings.canonical import DOSSIER
from mappings.codes import applicant_kind, channel, dossier_status, flag, integer, payment, place, reuse
from mappings.contact import email, phone
from mappings.dates import compact_moment
from mappings.identifiers import agency_code, dossier_code, old_id_number, personal_number, procedure_code
from mappings.motcua_dossiers import owner_name
from mappings.refusal import Refusal
from mappings.text import text

_KINDS = {"1": ("personal_number", personal_number), "2": ("old_id_number", old_id_number)}


def _identity(identities: list[Any]) -> tuple[str, str]:
    """(kind, number) of the first identity given."""
    one = next((one for one in identities if isinstance(one, dict) and one.get("SoDinhDanh")), None)
    return (str(one.get("LoaiDinhDanh") or ""), str(one["SoDinhDanh"])) if one else ("", "")


def identity_number(identities: list[Any]) -> str | None:
    """The owner's number by the rules of its kind: 1 personal number, 2 CMND."""
    kind, number = _identity(identities)
    if not number:
        return None
    if kind not in _KINDS:
        raise Refusal("code_unknown", "{} không phải loại số giấy tờ (1 hoặc 2)", "{} is not a kind of number (1 or 2)", value=kind or "—")
    return _KINDS[kind][1](number)


def identity_kind(identities: list[Any]) -> str | None:
    """personal_number or old_id_number; an unknown kind is told with the number."""
    kind, _ = _identity(identities)
    return _KINDS[kind][0] if kind in _KINDS else None


PORTAL_DOSSIERS = Mapping(
    id="portal_dossiers",
    entity=DOSSIER,
    system="dvcqg",
    dataset="LayDanhSachHoSo",
    vi="Hồ sơ nộp trên Cổng dịch vụ công quốc gia",
    en="Dossiers filed on the national portal",
    agency="G22",
    legal_basis="NĐ 118/2025/NĐ-CP; QCVN 120:2019",
    key=("MaHoSo",),
    moment="NgayCapNhat",
    moment_form=compact_moment,
    alike=frozenset({"channel"}),
    fields=(
        Map("code", "MaHoSo", dossier_code, required=True),
        Map("procedure_code", "MaTTHC", procedure_code, required=True),
        Map("procedure_name", "TenTTHC", text),
        Map("sector_code", "MaLinhVuc", text),
        Map("sector_name", "TenLinhVuc", text),
        Map("channel", "KenhThucHien", channel),
        Map("applicant_kind", "LoaiDoiTuong", applicant_kind),
        Map("applicant_name", ("ChuHoSo", "LoaiDoiTuong"), owner_name, required=True),
        Map("applicant_number", "DinhDanhCHS", Whole(identity_number)),
        Map("applicant_number_kind", "DinhDanhCHS", Whole(identity_kind)),
        Map("phone", "SoDienThoai", phone),
        Map("email", "Email", email),
        Map("summary", "TrichYeuHoSo", text),
        Map("place", "NoiNopHoSo", place),
        Map("handling_agency", "DonViXuLy", agency_code),
        Map("submitted_at", "NgayNopHoSo", compact_moment),
        Map("received_at", "NgayTiepNhan", compact_moment),
        Map("due_at", "NgayHenTra", compact_moment),
        Map("finished_at", "NgayKetThucXuLy", compact_moment),
        Map("returned_at", "NgayTra", compact_moment),
        Map("refused_at", "NgayTuChoi", compact_moment),
        Map("status", "TrangThaiHoSo", dossier_status, required=True),
        Map("eid_verified", "TaiKhoanDuocXacThucVoiVNeID", flag),
        Map("online_payment", "DuocThanhToanTrucTuyen", payment),
        Map(
            "components",
            "TaiLieuNop",
            Each(
                (
                    Map("code", "MaThanhPhanHoSo", text, required=True),
                    Map("name", "TenTepDinhKem", text),
                    Map("file_id", "TepDinhKemId", text),
                    Map("path", "DuongDanTaiTepTin", text),
                    Map("digitised", "DuocSoHoa", flag),
                    Map("reused", "DuocTaiSuDung", reuse),
                    Map("national_store", "DuocLayTuKhoDMQG", flag),
                    Map("replaced_by", "MaKetQuaThayThe", text),
                ),
                ignored=("IsDeleted",),
            ),
        ),
        Map(
            "fees",
            "DanhSachLePhi",
            Each(
                (
                    Map("code", "MaPhiLePhi", text, required=True),
                    Map("name", "TenPhiLePhi", text),
                    Map("method", "HinhThucThu", text),
                    Map("amount", "Gia", integer),
                    Map("kind", "LoaiPhiLePhi", text),
                )
            ),
        ),
        Map(
            "results",
            "DanhSachGiayToKetQua",
            Each(
                (
                    Map("code", "MaGiayToKetQua", text, required=True),
                    Map("name", "TenGiayTo", text),
                    Map("component_code", "MaThanhPhanHoSo", text),
                    Map("document_id", "GiayToId", text),
                    Map("path", "DuongDanTepTinKetQua", text),
                )
            ),
        ),
        Map("linked_databases", "DSKetNoiCSDL", Each((Map("code", "MaCSDL", text, required=True),))),
    ),
    ignored=(
        "SoGiayToChuHoSo",
        "MaDoiTuong",
        "ThongTinKhac",
        "Fax",
        "ThongTinTra",
        "HinhThuc",
        "GhiChu",
        "HoSoCoThanhPhanSoHoa",
        "DanhSachTepDinhKemKhac",
        "DanhSachHoSoBoSung",
        "NguonCapNhat",
    ),
    sample={
        "MaHoSo": "H05.16-261102-9012",
        "MaTTHC": "1.001193",
        "TenTTHC": "Đăng ký khai sinh",
        "MaLinhVuc": "G15-TP110",
        "TenLinhVuc": "Hộ tịch",
        "KenhThucHien": "2",
        "ChuHoSo": "NGUYỄN VĂN MẪU",
        "LoaiDoiTuong": "1",
        "Email": "mau@example.com",
        "SoDienThoai": "0912000125",
        "TrichYeuHoSo": "Đăng ký khai sinh cho con",
        "NgayTiepNhan": "",
        "NgayHenTra": "",
        "TrangThaiHoSo": "1",
        "NgayTra": "",
        "NgayKetThucXuLy": "",
        "DonViXuLy": "H05.16",
        "NoiNopHoSo": "1",
        "TaiKhoanDuocXacThucVoiVNeID": "1",
        "DuocThanhToanTrucTuyen": "0",
        "NgayTuChoi": "",
        "NgayNopHoSo": "20261102081500",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "024094000125"}],
        "DSKetNoiCSDL": [{"MaCSDL": "1"}],
        "TaiLieuNop": [
            {
                "TepDinhKemId": "T1",
                "TenTepDinhKem": "Giấy chứng sinh",
                "IsDeleted": "False",
                "MaThanhPhanHoSo": "TP.001193.01",
                "DuongDanTaiTepTin": "/kho/T1",
                "DuocSoHoa": "1",
                "DuocTaiSuDung": "0",
                "DuocLayTuKhoDMQG": "0",
                "MaKetQuaThayThe": "",
            }
        ],
        "DanhSachLePhi": [],
        "DanhSachGiayToKetQua": [],
        "NgayCapNhat": "20261102081500",
    },
)
