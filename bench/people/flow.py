"""The flow of the bench: the same mapping, contract, suite and golden person as the hub's own flows, under the trust of ``bhxh``."""

from datetime import timedelta

from connectors.page import Cursor, Endpoint, Source
from connectors.paging import PageNumber
from connectors.rest import JsonRecords, RestSource
from connectors.transport import Request, Transport
from include.flows import Flow, since
from mappings.apply import Map, Mapping
from mappings.canonical import PERSON
from mappings.codes import bhxh_sex, ethnicity, nationality
from mappings.contact import phone
from mappings.dates import iso_moment, vn_partial
from mappings.identifiers import insurance_number, old_id_number, personal_number
from mappings.text import person_name, text
from mappings.units import current_commune

PEOPLE = Mapping(
    id="people",
    entity=PERSON,
    system="bhxh",
    dataset="nguoiDan",
    vi="Người dân (đo tốc độ)",
    en="People (benchmark)",
    agency="G24",
    legal_basis="bench",
    key=("ma",),
    moment="cap_nhat",
    moment_form=iso_moment,
    fields=(
        Map("personal_number", "so_dinh_danh", personal_number),
        Map("old_id_number", "so_cmnd", old_id_number),
        Map("insurance_number", "so_bhxh", insurance_number),
        Map("full_name", "ho_ten", person_name, required=True),
        Map("birth_date", "ngay_sinh", vn_partial),
        Map("sex", "gioi_tinh", bhxh_sex),
        Map("ethnicity", "dan_toc", ethnicity),
        Map("nationality", "quoc_tich", nationality),
        Map("commune_code", "dia_chi.ma_xa", lambda code: current_commune(code, None)),
        Map("address", ("dia_chi.so_nha", "dia_chi.duong"), lambda house, road: text(f"{house or ''} {road or ''}")),
        Map("phone", "dien_thoai", phone),
        Map("mother_name", "ten_me", person_name),
        Map("father_name", "ten_cha", person_name),
    ),
    ignored=("dia_chi.ten_xa", "dia_chi.ma_tinh"),
)


def people(endpoint: Endpoint) -> Source:
    """``/nguoi-dan?trang=``."""

    def request(cursor: Cursor) -> Request:
        return Request("GET", f"{endpoint.url}/nguoi-dan", params={"trang": str(cursor["page"])})

    return RestSource(Transport(), request, PageNumber(1000), JsonRecords("du_lieu", total="tong"))


FLOW = Flow("people", "people", PEOPLE, people, since(2026, 1, 1), timedelta(minutes=10), "0 3 * * *", "bench")
