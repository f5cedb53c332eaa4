"""Dossiers of the electronic one-stop system (SOAP ``DanhSachHoSoThayDoi``)."""

from mappings.apply import Each, Map, Mapping
from mappings.canonical import DOSSIER
from mappings.codes import applicant_kind, channel, dossier_status, flag, integer, payment, place, reuse
from mappings.contact import email, phone
from mappings.dates import compact_moment, iso_moment
from mappings.identifiers import agency_code, compact, dossier_code, old_id_number, personal_number, procedure_code, tax_code
from mappings.memo import reading
from mappings.refusal import Refusal
from mappings.text import clean, organisation_name, person_name, text
from mappings.units import current_commune, in_force, known

_ENTERPRISE = "2"
_BY_KIND = {"personal_number": personal_number, "old_id_number": old_id_number, "tax_code": tax_code}
_KIND_OF_CODE = {"1": "personal_number", "2": "old_id_number", "3": "tax_code"}
_KIND_OF_LENGTH = {9: "old_id_number", 12: "personal_number"}


def owner_name(name: str | None, kind: str | None) -> str | None:
    """The dossier's owner: a citizen's name in display case, an organisation's as it writes it."""
    return person_name(name) if (kind or "").strip() == "1" else organisation_name(name)


def number_kind(applicant: str | None, kind: str | None, number: str | None) -> str | None:
    """What the owner's number is: by the declared kind; undeclared, a tax code for an enterprise, else by its length."""
    written = compact(number)
    if not written:
        return None
    declared = (kind or "").strip()
    if declared in _KIND_OF_CODE:
        return _KIND_OF_CODE[declared]
    if declared:
        raise Refusal("code_unknown", "{} không phải loại số giấy tờ (1, 2 hoặc 3)", "{} is not a kind of number (1, 2 or 3)", value=declared)
    return "tax_code" if (applicant or "").strip() == _ENTERPRISE else _KIND_OF_LENGTH.get(len(written), "personal_number")


def owner_number(applicant: str | None, kind: str | None, number: str | None) -> str | None:
    """The owner's number, by the rules of its kind; of an undeclared kind nothing is taken (``number_kind`` reports it)."""
    try:
        known = number_kind(applicant, kind, number)
    except Refusal:
        return None
    return _BY_KIND[known](number) if known else None


@reading(None, in_force(compact_moment), in_force(iso_moment))
def commune_filed(code: str | None, filed: str | None, changed: str | None) -> str | None:
    """The commune of the matter, by the list in force when the dossier was filed."""
    return current_commune(clean(code or ""), known(filed) or known(changed))


COMPONENT = Each(
    (
        Map("code", "maThanhPhan", text, required=True),
        Map("name", "tenGiayTo", text),
        Map("file_id", "tepId", text),
        Map("path", "duongDan", text),
        Map("digitised", "duocSoHoa", flag),
        Map("reused", "duocTaiSuDung", reuse),
        Map("national_store", "layTuKhoDMQG", flag),
        Map("replaced_by", "maKetQuaThayThe", text),
    )
)
STEP = Each(
    (
        Map("at", "thoiDiem", compact_moment, required=True),
        Map("status", "trangThai", dossier_status, required=True),
        Map("handler", "nguoiXuLy", text),
        Map("title", "chucDanh", text),
        Map("unit", "phongBan", text),
        Map("note", "noiDung", text),
        Map("started_at", "batDau", compact_moment),
        Map("due_at", "hanQuyDinh", compact_moment),
    )
)
FEE = Each(
    (
        Map("code", "maPhi", text, required=True),
        Map("name", "tenPhi", text),
        Map("method", "hinhThucThu", text),
        Map("amount", "gia", integer),
        Map("kind", "loaiPhi", text),
    )
)
SUPPLEMENT = Each(
    (
        Map("id", "boSungId", text, required=True),
        Map("requested_by", "nguoiYeuCau", text),
        Map("content", "noiDung", text),
        Map("requested_at", "ngayYeuCau", compact_moment, required=True),
        Map("received_by", "nguoiTiepNhan", text),
        Map("received_at", "ngayTiepNhan", compact_moment),
        Map("status", "trangThai", text),
        Map("due_before", "henTraTruoc", compact_moment),
        Map("due_after", "henTraMoi", compact_moment),
    )
)
RESULT = Each(
    (
        Map("code", "maKetQua", text, required=True),
        Map("name", "tenGiayTo", text),
        Map("component_code", "maThanhPhan", text),
        Map("document_id", "giayToId", text),
        Map("path", "duongDan", text),
    )
)

DOSSIERS = Mapping(
    id="dossiers",
    entity=DOSSIER,
    system="motcua",
    dataset="DanhSachHoSoThayDoi",
    vi="Hồ sơ thủ tục hành chính từ hệ thống một cửa điện tử",
    en="Dossiers of the electronic one-stop system",
    agency="H05",
    legal_basis="NĐ 118/2025/NĐ-CP; TT 03/2025/TT-VPCP",
    key=("maHoSo",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("code", "maHoSo", dossier_code, required=True),
        Map("procedure_code", "maTTHC", procedure_code, required=True),
        Map("procedure_name", "tenTTHC", text),
        Map("sector_code", "maLinhVuc", text),
        Map("sector_name", "tenLinhVuc", text),
        Map("channel", "kenhThucHien", channel),
        Map("applicant_kind", "loaiDoiTuong", applicant_kind),
        Map("applicant_name", ("chuHoSo", "loaiDoiTuong"), owner_name, required=True),
        Map("applicant_number", ("loaiDoiTuong", "loaiDinhDanh", "soDinhDanh"), owner_number),
        Map("applicant_number_kind", ("loaiDoiTuong", "loaiDinhDanh", "soDinhDanh"), number_kind),
        Map("phone", "soDienThoai", phone),
        Map("email", "email", email),
        Map("summary", "trichYeu", text),
        Map("commune_code", ("maXa", "ngayNop", "capNhatLuc"), commune_filed),
        Map("place", "noiNop", place),
        Map("receiving_agency", "donViTiepNhan", agency_code),
        Map("handling_agency", "donViXuLy", agency_code),
        Map("submitted_at", "ngayNop", compact_moment),
        Map("received_at", "ngayTiepNhan", compact_moment),
        Map("due_at", "ngayHenTra", compact_moment),
        Map("finished_at", "ngayKetThucXuLy", compact_moment),
        Map("returned_at", "ngayTra", compact_moment),
        Map("refused_at", "ngayTuChoi", compact_moment),
        Map("status", "trangThai", dossier_status, required=True),
        Map("eid_verified", "xacThucVNeID", flag),
        Map("online_payment", "thanhToanTrucTuyen", payment),
        Map("components", "giayTo", COMPONENT),
        Map("steps", "quaTrinh", STEP),
        Map("fees", "lePhi", FEE),
        Map("supplements", "boSung", SUPPLEMENT),
        Map("results", "ketQua", RESULT),
        Map("linked_databases", "ketNoiCSDL", Each((Map("code", ".", text, required=True),))),
    ),
    sample={
        "maHoSo": "H05.16-261102-0012",
        "maTTHC": "1.001193",
        "tenTTHC": "Đăng ký khai sinh",
        "maLinhVuc": "G15-TP110",
        "tenLinhVuc": "Hộ tịch",
        "kenhThucHien": "2",
        "loaiDoiTuong": "1",
        "chuHoSo": "NGUYỄN VĂN MẪU",
        "loaiDinhDanh": "1",
        "soDinhDanh": "024094000125",
        "soDienThoai": "0912000125",
        "email": "mau@example.com",
        "trichYeu": "Đăng ký khai sinh cho con",
        "maXa": "07210",
        "noiNop": "1",
        "donViTiepNhan": "000.07.31.H05",
        "donViXuLy": "H05.31.07",
        "ngayNop": "20261102081500",
        "ngayTiepNhan": "20261102090000",
        "ngayHenTra": "20261105170000",
        "ngayKetThucXuLy": "20261104100000",
        "ngayTra": "",
        "ngayTuChoi": "",
        "trangThai": "9",
        "xacThucVNeID": "1",
        "thanhToanTrucTuyen": "1",
        "giayTo": [
            {
                "maThanhPhan": "KS01",
                "tenGiayTo": "Giấy chứng sinh",
                "tepId": "T1",
                "duongDan": "/kho/T1",
                "duocSoHoa": "1",
                "duocTaiSuDung": "0",
                "layTuKhoDMQG": "0",
            }
        ],
        "quaTrinh": [
            {
                "nguoiXuLy": "CÁN BỘ MẪU",
                "chucDanh": "Công chức",
                "thoiDiem": "20261104100000",
                "phongBan": "Tư pháp",
                "noiDung": "Hoàn thành",
                "trangThai": "9",
                "batDau": "20261102090000",
                "hanQuyDinh": "20261105170000",
            }
        ],
        "lePhi": [{"tenPhi": "Lệ phí hộ tịch", "maPhi": "LP01", "hinhThucThu": "1", "gia": "8000"}],
        "boSung": [],
        "ketQua": [{"tenGiayTo": "Giấy khai sinh", "giayToId": "G1", "duongDan": "/kho/G1", "maKetQua": "KQ01"}],
        "ketNoiCSDL": ["1"],
        "capNhatLuc": "2026-11-04T10:00:00+07:00",
    },
)
