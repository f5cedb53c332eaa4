"""Mutual TLS: our certificate shown and theirs verified, and a failed handshake told by whose certificate it was."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.auth import Basic, Certificate
from connectors.errors import SourceRefused
from connectors.page import Endpoint
from connectors.tls import missing
from connectors.tokens import ClientCredentials
from connectors.transport import Auth, Request, Transport
from tests.connectors.certificates import Authority
from tests.connectors.conftest import QUICK, Say, Server


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    """The agency's authority."""
    (tmp_path / "theirs").mkdir()
    return Authority(tmp_path / "theirs")


@pytest.fixture
def strangers(tmp_path: Path) -> Authority:
    """An authority nobody agreed on."""
    (tmp_path / "strangers").mkdir()
    return Authority(tmp_path / "strangers")


Serve = Callable[..., Server]


def sent(url: str, options: dict[str, str], make: Callable[[Endpoint], Auth] = Certificate) -> int:
    transport = Transport(auth=make(Endpoint("lgsp", url, "user", "secret", options)), patience=QUICK)
    try:
        return transport.send(Request("GET", f"{url}/data")).status
    finally:
        transport.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("make", [Certificate, Basic])
def test_a_certificate_both_agree_on_is_let_in(serve: Serve, theirs: Authority, version: ssl.TLSVersion, make: Callable[[Endpoint], Auth]) -> None:
    ours = theirs.issue("hub")
    server = serve(lambda _: Say(), theirs.server(clients=theirs, tls=version))
    options = {"client_cert_file": str(ours.cert_file), "client_key_file": str(ours.key_file), "ca_file": str(theirs.own.cert_file)}
    assert sent(server.url, options, make) == 200


def test_the_token_service_is_shown_the_certificate_too(serve: Serve, theirs: Authority) -> None:
    ours = theirs.issue("hub")
    both = ours.cert_file.with_suffix(".both")
    both.write_bytes(ours.cert_file.read_bytes() + ours.key_file.read_bytes())
    server = serve(lambda _: Say(body=b'{"access_token":"t"}'), theirs.server(clients=theirs))
    assert sent(server.url, {"client_cert_file": str(both), "ca_file": str(theirs.own.cert_file)}, ClientCredentials) == 200
    assert [request.path for request in server.seen] == ["/token", "/data"]


def test_no_certificate_of_ours_is_a_refusal_that_names_the_option(serve: Serve, theirs: Authority) -> None:
    server = serve(lambda _: Say(), theirs.server(clients=theirs))
    with pytest.raises(SourceRefused, match=r"our certificate is missing or refused.*client_cert_file"):
        sent(server.url, {"ca_file": str(theirs.own.cert_file)})
    assert server.seen == []


def test_a_certificate_of_another_authority_is_a_refusal(serve: Serve, theirs: Authority, strangers: Authority) -> None:
    ours = strangers.issue("hub")
    server = serve(lambda _: Say(), theirs.server(clients=theirs))
    options = {"client_cert_file": str(ours.cert_file), "client_key_file": str(ours.key_file), "ca_file": str(theirs.own.cert_file)}
    with pytest.raises(SourceRefused, match="our certificate is missing or refused"):
        sent(server.url, options)


@pytest.mark.parametrize("trusted", [False, True], ids=["public authorities", "another authority"])
def test_a_server_that_cannot_prove_itself_gets_no_credentials(serve: Serve, theirs: Authority, strangers: Authority, trusted: bool) -> None:
    server = serve(lambda _: Say(), theirs.server())
    with pytest.raises(SourceRefused, match=r"their certificate is not trusted.*ca_file"):
        sent(server.url, {"ca_file": str(strangers.own.cert_file)} if trusted else {}, Basic)
    assert server.seen == []


@pytest.mark.parametrize("option", ["client_cert_file", "client_key_file", "ca_file"])
def test_a_file_that_is_not_there_is_named_by_its_option(serve: Serve, option: str) -> None:
    server = serve(lambda _: Say())
    with pytest.raises(SourceRefused, match=f"lgsp: option {option} names a file that is not there"):
        sent(server.url, {option: "/nowhere/x.pem"})


def test_a_key_without_its_certificate_is_told(tmp_path: Path) -> None:
    key = tmp_path / "k"
    key.write_text("")
    assert missing(Endpoint("lgsp", "https://x", options={"client_key_file": str(key)})) == [
        ("client_cert_file", "is missing beside client_key_file")
    ]
