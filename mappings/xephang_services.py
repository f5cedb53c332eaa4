"""Queue tickets and satisfaction answers of the one-stop centres, through the LGSP (``apiXepHang``)."""

from mappings.apply import Map, Mapping
from mappings.canonical import QUEUE_TICKET, SURVEY_ANSWER
from mappings.codes import flag, integer, survey_channel, ticket_status
from mappings.dates import iso_moment
from mappings.identifiers import agency_code, dossier_code, procedure_code
from mappings.refusal import Refusal
from mappings.text import text

_LAW = "NĐ 118/2025/NĐ-CP; QĐ 766/QĐ-TTg; QĐ 717/QĐ-UBND"


def score(value: str | None) -> int | None:
    """One to five."""
    found = integer(value)
    if found is None or 1 <= found <= 5:
        return found
    raise Refusal("score_out_of_range", "{} không phải điểm từ 1 đến 5", "{} is not a score from 1 to 5", value=value)


TICKETS = Mapping(
    id="tickets",
    entity=QUEUE_TICKET,
    system="xephang",
    dataset="luotGiaoDich",
    vi="Lượt giao dịch của hệ thống xếp hàng",
    en="Tickets of the queue system",
    agency="H05",
    legal_basis=_LAW,
    key=("maLuot",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("code", "maLuot", text, required=True),
        Map("agency", "maCoQuan", agency_code, required=True),
        Map("desk", "quay", text),
        Map("procedure_code", "maTTHC", procedure_code),
        Map("dossier_code", "maHoSo", dossier_code),
        Map("taken_at", "layLuc", iso_moment, required=True),
        Map("called_at", "goiLuc", iso_moment),
        Map("finished_at", "xongLuc", iso_moment),
        Map("status", "trangThai", ticket_status, required=True),
    ),
    sample={
        "maLuot": "H05.16-261102-A0012",
        "maCoQuan": "H05.16",
        "quay": "A",
        "maTTHC": "1.001193",
        "maHoSo": "H05.16-261102-0012",
        "layLuc": "2026-11-02T08:01:00+07:00",
        "goiLuc": "2026-11-02T08:12:00+07:00",
        "xongLuc": "2026-11-02T08:20:00+07:00",
        "trangThai": "3",
        "capNhatLuc": "2026-11-02T08:20:00+07:00",
    },
)
ANSWERS = Mapping(
    id="surveys",
    entity=SURVEY_ANSWER,
    system="xephang",
    dataset="phieuDanhGia",
    vi="Phiếu đánh giá mức độ hài lòng tại bộ phận một cửa",
    en="Satisfaction answers of the one-stop centres",
    agency="H05",
    legal_basis=_LAW,
    key=("maPhieu",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("code", "maPhieu", text, required=True),
        Map("agency", "maCoQuan", agency_code, required=True),
        Map("procedure_code", "maTTHC", procedure_code),
        Map("dossier_code", "maHoSo", dossier_code),
        Map("score", "diem", score, required=True),
        Map("complaint", "coPhanAnh", flag),
        Map("channel", "kenh", survey_channel),
        Map("answered_at", "traLoiLuc", iso_moment, required=True),
    ),
    ignored=("yKien",),
    sample={
        "maPhieu": "DG-H05.16-261102-0012",
        "maCoQuan": "H05.16",
        "maTTHC": "1.001193",
        "maHoSo": "H05.16-261102-0012",
        "diem": "5",
        "coPhanAnh": "0",
        "kenh": "1",
        "yKien": "",
        "traLoiLuc": "2026-11-03T09:00:00+07:00",
        "capNhatLuc": "2026-11-03T09:00:00+07:00",
    },
)
