"""A REST source as an IT officer adds it: vaccination register, JSON, pages by number."""

from datetime import timedelta

from connectors.auth import Basic
from connectors.page import Cursor, Endpoint, Source
from connectors.paging import PageNumber
from connectors.rest import JsonRecords, RestSource
from connectors.transport import Request, Transport
from include.flows import Flow, since
from mappings.apply import Map, Mapping
from mappings.canonical import PERSON
from mappings.codes import hotich_sex
from mappings.dates import iso_moment, vn_partial
from mappings.identifiers import personal_number
from mappings.text import person_name

VACCINATIONS = Mapping(
    id="vaccinations",
    entity=PERSON,
    system="yte",
    dataset="tiemChung",
    vi="Người đã tiêm chủng",
    en="People vaccinated",
    agency="Sở Y tế",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5",
    key=("ma",),
    moment="capNhat",
    moment_form=iso_moment,
    fields=(
        Map("personal_number", "cccd", personal_number),
        Map("full_name", "hoTen", person_name, required=True),
        Map("birth_date", "ngaySinh", vn_partial),
        Map("sex", "gioiTinh", hotich_sex),
    ),
    sample={
        "ma": "V1",
        "cccd": "024085000126",
        "hoTen": "LÊ VĂN MẪU",
        "ngaySinh": "09/04/1985",
        "gioiTinh": "1",
        "capNhat": "2026-11-01T08:00:00+07:00",
    },
)


def vaccinations(endpoint: Endpoint) -> Source:
    """``/tiem-chung?trang=``."""

    def request(cursor: Cursor) -> Request:
        return Request("GET", f"{endpoint.url}/tiem-chung", params={"trang": str(cursor["page"]), "tu": cursor["since"]})

    return RestSource(Transport(auth=Basic(endpoint)), request, PageNumber(2), JsonRecords("duLieu", total="tong"))


FLOW = Flow(
    "vaccinations",
    "yte",
    VACCINATIONS,
    vaccinations,
    start=since(2026, 1, 1),
    overlap=timedelta(minutes=10),
    schedule="0 4 * * *",
    owner="so-y-te",
)
