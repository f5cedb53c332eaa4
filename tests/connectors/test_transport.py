"""HTTP as the field needs it: bounded, patient, suspicious."""

import gzip
import resource
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from connectors.errors import BadAnswer, SessionExpired, SourceRefused, SourceUnavailable
from connectors.transport import Auth, Patience, Request, Transport, retry_after
from tests.connectors.conftest import Say, Script, Server

Serve = Callable[[Script], Server]


def scripted(*answers: Say) -> Script:
    """Gives the answers in turn, the last one for ever."""
    left = list(answers)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def make(pauses: list[float]) -> Iterator[Callable[..., Transport]]:
    made = []

    def build(**arguments: object) -> Transport:
        transport = Transport(sleep=pauses.append, **arguments)  # type: ignore[arg-type]
        made.append(transport)
        return transport

    yield build
    for transport in made:
        transport.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(serve: Serve, make: Callable[..., Transport], status: int) -> None:
    server = serve(scripted(Say(status), Say(body=b'{"ok":1}')))
    assert make().send(Request("GET", server.url)).body == b'{"ok":1}'
    assert len(server.seen) == 2


def test_after_the_last_attempt_the_source_is_unavailable(serve: Serve, make: Callable[..., Transport], pauses: list[float]) -> None:
    server = serve(scripted(Say(503)))
    with pytest.raises(SourceUnavailable, match="HTTP 503"):
        make(patience=Patience(attempts=4)).send(Request("GET", server.url))
    assert len(server.seen) == 4
    assert len(pauses) == 3


def test_pauses_grow(serve: Serve, make: Callable[..., Transport], pauses: list[float]) -> None:
    server = serve(scripted(Say(503)))
    with pytest.raises(SourceUnavailable):
        make(patience=Patience(attempts=5, first=1.0, longest=60.0)).send(Request("GET", server.url))
    assert [0.5 * 2**i <= pause <= 2**i for i, pause in enumerate(pauses)] == [True] * 4


def test_retry_after_in_seconds_is_honoured(serve: Serve, make: Callable[..., Transport], pauses: list[float]) -> None:
    server = serve(scripted(Say(429, headers={"Retry-After": "7"}), Say()))
    make().send(Request("GET", server.url))
    assert pauses == [7.0]


def test_a_long_wait_is_told_to_whoever_waits(serve: Serve, make: Callable[..., Transport], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING")
    make().send(Request("GET", serve(scripted(Say(429, headers={"Retry-After": "1"}), Say(429, headers={"Retry-After": "120"}), Say())).url))
    assert [record.getMessage().rpartition("in ")[2] for record in caplog.records] == ["120.0 s"]


def test_retry_after_as_a_date_is_honoured() -> None:
    now = datetime(2026, 11, 23, 2, 0, 0, tzinfo=UTC)
    assert retry_after({"Retry-After": "Mon, 23 Nov 2026 02:00:30 GMT"}, now) == 30.0


@pytest.mark.parametrize("value", ["", "soon", "-5"])
def test_an_unreadable_retry_after_is_no_time(value: str) -> None:
    assert retry_after({"Retry-After": value}) is None


def test_a_body_cut_short_is_tried_again(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(scripted(Say(body=b'{"a"', cut=10), Say(body=b'{"a":1}')))
    assert make().send(Request("GET", server.url)).body == b'{"a":1}'


def test_nobody_listening_is_unavailable(make: Callable[..., Transport]) -> None:
    with pytest.raises(SourceUnavailable, match="ConnectionError"):
        make(patience=Patience(attempts=1)).send(Request("GET", "http://127.0.0.1:9/"))


def test_a_redirect_is_not_followed(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(scripted(Say(302, headers={"Location": "http://169.254.169.254/latest"})))
    with pytest.raises(BadAnswer, match=r"redirects to 169\.254\.169\.254"):
        make().send(Request("GET", server.url))
    assert len(server.seen) == 1


def test_an_answer_above_the_cap_is_refused(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(scripted(Say(body=b"x" * 2_000_000)))
    with pytest.raises(BadAnswer, match="larger than 1 MiB"):
        make(cap=2**20).send(Request("GET", server.url))


def test_a_gzip_bomb_costs_little_memory(serve: Serve, make: Callable[..., Transport]) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(300)) + packer.flush()
    server = serve(scripted(Say(body=bomb, headers={"Content-Encoding": "gzip"})))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadAnswer, match="larger than 16 MiB"):
        make(cap=16 * 2**20).send(Request("GET", server.url))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_gzip_is_decoded(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(scripted(Say(body=gzip.compress(b'{"a":1}'), headers={"Content-Encoding": "gzip"})))
    assert make().send(Request("GET", server.url)).body == b'{"a":1}'


def test_gzip_of_several_members_is_read_to_the_last(serve: Serve, make: Callable[..., Transport]) -> None:
    members = (gzip.compress(b'[{"a":1},'), gzip.compress(b" " * 300_000), gzip.compress(b'{"a":2}]'), bytes(12))
    server = serve(scripted(Say(body=b"".join(members), headers={"Content-Encoding": "gzip"})))
    assert make().send(Request("GET", server.url)).body == b'[{"a":1},' + b" " * 300_000 + b'{"a":2}]'


def test_members_count_together_towards_the_cap_and_empty_ones_by_their_own_size(serve: Serve, make: Callable[..., Transport]) -> None:
    for body in (gzip.compress(b"x" * 700_000) * 2, gzip.compress(b"") * 60_000):
        server = serve(scripted(Say(body=body, headers={"Content-Encoding": "gzip"})))
        with pytest.raises(BadAnswer, match="larger than 1 MiB"):
            make(cap=2**20).send(Request("GET", server.url))


def test_gzip_cut_in_its_second_member_is_not_taken_for_whole(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(scripted(Say(body=gzip.compress(b"[1,") + gzip.compress(b"2]")[:-4], headers={"Content-Encoding": "gzip"})))
    with pytest.raises(SourceUnavailable, match="before its gzip stream"):
        make(patience=Patience(attempts=1)).send(Request("GET", server.url))


def test_damaged_gzip_is_a_bad_answer(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(scripted(Say(body=b"not gzip at all", headers={"Content-Encoding": "gzip"})))
    with pytest.raises(BadAnswer, match="damaged"):
        make().send(Request("GET", server.url))


def test_an_error_names_host_and_path_but_no_query(make: Callable[..., Transport]) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        make(patience=Patience(attempts=1)).send(Request("GET", "http://127.0.0.1:9/look", params={"cccd": "024085000001"}))
    assert "127.0.0.1:9/look" in str(caught.value)
    assert "024085000001" not in str(caught.value)


class Renewing(Auth):
    """A token that is wrong until renewed."""

    def __init__(self, good_after: int) -> None:
        self.renewals = 0
        self.good_after = good_after

    def headers(self) -> dict[str, str]:
        return {"X-Token": "good" if self.renewals >= self.good_after else "stale"}

    def renew(self) -> None:
        self.renewals += 1


def guarded(request: object) -> Say:
    return Say() if request.headers["X-Token"] == "good" else Say(401)  # type: ignore[attr-defined]


def test_an_expired_token_is_renewed_once(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(guarded)
    auth = Renewing(good_after=1)
    make(auth=auth).send(Request("GET", server.url))
    assert auth.renewals == 1


def test_a_token_refused_after_renewal_is_refused_for_good(serve: Serve, make: Callable[..., Transport]) -> None:
    server = serve(guarded)
    auth = Renewing(good_after=5)
    with pytest.raises(SessionExpired):
        make(auth=auth).send(Request("GET", server.url))
    assert auth.renewals == 1
    assert issubclass(SessionExpired, SourceRefused)


def test_a_body_function_is_called_for_each_attempt(serve: Serve, make: Callable[..., Transport]) -> None:
    bodies = iter([b"first", b"second"])
    server = serve(scripted(Say(503), Say()))
    make().send(Request("POST", server.url, body=lambda: next(bodies)))
    assert [request.body for request in server.seen] == [b"first", b"second"]


def test_the_pace_is_kept(serve: Serve, make: Callable[..., Transport], pauses: list[float]) -> None:
    server = serve(scripted(Say()))
    transport = make(per_second=2.0)
    for _ in range(3):
        transport.send(Request("GET", server.url))
    assert sum(pauses) > 0.9
