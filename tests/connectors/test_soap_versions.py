"""SOAP 1.2 beside 1.1, and sources whose messages are signed both ways."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from connectors.addressing import WSA
from connectors.contract import Contract
from connectors.envelope import ENVELOPE, SOAP_11, SOAP_12, Version
from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Endpoint, Page
from connectors.paging import PageNumber, Seen
from connectors.signed_soap import SignedSource
from connectors.soap import SoapSource
from connectors.transport import Patience, Transport
from connectors.wssecurity import Signature
from connectors.xmlguard import parse
from tests.connectors.certificates import Authority, Pair
from tests.connectors.conftest import QUICK, Say, Script, Server
from tests.connectors.conftest import Seen as Asked
from tests.connectors.wsdls import envelope, made, result

Serve = Callable[[Script], Server]
SINCE, UNTIL = {"since": "2026-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")
ONE = PageNumber(10)
FAULTS: dict[str, type[ConnectorError]] = {"QUATAI": SourceUnavailable, "THAMSO": RequestRefused}


def seen(root: etree._Element, rows: int) -> Seen:
    return Seen(rows, int(root.findtext("{*}tongSo") or 0))


def read(contract: Contract, url: str, patience: Patience = QUICK) -> list[Page]:
    transport = Transport(contract.verdict(FAULTS), patience=patience)
    source = SoapSource(Endpoint("kieu", url), contract, "Doc", "dong", lambda cursor: {"trang": cursor["page"]}, seen, ONE, transport)
    try:
        return list(source.pages(SINCE, UNTIL))
    finally:
        source.close()


def says(version: Version, inner: str = "", status: int = 200, head: str = "") -> Say:
    return Say(status, envelope(inner or result(), version, head), {"Content-Type": f"{version.media}; charset=utf-8"})


def fault(version: Version, side: str, sub: str = "") -> str:
    if version is SOAP_11:
        detail = f"<detail><ma>{sub}</ma></detail>" if sub else ""
        return f'<s:Fault xmlns:s="{version.namespace}"><faultcode>s:{side}</faultcode><faultstring>027099000123</faultstring>{detail}</s:Fault>'
    side = {"Client": "Sender", "Server": "Receiver"}[side]
    code = f"<s:Subcode><s:Value>x:{sub}</s:Value></s:Subcode>" if sub else ""
    text = '<s:Reason><s:Text xml:lang="vi">027099000123</s:Text></s:Reason>'
    return f'<s:Fault xmlns:s="{version.namespace}"><s:Code><s:Value>s:{side}</s:Value>{code}</s:Code>{text}</s:Fault>'


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12], ids=lambda v: v.name)
def test_each_version_is_asked_in_its_own_way(serve: Serve, tmp_path: Path, version: Version) -> None:
    server = serve(lambda _: says(version))
    assert [page.rows for page in read(made(tmp_path, version), server.url)] == [1]
    headers, sent = server.seen[0].headers, parse(server.seen[0].body)
    assert sent.tag == f"{{{version.namespace}}}Envelope"
    if version is SOAP_11:
        assert (headers["Content-Type"], headers["SOAPAction"]) == ("text/xml; charset=utf-8", '"urn:doc"')
    else:
        assert headers["Content-Type"] == 'application/soap+xml; charset=utf-8; action="urn:doc"'
        assert "SOAPAction" not in headers


@pytest.mark.parametrize(("ours", "theirs"), [(SOAP_11, SOAP_12), (SOAP_12, SOAP_11)], ids=["1.2 for 1.1", "1.1 for 1.2"])
def test_an_answer_in_the_other_version_is_a_bad_answer(serve: Serve, tmp_path: Path, ours: Version, theirs: Version) -> None:
    server = serve(lambda _: says(theirs))
    with pytest.raises(BadAnswer, match=rf"a SOAP {ours.name} Envelope was expected"):
        read(made(tmp_path, ours), server.url)


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12], ids=lambda v: v.name)
@pytest.mark.parametrize(
    ("side", "sub", "error"),
    [
        ("Client", "", SourceRefused),
        ("Server", "", SourceUnavailable),
        ("Client", "QUATAI", SourceUnavailable),
        ("Server", "THAMSO", RequestRefused),
        ("Client", "KHAC", SourceRefused),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_fault_means_the_same_in_both(
    serve: Serve, tmp_path: Path, version: Version, side: str, sub: str, error: type[ConnectorError], status: int
) -> None:
    server = serve(lambda _: says(version, fault(version, side, sub), status))
    with pytest.raises(error) as caught:
        read(made(tmp_path, version), server.url, Patience(attempts=1))
    assert str(caught.value) == f"SOAP Fault {side} {sub}".rstrip()


@pytest.mark.parametrize("value", ["1", "true", " true "])
def test_in_soap_1_2_too_a_header_must_be_understood(serve: Serve, tmp_path: Path, value: str) -> None:
    head = f'<s:Header><x:Must xmlns:x="urn:x" s:mustUnderstand="{value}"/></s:Header>'
    server = serve(lambda _: says(SOAP_12, head=head))
    with pytest.raises(BadAnswer, match="header Must must be understood"):
        read(made(tmp_path, SOAP_12), server.url)


@pytest.fixture
def pairs(tmp_path: Path) -> tuple[Pair, Pair]:
    """Our signing certificate and the agency's."""
    authority = Authority(tmp_path)
    return authority.issue("hub", rsa.generate_private_key(65537, 2048)), authority.issue("agency", rsa.generate_private_key(65537, 2048))


def options(own: Pair, other: Pair) -> dict[str, str]:
    return {"sign_key_file": str(own.key_file), "sign_cert_file": str(own.cert_file), "trust_cert_file": str(other.cert_file)}


class Agency:
    """A service that takes signed messages and signs its answers. ``at`` is its clock, ``about`` the message it says it answers."""

    def __init__(self, ours: Pair, theirs: Pair, version: Version, late: timedelta = timedelta(), about: str = "", sign: bool = True) -> None:
        self.signature = Signature(Endpoint("x", "", options=options(theirs, ours)), version, lambda: datetime.now(UTC) - late)
        self.version, self.about, self.sign = version, about, sign

    def __call__(self, request: Asked) -> Say:
        asked = parse(Signature(Endpoint("x", "", options=dict(self.signature._endpoint.options)), self.version).signed(request.body))
        message = self.about or (asked.findtext(f".//{{{WSA}}}MessageID") or "")
        head = f'<s:Header><a:RelatesTo xmlns:a="{WSA}">{message}</a:RelatesTo></s:Header>'
        answer = etree.fromstring(envelope(result(), self.version, head))
        if self.sign:
            answer = self.signature.apply(answer, {})[0]
        return Say(200, etree.tostring(answer), {"Content-Type": self.version.media})


def signed_read(contract: Contract, agency: Agency, serve: Serve, ours: Pair, theirs: Pair) -> list[dict[str, Any]]:
    endpoint = Endpoint("kieu", serve(agency).url, options=options(ours, theirs))
    source = SignedSource(endpoint, contract, "Doc", "dong", lambda cursor: {"trang": cursor["page"]}, seen, ONE, FAULTS)
    source.transport.patience = QUICK
    try:
        return [source.decode(row) for page in source.pages(SINCE, UNTIL) for row in source.rows(page.body)]
    finally:
        source.close()


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12], ids=lambda v: v.name)
def test_signed_question_and_signed_answer(serve: Serve, tmp_path: Path, pairs: tuple[Pair, Pair], version: Version) -> None:
    found = signed_read(made(tmp_path, version), Agency(*pairs, version), serve, *pairs)
    assert [row["so"] for row in found] == ["027099000123"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"late": timedelta(minutes=10)}, "not of now"),
        ({"about": "urn:uuid:another"}, "answers this question"),
        ({"sign": False}, "Security header"),
    ],
)
def test_an_answer_kept_back_misdirected_or_unsigned_is_a_bad_answer(
    serve: Serve, tmp_path: Path, pairs: tuple[Pair, Pair], wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadAnswer, match=why):
        signed_read(made(tmp_path), Agency(*pairs, SOAP_11, **wrong), serve, *pairs)


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed: apt-get install xmlsec1")
def test_another_implementation_verifies_our_signature(tmp_path: Path, pairs: tuple[Pair, Pair]) -> None:
    ours, theirs = pairs
    signature = Signature(Endpoint("x", "", options=options(ours, theirs)))
    path = tmp_path / "sent.xml"
    path.write_bytes(made(tmp_path).request("Doc", {"trang": 1}, signature))
    space = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    named = ["--id-attr:Id", f"{ENVELOPE}:Body", "--id-attr:Id", f"{space}:Timestamp"]
    command = ["xmlsec1", "--verify", *named, "--pubkey-cert-pem", str(ours.cert_file), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    path.write_bytes(path.read_bytes().replace(b"trang>1<", b"trang>2<"))
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
