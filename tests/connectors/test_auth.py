"""Showing who we are."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.auth import Basic
from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.page import Endpoint
from connectors.tokens import ClientCredentials
from connectors.transport import Request, Transport
from tests.connectors.conftest import QUICK, Say, Script, Seen, Server

Serve = Callable[[Script], Server]
GOOD = Say(body=b'{"access_token":"t1","token_type":"Bearer","expires_in":3600}')


def credentials(server: Server) -> ClientCredentials:
    return ClientCredentials(Endpoint("lgsp", server.url, "key", "sécret"))


def test_basic_is_user_and_password_in_utf_8() -> None:
    header = Basic(Endpoint("motcua", "http://127.0.0.1:9", "người", "mật:khẩu")).headers()["Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "người:mật:khẩu"


def test_an_endpoint_shown_shows_no_secret() -> None:
    assert "hidden" not in repr(Endpoint("lgsp", "http://127.0.0.1:9", "key", "hidden", {"more": "hidden"}))


def test_a_missing_option_is_named() -> None:
    with pytest.raises(KeyError, match="dvcqg has no option 'dstcode'"):
        Endpoint("dvcqg", "http://127.0.0.1:9").option("dstcode")


def test_a_token_is_fetched_as_rfc_6749_says(serve: Serve) -> None:
    server = serve(lambda _: GOOD)
    assert credentials(server).headers() == {"Authorization": "Bearer t1"}
    asked = server.seen[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/token", b"grant_type=client_credentials")
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode() == "key:sécret"


def test_a_token_in_force_is_kept(serve: Serve) -> None:
    server = serve(lambda _: GOOD)
    auth = credentials(server)
    assert auth.headers() == auth.headers()
    assert len(server.seen) == 1


def test_a_token_about_to_expire_is_renewed_before_it_does(serve: Serve) -> None:
    server = serve(lambda _: Say(body=b'{"access_token":"t1","expires_in":29}'))
    auth = credentials(server)
    auth.headers()
    auth.headers()
    assert len(server.seen) == 2


def test_a_token_thrown_away_is_fetched_anew(serve: Serve) -> None:
    server = serve(lambda _: GOOD)
    auth = credentials(server)
    auth.headers()
    auth.renew()
    auth.headers()
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_key_is_a_refusal_that_names_no_secret(serve: Serve, status: int) -> None:
    with pytest.raises(SourceRefused, match="the key or secret of lgsp is refused") as caught:
        credentials(serve(lambda _: Say(status))).headers()
    assert "sécret" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"access_token":7}', b'{"access_token":"\xff"}', b""])
def test_a_token_answer_of_another_form_is_a_bad_answer(serve: Serve, body: bytes) -> None:
    with pytest.raises(BadAnswer, match="not a token answer"):
        credentials(serve(lambda _: Say(body=body))).headers()


def test_a_redirected_token_request_takes_its_secret_nowhere(serve: Serve) -> None:
    elsewhere = serve(lambda _: GOOD)
    with pytest.raises(BadAnswer, match="not followed"):
        credentials(serve(lambda _: Say(302, headers={"Location": f"{elsewhere.url}/token"}))).headers()
    assert elsewhere.seen == []


def test_nobody_at_the_token_address_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable):
        ClientCredentials(Endpoint("lgsp", "http://127.0.0.1:9", "key", "secret")).headers()


def test_a_token_service_that_throttles_names_its_time(serve: Serve) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        credentials(serve(lambda _: Say(429, headers={"Retry-After": "7"}))).headers()
    assert caught.value.retry_after == 7.0


def test_a_token_service_away_for_a_moment_is_tried_again(serve: Serve) -> None:
    tokens = [Say(503), GOOD]

    def script(request: Seen) -> Say:
        return tokens.pop(0) if request.path == "/token" else Say(body=b"{}")

    server = serve(script)
    transport = Transport(auth=credentials(server), patience=QUICK)
    transport.send(Request("GET", server.url + "/data"))
    transport.close()
    assert [request.path for request in server.seen] == ["/token", "/token", "/data"]


def test_credentials_of_this_machine_do_not_take_the_place_of_ours(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(lambda _: GOOD)
    credentials(server).headers()
    assert base64.b64decode(server.seen[0].headers["Authorization"].removeprefix("Basic ")).decode() == "key:sécret"
