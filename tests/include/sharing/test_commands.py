"""What ``./hub share`` and ``./hub serve`` say when something is wrong: a sentence that names it, never a traceback."""

import socket
from pathlib import Path

import pytest

from include import cli_sharing
from include.sharing import agreements, clients, seed, server
from tests.include.sharing.conftest import World

pytestmark = pytest.mark.postgres
TERMS = {"operations": ["lookup"], "purposes": ["1.001193"], "visible": ["full_name"], "act": "Nghị định 278/2025/NĐ-CP", "article": "Điều 7"}


def test_accounts_keys_and_certificates_are_refused_in_a_sentence(world: World) -> None:
    hub, jwk = world.hub, seed.public_jwk(seed.signing_key(seed.key_file(world.hub, "motcua")), seed.KID)
    for words, act in (
        ("there is an account motcua already", lambda: clients.register(hub, "an", "motcua", "H05", "Một cửa", "a@b.vn")),
        ("not an agency code", lambda: clients.register(hub, "an", "moi", "H05.2", "Mới", "a@b.vn")),
        ("an account's name", lambda: clients.register(hub, "an", "Mới?", "H05", "Mới", "a@b.vn")),
        ("no account nobody; there are congdan, datdai, motcua", lambda: clients.add_key(hub, "an", "nobody", jwk)),
        ("has had a key", lambda: clients.add_key(hub, "an", "motcua", jwk)),
        ("private key", lambda: clients.add_key(hub, "an", "motcua", jwk | {"d": "x"})),
        ("no certificate in PEM", lambda: clients.add_certificate(hub, "an", "motcua", b"PEM")),
        ("no account nobody", lambda: agreements.request(hub, "an", "nobody", "person", seed.terms_of(TERMS, hub.today))),
        ("nothing is not shared; there are person", lambda: agreements.request(hub, "an", "motcua", "nothing", seed.terms_of(TERMS, hub.today))),
        ("there is no agreement TT-9999", lambda: agreements.move(hub, "an", "TT-9999", "approve")),
    ):
        with pytest.raises(LookupError, match=words.replace("?", ".")):
            act()


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "terms.json"
    for text in ('{"x": 1', "[]", "\ufeff{}"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LookupError, match=r"terms\.json"):
            cli_sharing.document(path)


def test_a_port_in_use_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(LookupError, match="--port 0"):
        server.listen("127.0.0.1", other.getsockname()[1])


def test_a_socket_nobody_listens_at_any_more_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    server.listen_at(path).close()
    with server.listen_at(path):
        assert path.stat().st_mode & 0o777 == 0o660
        with pytest.raises(LookupError, match="another service"):
            server.listen_at(path)
    path.unlink()
    path.write_text("somebody's")
    with pytest.raises(LookupError, match="a file of that name"):
        server.listen_at(path)
    assert path.read_text() == "somebody's"
