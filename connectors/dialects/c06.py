"""The national citizen database (C06): it says of one person, for one officer and one dossier, whether what we hold of them is so.

Source: its connection guide, as provinces' gateways follow it: SOAP 1.1, children in a fixed order, ``SOAPAction: ""``, a signed timestamp,
``X-Road-Client`` and ``ApiKey``. It wants id, name and birth date together; there is no list to read and no id alone to ask by. Asking yes or no
(``XacThucThongTinCongDan``) comes first: it tells no more than is needed. Options of an endpoint: ``client``, ``apikey`` (or ``apikey_file``),
``madvc``; optional ``matichhop_verify`` (033), ``matichhop_lookup`` (037), ``madonvi``, ``taikhoan``, ``sodienthoai``.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.auth import ApiKey, SignedTimestamp, Together
from connectors.contract import contract
from connectors.envelope import FaultTable
from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Check, Endpoint
from connectors.transport import Patience, Request, Transport
from connectors.xmlguard import to_dict

FAULTS: FaultTable = {"XACTHUC": SourceRefused, "QUATAI": SourceUnavailable, "THAMSO": RequestRefused}
VERIFY, LOOK_UP = "XacThucThongTinCongDan", "TraCuuThongTinCongDan"


@dataclass(frozen=True, slots=True)
class Question:
    """One person, asked after by one officer: ``officer`` is their own 12-digit number, ``birth`` yyyyMMdd or yyyy. Never shown in a repr."""

    officer: str
    personal: str
    name: str
    birth: str

    def __repr__(self) -> str:
        return "Question(…)"

    def arguments(self) -> dict[str, Any]:
        """The part of the request that is about people. Raises RequestRefused, which names the field and not its value."""
        name = unicodedata.normalize("NFC", " ".join(self.name.split())).upper()
        for field, value, form in (
            ("officer", self.officer, r"\d{12}"),
            ("personal", self.personal, r"\d{12}|\d{9}"),
            ("birth", self.birth, r"\d{8}|\d{4}"),
            ("name", name, r"\D+"),
        ):
            if not re.fullmatch(form, value, re.ASCII):
                raise RequestRefused(f"the citizen database cannot be asked: {field} is missing or of another form")
        number = {"SoDinhDanh" if len(self.personal) == 12 else "SoCMND": self.personal}
        born = {"NgayThangNam" if len(self.birth) == 8 else "Nam": self.birth}
        return {"MaCanBo": self.officer, **number, "HoVaTen": name, "NgayThangNamSinh": born}


class CitizenDatabase:
    """Asks the citizen database. ``request_id`` is MaYeuCau: one per question, the same when it is tried again; keep it with the audit row."""

    def __init__(self, endpoint: Endpoint, patience: Patience | None = None) -> None:
        self._endpoint = endpoint
        self._contract = contract("c06.wsdl")
        auth = Together(SignedTimestamp(endpoint), ApiKey(endpoint, "ApiKey", option="apikey"))
        self._transport = Transport(self._contract.verdict(FAULTS), auth, patience, cap=2**20)
        self.close = self._transport.close

    def verify(self, question: Question, request_id: str = "") -> bool:
        """Whether a person of that id, name and birth date exists."""
        return (self._ask(VERIFY, question, request_id).findtext("{*}TonTai") or "").strip() in {"true", "1"}

    def look_up(self, question: Question, request_id: str = "") -> dict[str, Any] | None:
        """What the database holds of the person, with ``ThoiDiemDuLieu``; None when nobody fits. Two that fit are a BadAnswer: nobody guesses."""
        root = self._ask(LOOK_UP, question, request_id)
        people = root.findall("{*}CongDan")
        if int(root.get("SoCongDan", "-1")) != len(people):
            raise BadAnswer(f"the citizen database promised {root.get('SoCongDan')} persons and gave {len(people)}")
        if len(people) > 1:
            raise BadAnswer(f"{len(people)} persons fit one question: the answer is not used")
        return to_dict(people[0], {}) | {"ThoiDiemDuLieu": root.get("ThoiDiemDuLieu", "")} if people else None

    def _ask(self, operation: str, question: Question, request_id: str) -> etree._Element:
        options = dict(self._endpoint.options)
        code = options.get("matichhop_verify", "033") if operation == VERIFY else options.get("matichhop_lookup", "037")
        optional = {name: options[name.lower()] for name in ("MaDonVi", "TaiKhoan", "SoDienThoai") if options.get(name.lower())}
        head = {"MaYeuCau": request_id or str(uuid.uuid4()), "MaDVC": self._endpoint.option("madvc"), "MaTichHop": code, **optional}
        sent = self._contract.request(operation, head | question.arguments())
        headers = {**self._contract.version.headers(self._contract.soap_action(operation)), "X-Road-Client": self._endpoint.option("client")}
        answer = self._transport.send(Request("POST", self._endpoint.url, headers, body=sent))
        return self._contract.open(answer.body, operation)

    def check(self) -> Iterator[Check]:
        """Whether everything needed to ask is set. Nobody is asked after: every question must have an officer and a dossier behind it."""
        try:
            self._transport.auth.headers()
            for name in ("client", "madvc"):
                self._endpoint.option(name)
        except (ConnectorError, KeyError) as error:
            yield Check("settings", False, str(error), "ours: an option is missing")
            return
        yield Check("settings", True, "complete; a question needs an officer and a dossier")
