"""WS-Security with X.509: our messages signed, theirs verified, and nothing used that was not signed.

Sources: OASIS WSS SOAP Message Security 1.1, X.509 Token Profile 1.1, XML Signature 1.1. A message carries a Timestamp of five minutes; Body,
Timestamp and WS-Addressing headers are signed with RSA-SHA256 (or ECDSA-SHA256) over exclusive canonical XML. Verification trusts one pinned
certificate, never the one a message brings along, and gives back an envelope rebuilt from the signed Body: what an attacker wrapped around it
is gone.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from connectors.addressing import WSA
from connectors.auth import kept
from connectors.envelope import SOAP_11, Version, check_root, header_of
from connectors.errors import BadAnswer, SourceRefused
from connectors.page import Endpoint
from connectors.xmlguard import parse

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
X509 = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
SECURITY = f"{{{WSSE}}}Security"
TIMESTAMP = f"{{{WSU}}}Timestamp"
ID = f"{{{WSU}}}Id"
LIFE = timedelta(minutes=5)
SKEW = timedelta(minutes=1)


class Signature:
    """Signs requests with the endpoint's key, verifies answers with the agency's certificate.

    Options: ``sign_key_file`` and ``sign_cert_file`` (PEM, RSA of 2048 bits or P-256), ``trust_cert_file`` (PEM, the certificate answers must
    be signed with).
    """

    def __init__(self, endpoint: Endpoint, version: Version = SOAP_11, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._endpoint, self._version, self._clock = endpoint, version, clock

    def apply(self, envelope: etree._Element, headers: dict[str, str]) -> tuple[etree._Element, dict[str, str]]:
        """The envelope with a signed Timestamp, Body and addresses, in the way zeep calls it."""
        from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod, SignatureMethod
        from signxml.signer import XMLSigner

        key, certificate = self._own()
        security = self._security(envelope, certificate)
        signed = [node for node in envelope.iter() if node.get(ID) and node.tag != f"{{{WSSE}}}BinarySecurityToken"]
        token = security[0].get(ID)
        signer = XMLSigner(
            method=SignatureConstructionMethod.detached,
            signature_algorithm=SignatureMethod.RSA_SHA256 if _is_rsa(key) else SignatureMethod.ECDSA_SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        made = signer.sign(envelope, key=key, reference_uri=[f"#{node.get(ID)}" for node in signed], key_info=_key_info(token), id_attribute="Id")
        security.append(made)
        return envelope, headers

    def _own(self) -> tuple[Any, bytes]:
        """Our private key, and our certificate in DER."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

        try:
            key = load_pem_private_key(kept(self._endpoint, "sign_key").encode(), self._endpoint.secret.encode() or None)
            certificate = x509.load_pem_x509_certificate(kept(self._endpoint, "sign_cert").encode())
        except (ValueError, TypeError):
            raise SourceRefused(f"{self._endpoint.system}: options sign_key_file, sign_cert_file name no key and certificate that open") from None
        return key, certificate.public_bytes(Encoding.DER)

    def _security(self, envelope: etree._Element, certificate: bytes) -> etree._Element:
        """The Security header with our certificate and a Timestamp; what will be signed gets an id."""
        space, header = self._version.namespace, header_of(envelope, self._version)
        security = etree.SubElement(header, SECURITY, nsmap={"wsse": WSSE, "wsu": WSU})
        security.set(f"{{{space}}}mustUnderstand", "1")
        token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken", EncodingType=BASE64, ValueType=X509)
        token.text = b64encode(certificate).decode()
        stamp = etree.SubElement(security, TIMESTAMP)
        now = self._clock()
        etree.SubElement(stamp, f"{{{WSU}}}Created").text = _text(now)
        etree.SubElement(stamp, f"{{{WSU}}}Expires").text = _text(now + LIFE)
        body = envelope.find(f"{{{space}}}Body")
        addresses = [node for node in header if isinstance(node.tag, str) and etree.QName(node).namespace == WSA]
        for node in (token, stamp, body, *addresses):
            if node is not None:
                node.set(ID, f"id-{secrets.token_hex(8)}")
        return security

    def signed(self, body: bytes) -> bytes:
        """An envelope of the signed addresses and the signed Body, and of nothing else. Raises BadAnswer. Also reads what was landed long ago."""
        return self._rebuilt(self._verified(body))

    def fresh(self, body: bytes) -> bytes:
        """The same, of an answer as it comes in. Raises BadAnswer unless the signed Timestamp says, too, that it was made just now."""
        parts = self._verified(body)
        stamp = next(node for node in parts if node.tag == TIMESTAMP)
        begin, end, now = created(stamp), created(stamp, "Expires"), self._clock()
        good = now - LIFE - SKEW <= begin <= now + SKEW and now - SKEW < end
        if not good:
            raise BadAnswer("the signed Timestamp is not of now: an answer kept back or sent again, or a clock that is wrong")
        return self._rebuilt(parts)

    def _rebuilt(self, parts: list[etree._Element]) -> bytes:
        space = self._version.namespace
        addresses = b"".join(etree.tostring(node, with_tail=False) for node in parts if etree.QName(node).namespace == WSA)
        inner = b"".join(etree.tostring(node, with_tail=False) for node in parts if node.tag == f"{{{space}}}Body")
        return b'<e:Envelope xmlns:e="%s"><e:Header>%s</e:Header>%s</e:Envelope>' % (space.encode(), addresses, inner)

    def _verified(self, body: bytes) -> list[etree._Element]:
        """The elements that are signed: the one Body, the one Timestamp, addresses; each standing where it belongs. Raises BadAnswer."""
        from cryptography.exceptions import InvalidSignature as Unverified
        from signxml.exceptions import SignXMLException
        from signxml.verifier import XMLVerifier

        root = parse(body)
        places = self._places(root)
        expected = _expected(self._version, len(places), created(root))
        trusted = kept(self._endpoint, "trust_cert")
        try:
            found = XMLVerifier().verify(root, x509_cert=trusted, id_attribute="Id", expect_config=expected)
        except (SignXMLException, Unverified, ValueError, KeyError, etree.LxmlError) as error:
            raise BadAnswer(f"the answer's signature does not hold ({type(error).__name__})") from None
        results = found if isinstance(found, list) else [found]
        parts: list[etree._Element] = [result.signed_xml for result in results if result.signed_xml is not None]
        if sorted(node.get(ID, "") for node in parts) != sorted(places) or any(places[node.get(ID, "")] != node.tag for node in parts):
            raise BadAnswer("what is signed is not what stands in Body, Timestamp and addresses")
        return parts

    def _places(self, root: etree._Element) -> dict[str, str]:
        """Id → tag of what must be signed, by where it stands: the Body of the envelope, the Timestamp of the one Security header, addresses."""
        space = self._version.namespace
        check_root(root, self._version)
        bodies, securities = root.findall(f"{{{space}}}Body"), root.findall(f"{{{space}}}Header/{SECURITY}")
        if len(bodies) != 1 or len(securities) != 1 or len(root.findall(f".//{{{DS}}}Signature")) != 1:
            raise BadAnswer("the answer has not just one Body, one Security header and one Signature")
        stamps = securities[0].findall(TIMESTAMP)
        if len(stamps) != 1 or securities[0].find(f"{{{DS}}}Signature") is None:
            raise BadAnswer("the Security header has not just one Timestamp and the Signature")
        headers = [node for node in root.findall(f"{{{space}}}Header/*") if isinstance(node.tag, str) and etree.QName(node).namespace == WSA]
        ids = [value for node in root.iter() for name, value in node.attrib.items() if etree.QName(name).localname == "Id"]
        if len(ids) != len(set(ids)):
            raise BadAnswer("an id occurs twice")
        places = {str(node.get(ID, "")): str(node.tag) for node in (bodies[0], stamps[0], *headers)}
        if "" in places:
            raise BadAnswer("Body, Timestamp or an address is not signed")
        return places


def _expected(version: Version, references: int, at: datetime) -> Any:
    """Where the Signature stands, how much it signs, by what; the certificate must be valid ``at`` the time of the message, not of the reading."""
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.verifier import SignatureConfiguration

    return SignatureConfiguration(
        location=f"./{{{version.namespace}}}Header/{SECURITY}/",
        expect_references=references,
        verification_time=at,
        signature_methods=frozenset(
            {SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512, SignatureMethod.ECDSA_SHA256}
        ),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
    )


def created(node: etree._Element, name: str = "Created") -> datetime:
    """The moment a Timestamp in ``node`` names. Raises BadAnswer."""
    try:
        found = datetime.fromisoformat((next(node.iter(f"{{{WSU}}}{name}")).text or "").strip())
    except (ValueError, StopIteration):
        raise BadAnswer("the signed Timestamp is not one") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _key_info(token: str | None) -> etree._Element:
    """KeyInfo that points at our token (X.509 Token Profile §3.2.1)."""
    info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    reference = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference", nsmap={"wsse": WSSE})
    etree.SubElement(reference, f"{{{WSSE}}}Reference", URI=f"#{token}", ValueType=X509)
    return info


def _is_rsa(key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return True
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return False
    raise SourceRefused("the signing key must be RSA of 2048 bits or more, or P-256")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
