"""Mutual TLS with a real nginx in front: a certificate is a proof, and nobody can claim one by a header."""

import datetime
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from include.sharing import clients, seed
from include.sharing.nginx import Front, configuration
from include.sharing.server import listen_at
from tests.conftest import fresh_database
from tests.include.sharing.conftest import DOSSIER, PURPOSE, World, made_hub, number, people, serving

pytestmark = [pytest.mark.postgres, pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed: apt-get install nginx-light")]
SECRET = "mot-bi-mat-chung-voi-nginx"
LOOKUP = {"type": "personal_number", "value": number(1), "fields": ["full_name"]}
HEADERS = {"Purpose-Of-Use": PURPOSE, "Dossier-Id": DOSSIER, "Officer-Id": "CB.1"}


@dataclass
class Authority:
    """Issues certificates into a folder."""

    folder: Path
    name: str

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.issue(self.name, self.key.public_key(), None)
        self.write(self.name, self.certificate, self.key)

    def issue(self, name: str, public: ec.EllipticCurvePublicKey, issuer: x509.Name | None) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        at = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
        )
        made = made.not_valid_before(at - datetime.timedelta(hours=1)).not_valid_after(at + datetime.timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> tuple[str, str]:
        paths = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return str(paths[0]), str(paths[1])

    def for_(self, name: str) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        return self.write(name, self.issue(name, key.public_key(), self.certificate.subject), key)


@dataclass
class Fronted:
    """The service behind nginx."""

    world: World
    url: str
    authority: Authority

    def post(self, cert: tuple[str, str] | None = None, url: str = "", **headers: str) -> requests.Response:
        return requests.post(
            f"{url or self.url}/v1/persons/lookup", json=LOOKUP, headers=HEADERS | headers, cert=cert, verify=str(self.authority.folder / "CA.crt"),
            timeout=20,
        )  # fmt: skip


@pytest.fixture(scope="module")
def fronted(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronted]:
    folder = tmp_path_factory.mktemp("nginx")
    authority = Authority(folder, "CA")
    with fresh_database(server) as db:
        hub = made_hub(db, tmp_path_factory.mktemp("hub"))
        with db.transaction() as connection:
            people(connection)
        seed.seed(hub)
        with serving(hub, listen_at(folder / "hub.sock"), HUB_SHARING_PROXY=SECRET) as world:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            certificate, key = authority.for_("localhost")
            front = Front("localhost", certificate, key, str(folder / "CA.crt"), SECRET, f"unix:{folder}/hub.sock", f"127.0.0.1:{port}")
            (folder / "hub.conf").write_text(configuration(front), encoding="utf-8")
            paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            main = "user root; " if os.geteuid() == 0 else ""  # or nginx's own user could not open the socket in our folder
            main += f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
            main += f" http {{ {paths} include {folder}/hub.conf; }}"
            (folder / "nginx.conf").write_text(main, encoding="utf-8")
            running = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")])
            end = time.monotonic() + 20
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert running.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < end
                time.sleep(0.05)
            yield Fronted(world, f"https://localhost:{port}", authority)
            running.terminate()
            running.wait(10)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_registered_certificate_is_proof_enough(fronted: Fronted) -> None:
    cert = fronted.authority.for_("motcua")
    assert fronted.post(cert).status_code == 401, "of the right authority, but nobody's yet"
    clients.add_certificate(fronted.world.hub, "an", "motcua", Path(cert[0]).read_bytes())
    fronted.world.settle()
    answer = fronted.post(cert)
    assert answer.status_code == 200, answer.text
    assert fronted.world.audit(answer.headers["x-request-id"])[0]["via"] == "certificate"
    assert answer.headers["strict-transport-security"]


def test_a_certificate_claimed_by_a_header_is_none(fronted: Fronted) -> None:
    cert = fronted.authority.for_("khac")
    clients.add_certificate(fronted.world.hub, "an", "motcua", Path(cert[0]).read_bytes())
    fronted.world.settle()
    claimed = {"X-Client-Certificate": quote(Path(cert[0]).read_text()), "X-Hub-Proxy": "guess"}
    assert fronted.post(**claimed).status_code == 401, "nginx replaces both headers"
    assert fronted.post(url=fronted.world.url, **claimed).status_code == 401, "beside nginx the secret is missing"
    assert fronted.post(url=fronted.world.url, **claimed | {"X-Hub-Proxy": SECRET}).status_code == 200, "which shows that it was the secret"


def test_a_certificate_of_another_authority_stops_at_nginx(fronted: Fronted, tmp_path: Path) -> None:
    cert = Authority(tmp_path, "CA").for_("motcua")
    assert fronted.post(cert).status_code == 400


def test_a_token_works_without_a_certificate_and_both_must_be_of_one(fronted: Fronted) -> None:
    token = {"Authorization": f"Bearer {fronted.world.agency('datdai').token}"}
    assert fronted.post(**token).status_code == 200
    cert = fronted.authority.for_("hai")
    clients.add_certificate(fronted.world.hub, "an", "motcua", Path(cert[0]).read_bytes())
    fronted.world.settle()
    assert fronted.post(cert, **token).status_code == 401, "the certificate is one client's, the token another's"


def test_what_could_break_out_of_the_file_is_refused() -> None:
    with pytest.raises(LookupError, match="HUB_SHARING_PROXY"):
        configuration(Front("a", "b", "c", "d", 'short"'))
    with pytest.raises(LookupError, match="must hold no blanks"):
        configuration(Front("a; return 200", "b", "c", "d", SECRET))
