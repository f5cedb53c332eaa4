"""How each system is asked: one function per dataset and per target, from an endpoint to a connector."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from lxml import etree

from connectors.auth import Basic
from connectors.contract import contract
from connectors.dialects import portal2025, wso2
from connectors.dialects.motcua import FAULTS as MOTCUA_FAULTS
from connectors.dialects.motcua import OnestopDossierSink, OnestopSink
from connectors.dialects.vdxp import Adapter, PortalSink
from connectors.dialects.xroad_soap import XroadSource
from connectors.errors import SessionExpired, SourceRefused, SourceUnavailable
from connectors.files import WAIT, FileSource, Table
from connectors.moments import stamp
from connectors.page import Cursor, Endpoint, Sink, Source
from connectors.paging import Links, Offset, PageNumber, Seen, Token, Whole, Windows
from connectors.rest import JsonRecords, RestSource, XmlInJson, both, refused_when
from connectors.soap import SoapSource, username_token
from connectors.tokens import ClientCredentials
from connectors.transport import Request, Transport
from include import encodings
from include.errors import SettingWrong

BHXH_FAULTS = {"XACTHUC": SessionExpired, "QUATAI": SourceUnavailable, "THAMSO": SourceRefused}


def registry_failed(envelope: dict[str, Any]) -> str:
    """The enterprise registry says no with HTTP 200 and ``Status`` 0."""
    return "" if str(envelope.get("Status")) == "1" else f"the enterprise registry refuses: {envelope.get('Message')}"


def civil_failed(envelope: dict[str, Any]) -> str:
    """Civil status says no with HTTP 200, ``status`` 0 and an ``errorCode``."""
    return "" if str(envelope.get("status")) == "1" else f"civil status refuses: {envelope.get('errorCode')} {envelope.get('message')}"


def enterprises(endpoint: Endpoint) -> Source:
    """``apiCSDLDKDN/danhSachHoSo``: amended enterprises, at most 5 days a window."""

    def request(cursor: Cursor) -> Request:
        window = {"from_date": cursor["from"], "to_date": cursor["to"], "offset": str(cursor["offset"]), "limit": "500"}
        return Request("GET", f"{endpoint.url}/apiCSDLDKDN/1.0/danhSachHoSo", params=window)

    transport = Transport(both(wso2.verdict, refused_when(registry_failed)), ClientCredentials(endpoint))
    return RestSource(transport, request, Windows(Offset(500), days=5), JsonRecords("Data", total="DataCount"))


def civil_status(module: str) -> Callable[[Endpoint], Source]:
    """``apiHoTichTuPhap/dsHoSoDangKy``: registrations of a module (LTKS births, LTKT deaths, LTKH marriages) changed between two days."""
    return lambda endpoint: _civil_status(endpoint, module)


def _civil_status(endpoint: Endpoint, module: str) -> Source:
    def request(cursor: Cursor) -> Request:
        body = {
            "maDonVi": 24,
            "module": module,
            "tuNgay": day(cursor["since"]),
            "denNgay": day(cursor["until"]),
            "trang": cursor["page"],
            "soLuong": 500,
        }
        url = f"{endpoint.url}/apiHoTichTuPhap/1.0/dsHoSoDangKy"
        return Request("POST", url, {"Content-Type": "application/json"}, body=msgspec.json.encode(body))

    transport = Transport(both(wso2.verdict, refused_when(civil_failed)), ClientCredentials(endpoint))
    return RestSource(transport, request, PageNumber(500), XmlInJson("data", total="tongSo"))


def households(endpoint: Endpoint) -> Source:
    """``apiHoKinhDoanh/danhSachHoKinhDoanh``: household businesses changed in a time, by page number."""
    return _numbered(endpoint, "apiHoKinhDoanh/1.0/danhSachHoKinhDoanh")


def services(dataset: str) -> Callable[[Endpoint], Source]:
    """``apiXepHang/luotGiaoDich`` and ``phieuDanhGia``: tickets and answers changed in a time, by page number."""
    return lambda endpoint: _numbered(endpoint, f"apiXepHang/1.0/{dataset}")


def _numbered(endpoint: Endpoint, path: str) -> Source:
    def request(cursor: Cursor) -> Request:
        query = {"tuThoiDiem": cursor["since"], "denThoiDiem": cursor["until"], "trang": str(cursor["page"]), "soLuong": "500"}
        return Request("GET", f"{endpoint.url}/{path}", params=query)

    transport = Transport(both(wso2.verdict, refused_when(paged_failed)), ClientCredentials(endpoint))
    return RestSource(transport, request, PageNumber(500), JsonRecords("data.items", total="data.total"))


def land(endpoint: Endpoint) -> Source:
    """``apiDatDai/danhSachGiayChungNhan``: certificates changed since a moment, by continuation token."""

    def request(cursor: Cursor) -> Request:
        body = {"tuThoiDiem": cursor["since"], "conTro": cursor["token"], "soLuong": 200}
        url = f"{endpoint.url}/apiDatDai/1.0/danhSachGiayChungNhan"
        return Request("POST", url, {"Content-Type": "application/json"}, body=msgspec.json.encode(body))

    transport = Transport(both(wso2.verdict, refused_when(land_failed)), ClientCredentials(endpoint))
    return RestSource(transport, request, Token(200), JsonRecords("ketQua", total="tongSo", following="conTroTiep"))


def papers(endpoint: Endpoint) -> Source:
    """``apiKhoGiayTo/giayTo``: papers changed in a time, by OData's next link, which must stay on the same host."""
    url = f"{endpoint.url}/apiKhoGiayTo/1.0/giayTo"

    def request(cursor: Cursor) -> Request:
        return Request("GET", url, params={"tu": stamp(cursor["since"]), "den": stamp(cursor["until"]), "$top": "500"})

    transport = Transport(wso2.verdict, ClientCredentials(endpoint))
    return RestSource(transport, request, Links(), JsonRecords("value", total="[@odata.count]", following="[@odata.nextLink]"))


def taxpayers(endpoint: Endpoint) -> Source:
    """X-Road service ``DanhSachNguoiNopThue``: taxpayers whose status changed in a time."""

    def arguments(cursor: Cursor) -> Mapping[str, Any]:
        since, until = datetime.fromisoformat(cursor["since"]), datetime.fromisoformat(cursor["until"])
        return {"tuThoiDiem": since, "denThoiDiem": until, "trang": cursor["page"], "soLuong": 1000}

    def seen(root: etree._Element, rows: int) -> Seen:
        return Seen(rows, total=int(root.findtext("{*}tongSo") or 0))

    return XroadSource(endpoint, contract("thue.wsdl"), "DanhSachNguoiNopThue", "nguoiNopThue", arguments, seen, PageNumber(1000))


def social(endpoint: Endpoint) -> Source:
    """Workbooks of the communes; CSV files of the same columns are read too: encoding and delimiter as the options say (UTF-8, semicolons).

    ``HUB_BTXH_WAIT``: seconds a file must have been unchanged before it is read.
    """
    options = dict(endpoint.options)
    text = encodings.reader(options.get("encoding", "utf-8"))
    wait = options.get("wait") or str(WAIT.seconds)
    if not wait.isdecimal():
        raise SettingWrong(f"HUB_BTXH_WAIT={wait}: cần số giây · a whole number of seconds is needed, such as {WAIT.seconds}")
    table = Table(header="Số hồ sơ", delimiter=options.get("delimiter", ";"), text=text)
    return FileSource(endpoint, table, timedelta(seconds=int(wait)))


def catalogue(service: str) -> Callable[[Endpoint], Source]:
    """A catalogue of the national portal, whole in one answer."""

    def source(endpoint: Endpoint) -> Source:
        adapter = Adapter(endpoint)
        return RestSource(adapter.transport, lambda _: adapter.request("g", service), Whole(), JsonRecords("result"))

    return source


def filed(endpoint: Endpoint) -> Source:
    """``LayDanhSachHoSo``: dossiers filed on the portal that changed in a time, by page number; in the portal's dialect of 2025/26 when the
    endpoint's option ``dialect`` says ``2025``.
    """
    if dict(endpoint.options).get("dialect") == "2025":
        return portal2025.filed(endpoint)
    adapter = Adapter(endpoint)

    def request(cursor: Cursor) -> Request:
        window = {"tuNgay": stamp(cursor["since"]), "denNgay": stamp(cursor["until"])}
        return adapter.request("g", "LayDanhSachHoSo", **window, trang=cursor["page"], soLuong=100)

    return RestSource(adapter.transport, request, PageNumber(100), JsonRecords("result", total="tongSo"))


def participants(endpoint: Endpoint) -> Source:
    """``DanhSachNguoiThamGia``: participants changed in a time, by page number."""

    def arguments(cursor: Cursor) -> Mapping[str, Any]:
        return {
            "tuThoiDiem": datetime.fromisoformat(cursor["since"]),
            "denThoiDiem": datetime.fromisoformat(cursor["until"]),
            "trang": cursor["page"],
            "soLuong": 1000,
        }

    def seen(root: etree._Element, rows: int) -> Seen:
        return Seen(rows, total=int(root.findtext("{*}tongSo") or 0))

    return SoapSource(
        endpoint,
        contract("bhxh.wsdl"),
        "DanhSachNguoiThamGia",
        "nguoiThamGia",
        arguments,
        seen,
        PageNumber(1000),
        Transport(contract("bhxh.wsdl").verdict(BHXH_FAULTS)),
        wsse=lambda: username_token(endpoint),
    )


def dossiers(endpoint: Endpoint) -> Source:
    """``DanhSachHoSoThayDoi``: dossiers of all desks changed since a moment, by continuation token."""

    def arguments(cursor: Cursor) -> Mapping[str, Any]:
        token = {"conTro": cursor["token"]} if cursor["token"] else {}
        return {"tuThoiDiem": datetime.fromisoformat(cursor["since"]), "soLuong": 500, **token}

    def seen(root: etree._Element, rows: int) -> Seen:
        more = (root.findtext("{*}conNua") or "") in {"true", "1"}
        return Seen(rows, int(root.findtext("{*}tongSo") or 0), token=root.findtext("{*}conTroTiep") or "", more=more)

    wsdl = contract("motcua.wsdl")
    transport = Transport(wsdl.verdict(MOTCUA_FAULTS), Basic(endpoint))
    return SoapSource(endpoint, wsdl, "DanhSachHoSoThayDoi", "hoSo", arguments, seen, Token(500), transport)


def paged_failed(envelope: dict[str, Any]) -> str:
    """The household register and the queue system say no with HTTP 200 and a code."""
    return "" if envelope.get("code") == "00" else f"the register refuses: {envelope.get('code')} {envelope.get('message')}"


def land_failed(envelope: dict[str, Any]) -> str:
    """The land database says no with ``thanhCong`` false."""
    return "" if envelope.get("thanhCong") is True else f"the land database refuses: {envelope.get('thongBao')}"


def portal(endpoint: Endpoint) -> Sink:
    """The national portal, for dossiers and their progress."""
    return PortalSink(endpoint)


def onestop_dossiers(endpoint: Endpoint) -> Sink:
    """The one-stop system, for dossiers filed on the portal and what changed of them there."""
    return OnestopDossierSink(endpoint)


def onestop_citizens(endpoint: Endpoint) -> Sink:
    """The one-stop system, for citizens."""
    return OnestopSink(endpoint, "CapNhatCongDan", "congDan")


def onestop_enterprises(endpoint: Endpoint) -> Sink:
    """The one-stop system, for enterprises."""
    return OnestopSink(endpoint, "CapNhatDoanhNghiep", "doanhNghiep")


def day(moment: str) -> str:
    """``dd/MM/yyyy`` of an ISO moment."""
    return date.fromisoformat(moment[:10]).strftime("%d/%m/%Y")
