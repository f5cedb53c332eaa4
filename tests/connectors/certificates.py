"""Certificates made for a test: an authority, a server's for 127.0.0.1, a client's, and keys for signing."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Key) -> bytes:
    """The key, unencrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass
class Pair:
    """A certificate and its key, as objects and as files."""

    key: Key
    certificate: x509.Certificate
    key_file: Path
    cert_file: Path


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self.own = self._made(name, ec.generate_private_key(ec.SECP256R1()), None)

    def issue(self, name: str, key: Key | None = None) -> Pair:
        """A certificate for a server on 127.0.0.1, or for a client."""
        return self._made(name, key or ec.generate_private_key(ec.SECP256R1()), self.own)

    def server(self, *, clients: "Authority | None" = None, tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> ssl.SSLContext:
        """How a server speaks TLS; with ``clients`` it wants a certificate of that authority."""
        pair = self.issue("server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = tls
        context.load_cert_chain(pair.cert_file, pair.key_file)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients.own.cert_file)
        return context

    def _made(self, name: str, key: Key, issuer: Pair | None) -> Pair:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        )
        certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
        pair = Pair(key, certificate, self.folder / f"{name}.key", self.folder / f"{name}.pem")
        pair.key_file.write_bytes(pem(key))
        pair.cert_file.write_bytes(certificate.public_bytes(Encoding.PEM))
        return pair
