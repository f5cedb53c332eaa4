"""How each system is asked: one function per dataset and per target, from an endpoint to a connector."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from lxml import etree

from connectors.auth import Basic, ClientCredentials
from connectors.dialects import wso2
from connectors.dialects.motcua import FAULTS as MOTCUA_FAULTS
from connectors.dialects.motcua import OnestopSink
from connectors.dialects.vdxp import PortalSink
from connectors.errors import SessionExpired, SourceRefused, SourceUnavailable
from connectors.page import Cursor, Endpoint, Sink, Source
from connectors.paging import Offset, PageNumber, Seen, Token, Windows
from connectors.rest import JsonRecords, RestSource, XmlInJson, both, refused_when
from connectors.soap import SoapSource, contract, username_token
from connectors.transport import Request, Transport

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


def births(endpoint: Endpoint) -> Source:
    """``apiHoTichTuPhap/dsHoSoDangKy``, module LTKS: birth registrations changed between two days."""

    def request(cursor: Cursor) -> Request:
        body = {
            "maDonVi": 24,
            "module": "LTKS",
            "tuNgay": day(cursor["since"]),
            "denNgay": day(cursor["until"]),
            "trang": cursor["page"],
            "soLuong": 500,
        }
        url = f"{endpoint.url}/apiHoTichTuPhap/1.0/dsHoSoDangKy"
        return Request("POST", url, {"Content-Type": "application/json"}, body=msgspec.json.encode(body))

    transport = Transport(both(wso2.verdict, refused_when(civil_failed)), ClientCredentials(endpoint))
    return RestSource(transport, request, PageNumber(500), XmlInJson("data", total="tongSo"))


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


def portal(endpoint: Endpoint) -> Sink:
    """The national portal, for dossiers and their progress."""
    return PortalSink(endpoint)


def onestop_citizens(endpoint: Endpoint) -> Sink:
    """The one-stop system, for citizens."""
    return OnestopSink(endpoint, "CapNhatCongDan", "congDan")


def onestop_enterprises(endpoint: Endpoint) -> Sink:
    """The one-stop system, for enterprises."""
    return OnestopSink(endpoint, "CapNhatDoanhNghiep", "doanhNghiep")


def day(moment: str) -> str:
    """``dd/MM/yyyy`` of an ISO moment."""
    return date.fromisoformat(moment[:10]).strftime("%d/%m/%Y")
