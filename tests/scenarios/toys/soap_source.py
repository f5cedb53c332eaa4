"""A SOAP source as an IT officer adds it: land owners, document/literal, WSDL pinned beside it."""

from datetime import timedelta
from pathlib import Path

from lxml import etree

from connectors.contract import Contract
from connectors.page import Cursor, Endpoint, Source
from connectors.paging import PageNumber, Seen
from connectors.soap import SoapSource
from connectors.transport import Transport
from include.flows import Flow, since
from mappings.apply import Map, Mapping
from mappings.canonical import PERSON
from mappings.dates import compact_date, iso_moment
from mappings.identifiers import personal_number
from mappings.text import person_name

OWNERS = Mapping(
    id="owners",
    entity=PERSON,
    system="datdai",
    dataset="ChuSuDung",
    vi="Chủ sử dụng đất",
    en="Land owners",
    agency="Sở Nông nghiệp và Môi trường",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5",
    key=("ma",),
    moment="capNhat",
    moment_form=iso_moment,
    fields=(
        Map("personal_number", "cccd", personal_number),
        Map("full_name", "hoTen", person_name, required=True),
        Map("birth_date", "ngaySinh", compact_date),
    ),
    sample={"ma": "D1", "cccd": "024085000126", "hoTen": "LÊ VĂN MẪU", "ngaySinh": "19850409", "capNhat": "2026-11-01T08:00:00+07:00"},
)


def owners(endpoint: Endpoint) -> Source:
    """``DanhSachChu`` by page number."""

    def arguments(cursor: Cursor) -> dict[str, int]:
        return {"trang": cursor["page"]}

    def seen(root: etree._Element, rows: int) -> Seen:
        return Seen(rows, total=int(root.findtext("{*}tong") or 0))

    contract = Contract("owners.wsdl", Path(__file__).parent)
    return SoapSource(endpoint, contract, "DanhSachChu", "chu", arguments, seen, PageNumber(100), Transport(contract.verdict({})))


FLOW = Flow("owners", "datdai", OWNERS, owners, start=since(2026, 1, 1), overlap=timedelta(minutes=10), schedule="0 5 * * *", owner="so-nnmt")
