"""Signed messages: verified by the pinned certificate, used only as far as signed, and the known attacks on that."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from connectors.addressing import UNDERSTOOD, WSA, Addressed, related
from connectors.contract import contract
from connectors.envelope import ENVELOPE, SOAP_12, Version, only_child
from connectors.errors import BadAnswer, SourceRefused
from connectors.page import Endpoint
from connectors.wssecurity import DS, ID, SECURITY, TIMESTAMP, WSSE, Signature
from connectors.xmlguard import parse
from tests.connectors.certificates import Authority, Pair
from tests.connectors.test_soap import NAMESPACE, OPERATION, PERSON, body

NOW = datetime.now(UTC).replace(microsecond=0)
EVIL = f'<DanhSachNguoiThamGiaResponse xmlns="{NAMESPACE}"><tongSo>0</tongSo><trang>1</trang><soTrang>0</soTrang></DanhSachNguoiThamGiaResponse>'


@pytest.fixture(scope="module", params=["RSA", "P-256"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The agency's signing certificate; the tests sign with it as the agency does, and trust it."""
    key = rsa.generate_private_key(65537, 2048) if request.param == "RSA" else ec.generate_private_key(ec.SECP256R1())
    return Authority(tmp_path_factory.mktemp("keys")).issue("agency", key)


def signature(pair: Pair, trusted: Pair | None = None, at: datetime = NOW, version: Version | None = None) -> Signature:
    options = {
        "sign_key_file": str(pair.key_file),
        "sign_cert_file": str(pair.cert_file),
        "trust_cert_file": str((trusted or pair).cert_file),
    }
    endpoint = Endpoint("bhxh", "http://127.0.0.1:9", options=options)
    return Signature(endpoint, clock=lambda: at) if version is None else Signature(endpoint, version, lambda: at)


def signed(pair: Pair, text: str = "", addressed: bool = False) -> etree._Element:
    envelope = etree.fromstring((text or body()).encode())
    if addressed:
        envelope.insert(0, etree.fromstring(f'<s:Header xmlns:s="{ENVELOPE}"><a:RelatesTo xmlns:a="{WSA}">urn:uuid:1</a:RelatesTo></s:Header>'))
    return signature(pair).apply(envelope, {})[0]


def test_what_was_signed_is_verified_and_read(pair: Pair) -> None:
    trusted = signature(pair).signed(etree.tostring(signed(pair)))
    assert contract("bhxh.wsdl").open(trusted, OPERATION).findtext("{*}nguoiThamGia/{*}soDinhDanh") == "027099000123"
    signature(pair).fresh(etree.tostring(signed(pair)))


def test_the_algorithms_are_of_today(pair: Pair) -> None:
    text = etree.tostring(signed(pair)).decode()
    assert "sha1" not in text.lower()
    assert ("rsa-sha256" in text) or ("ecdsa-sha256" in text)
    assert text.count("xmlenc#sha256") == 2


def test_timestamp_and_addresses_are_signed_beside_the_body(pair: Pair) -> None:
    envelope = signed(pair, addressed=True)
    references = {node.get("URI", "")[1:] for node in envelope.iter(f"{{{DS}}}Reference")}
    tags = {node.tag for node in envelope.iter() if node.get(ID) in references}
    assert tags == {f"{{{ENVELOPE}}}Body", TIMESTAMP, f"{{{WSA}}}RelatesTo"}


def test_a_signed_envelope_of_soap_1_2_is_verified_too(pair: Pair) -> None:
    envelope = etree.fromstring(body().replace(ENVELOPE, SOAP_12.namespace).encode())
    sender = signature(pair, version=SOAP_12)
    assert b"027099000123" in sender.signed(etree.tostring(sender.apply(envelope, {})[0]))


def wrapped_in_header(envelope: etree._Element) -> None:
    """The classic: the signed Body moved under a header of the attacker's, a new Body in its place."""
    original = envelope.find(f"{{{ENVELOPE}}}Body")
    header = envelope.find(f"{{{ENVELOPE}}}Header")
    etree.SubElement(header, "{urn:evil}Wrapper").append(original)
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(etree.fromstring(EVIL))


def wrapped_with_the_same_id(envelope: etree._Element) -> None:
    """As before, the new Body wearing the id of the old one."""
    name = envelope.find(f"{{{ENVELOPE}}}Body").get(ID)
    wrapped_in_header(envelope)
    envelope.find(f"{{{ENVELOPE}}}Body").set(ID, name)


def wrapped_with_another_spelling_of_the_id(envelope: etree._Element) -> None:
    """As before, the id without its namespace."""
    name = envelope.find(f"{{{ENVELOPE}}}Body").get(ID)
    wrapped_in_header(envelope)
    envelope.find(f"{{{ENVELOPE}}}Body").set("Id", name)


def wrapped_with_an_id_of_its_own(envelope: etree._Element) -> None:
    """As before, the new Body with an id nobody signed."""
    wrapped_in_header(envelope)
    envelope.find(f"{{{ENVELOPE}}}Body").set(ID, "other")


def wrapped_in_an_object_of_the_signature(envelope: etree._Element) -> None:
    """The signed Body hidden in a ds:Object."""
    original = envelope.find(f"{{{ENVELOPE}}}Body")
    etree.SubElement(next(envelope.iter(f"{{{DS}}}Signature")), f"{{{DS}}}Object").append(original)
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(etree.fromstring(EVIL))


def second_body(envelope: etree._Element) -> None:
    """An unsigned Body before the signed one."""
    extra = etree.Element(f"{{{ENVELOPE}}}Body")
    extra.append(etree.fromstring(EVIL))
    envelope.insert(1, extra)


def value_changed(envelope: etree._Element) -> None:
    """A number changed on the way."""
    next(envelope.iter("{*}soDinhDanh")).text = "027099000999"


def comment_in_value(envelope: etree._Element) -> None:
    """A child slipped into a number."""
    node = next(envelope.iter("{*}soDinhDanh"))
    node.text = "0270"
    etree.SubElement(node, "i").tail = "99000123"


def timestamp_moved(envelope: etree._Element) -> None:
    """The signed Timestamp hidden, a fresh one in its place."""
    security = next(envelope.iter(SECURITY))
    stamp = security.find(TIMESTAMP)
    fresh = copy.deepcopy(stamp)
    fresh.set(ID, "fresh")
    security.replace(stamp, fresh)
    etree.SubElement(envelope.find(f"{{{ENVELOPE}}}Header"), "{urn:evil}Wrapper").append(stamp)


def timestamp_missing(envelope: etree._Element) -> None:
    """No Timestamp: the answer could be of any day."""
    security = next(envelope.iter(SECURITY))
    security.remove(security.find(TIMESTAMP))


def signature_missing(envelope: etree._Element) -> None:
    """No signature at all."""
    node = next(envelope.iter(f"{{{DS}}}Signature"))
    node.getparent().remove(node)


def header_missing(envelope: etree._Element) -> None:
    """No header at all."""
    envelope.remove(envelope.find(f"{{{ENVELOPE}}}Header"))


def reference_removed(envelope: etree._Element) -> None:
    """The Body's reference taken out of SignedInfo."""
    node = next(envelope.iter(f"{{{DS}}}Reference"))
    node.getparent().remove(node)


def two_security_headers(envelope: etree._Element) -> None:
    """A second Security header for another actor."""
    header = envelope.find(f"{{{ENVELOPE}}}Header")
    header.append(copy.deepcopy(header.find(SECURITY)))


def transform_by_xslt(envelope: etree._Element) -> None:
    """A transform that computes what is signed."""
    next(envelope.iter(f"{{{DS}}}Transform")).set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def algorithm_of_yesterday(envelope: etree._Element) -> None:
    """SHA-1 named as the digest."""
    next(envelope.iter(f"{{{DS}}}DigestMethod")).set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def keyed_with_the_certificate(envelope: etree._Element) -> None:
    """HMAC, the public certificate as its key."""
    next(envelope.iter(f"{{{DS}}}SignatureMethod")).set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def unsigned_address(envelope: etree._Element) -> None:
    """An address that nobody signed."""
    etree.SubElement(envelope.find(f"{{{ENVELOPE}}}Header"), f"{{{WSA}}}RelatesTo").text = "urn:uuid:2"


ATTACKS: list[Callable[[etree._Element], None]] = [
    wrapped_in_header,
    wrapped_with_the_same_id,
    wrapped_with_another_spelling_of_the_id,
    wrapped_with_an_id_of_its_own,
    wrapped_in_an_object_of_the_signature,
    second_body,
    value_changed,
    comment_in_value,
    timestamp_moved,
    timestamp_missing,
    signature_missing,
    header_missing,
    reference_removed,
    two_security_headers,
    transform_by_xslt,
    algorithm_of_yesterday,
    keyed_with_the_certificate,
    unsigned_address,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_on_the_signature_is_a_bad_answer(pair: Pair, attack: Callable[[etree._Element], None]) -> None:
    envelope = signed(pair)
    attack(envelope)
    with pytest.raises(BadAnswer):
        signature(pair).signed(etree.tostring(envelope))


def test_what_stands_beside_the_signed_parts_never_gets_through(pair: Pair) -> None:
    envelope = signed(pair)
    etree.SubElement(envelope.find(f"{{{ENVELOPE}}}Header"), "{urn:evil}Instruction").text = "delete"
    trusted = signature(pair).signed(etree.tostring(envelope))
    assert b"evil" not in trusted
    assert [etree.QName(node).localname for node in parse(trusted)] == ["Header", "Body"]


def test_a_good_signature_of_somebody_else_is_a_bad_answer(pair: Pair, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "elsewhere").issue("agency", rsa.generate_private_key(65537, 2048))
    with pytest.raises(BadAnswer, match="does not hold"):
        signature(stranger, trusted=pair).signed(etree.tostring(signed(stranger)))


@pytest.mark.parametrize("later", [timedelta(minutes=7), timedelta(days=1), timedelta(minutes=-2)], ids=str)
def test_an_answer_of_another_time_is_not_fresh_but_can_be_read_from_the_shelf(pair: Pair, later: timedelta) -> None:
    kept = etree.tostring(signed(pair))
    with pytest.raises(BadAnswer, match="not of now"):
        signature(pair, at=NOW + later).fresh(kept)
    assert b"027099000123" in signature(pair, at=NOW + later).signed(kept)


@pytest.mark.parametrize("text", ["26/11/2026", "", "2026-13-01T00:00:00Z"])
def test_a_signed_timestamp_that_is_none_is_a_bad_answer(pair: Pair, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.wssecurity._text", lambda _: text)
    with pytest.raises(BadAnswer, match="Timestamp is not one"):
        signature(pair).fresh(etree.tostring(signed(pair)))


def test_the_request_carries_addresses_and_a_signature_over_them(pair: Pair) -> None:
    addressed = Addressed("https://bhxh/dich-vu", "urn:ask", then=signature(pair))
    arguments = {"tuThoiDiem": NOW, "denThoiDiem": NOW, "trang": 1, "soLuong": 10}
    sent = contract("bhxh.wsdl").request(OPERATION, arguments, addressed)
    trusted = parse(signature(pair).signed(sent))
    header = {etree.QName(node).localname: "".join(node.itertext()) for node in trusted[0]}
    assert header == {"To": "https://bhxh/dich-vu", "Action": "urn:ask", "MessageID": addressed.message_id, "ReplyTo": f"{WSA}/anonymous"}


def test_an_answer_must_say_which_question_it_answers(pair: Pair) -> None:
    trusted = signature(pair).signed(etree.tostring(signed(pair, addressed=True)))
    related(trusted, "urn:uuid:1")
    with pytest.raises(BadAnswer, match="RelatesTo"):
        related(trusted, "urn:uuid:2")


def test_headers_that_somebody_looked_at_may_ask_to_be_understood(pair: Pair) -> None:
    envelope = signed(pair, addressed=True)
    envelope.find(f"{{{ENVELOPE}}}Header/{{{WSA}}}RelatesTo").set(f"{{{ENVELOPE}}}mustUnderstand", "1")
    whole = etree.tostring(envelope)
    assert only_child(whole, understood=UNDERSTOOD | {SECURITY}) is not None
    with pytest.raises(BadAnswer, match="Security must be understood"):
        only_child(whole, understood=UNDERSTOOD)


@pytest.mark.parametrize("option", ["sign_key_file", "sign_cert_file"])
def test_a_file_that_is_not_there_is_named_by_its_option(pair: Pair, option: str) -> None:
    options = {"sign_key_file": str(pair.key_file), "sign_cert_file": str(pair.cert_file)} | {option: "/nowhere"}
    with pytest.raises(SourceRefused, match=f"bhxh: option {option} names a file that cannot be read"):
        Signature(Endpoint("bhxh", "x", options=options)).apply(etree.fromstring(body().encode()), {})


def test_the_fixtures_mean_what_they_say() -> None:
    assert PERSON in body()
    assert WSSE in SECURITY
