"""HTTP as the field needs it: bounded, patient, suspicious.

Bounded: decoded bodies have a cap, every call has a deadline. Patient: 429, 503, resets and time-outs are tried again after the time the
server names, or with growing pauses. Suspicious: no redirect is followed to another host, TLS is verified, and nothing that could name a
person goes into an error or a log (query strings never do).
"""

import logging
import random
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from connectors.errors import BadAnswer, SessionExpired, SourceUnavailable, TooLarge
from connectors.pace import Breaker, Pace
from connectors.tls import tls_error

log = logging.getLogger(__name__)

CAP = 64 * 2**20
CHUNK = 256 * 1024
LONG = 5.0
"""Seconds of waiting that are told to whoever waits."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. ``body`` may be a function: it is called anew for each attempt (fresh nonce, fresh token)."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[], bytes] = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole and decoded from its transfer coding. ``asked`` is the request as it went out, credentials and all."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: requests.PreparedRequest | None = field(default=None, repr=False, compare=False)

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower case."""
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()


class Auth:
    """Nothing to show. Subclasses put credentials on a request and renew them when told to."""

    def headers(self) -> dict[str, str]:
        """Headers to add to the next request."""
        return {}

    def renew(self) -> None:
        """Throws away what has expired."""

    def dress(self, session: requests.Session) -> None:
        """Puts certificates on the session, before its first request."""


Verdict = Callable[[Answer], None]
"""Looks at an answer and raises the error of its dialect, or lets it pass."""


def plain_http(answer: Answer) -> None:
    """The verdict of HTTP itself, after a dialect has had its say."""
    if answer.status == 401:
        raise SessionExpired("HTTP 401: credentials refused")
    if answer.status in {408, 425, 429, 500, 502, 503, 504}:
        raise SourceUnavailable(f"HTTP {answer.status}", retry_after(answer.headers))
    if answer.status >= 300:
        raise BadAnswer(f"HTTP {answer.status} where an answer was expected")


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, which is a number or an HTTP date (RFC 9110 §10.2.3); None when absent or unreadable."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


@dataclass(slots=True)
class Patience:
    """How long to go on trying: ``attempts`` in all, pauses growing from ``first`` to ``longest`` seconds, with jitter."""

    attempts: int = 6
    first: float = 0.5
    longest: float = 30.0
    timeout: tuple[float, float] = (5.0, 60.0)

    def pause(self, attempt: int, asked: float | None) -> float:
        """Seconds to wait after the ``attempt``-th failure. What the server asked for is honoured, up to ten times ``longest``."""
        if asked is not None:
            return min(asked, 10 * self.longest)
        return min(self.longest, self.first * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 jitter is no secret


class Transport:
    """Sends requests to one system and gives back whole answers, or one of the connector errors. Threads may share one.

    ``per_second`` is the source's rate budget, kept by all threads together; ``breaker`` stops asking a system that only fails.
    """

    def __init__(
        self,
        verdict: Verdict = plain_http,
        auth: Auth | None = None,
        patience: Patience | None = None,
        per_second: float = 0.0,
        cap: int = CAP,
        sleep: Callable[[float], None] = time.sleep,
        breaker: Breaker | None = None,
    ) -> None:
        self.verdict = verdict
        self.auth = auth or Auth()
        self.patience = patience or Patience()
        self.cap = cap
        self.breaker = breaker or Breaker()
        self.heard: Callable[[Answer], None] | None = None
        """Told of every answer before its verdict: for those who look on."""
        self._pace = Pace(per_second)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._dressed = False
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc of this machine would put its own credentials in place of ours

    def close(self) -> None:
        """Closes kept connections."""
        self._session.close()

    def send(self, request: Request) -> Answer:
        """The answer to ``request``. Raises SourceUnavailable after the last attempt, SourceRefused or BadAnswer at once."""
        renewed = False
        attempt = 0
        while True:
            try:
                with self.breaker.watching(where(request.url)):
                    return self._once(request)
            except SessionExpired:
                if renewed:
                    raise
                renewed = True
                with self._lock:
                    self.auth.renew()
            except SourceUnavailable as error:
                attempt += 1
                if attempt >= self.patience.attempts or self.breaker.is_open:
                    raise
                pause = self.patience.pause(attempt, error.retry_after)
                level = logging.WARNING if pause >= LONG else logging.INFO
                log.log(level, "%s: %s; attempt %d in %.1f s", where(request.url), error, attempt + 1, pause)
                self._sleep(pause)

    def _once(self, request: Request) -> Answer:
        wait = self._pace.wait()
        if wait:
            self._sleep(wait)
        body = request.body() if callable(request.body) else request.body
        headers = {"Accept-Encoding": "gzip", **request.headers, **self._shown()}
        try:
            with self._session.request(
                request.method,
                request.url,
                params=dict(request.params),
                data=body,
                headers=headers,
                timeout=self.patience.timeout,
                stream=True,
                allow_redirects=False,
            ) as response:
                if response.is_redirect:
                    raise redirected(request.url, response.headers.get("Location", ""))
                answer = Answer(response.status_code, response.headers, b"".join(self._decoded(response)), response.request)
        except (requests.exceptions.RequestException, HTTPError, OSError) as error:
            place = where(request.url)
            raise tls_error(error, place) or SourceUnavailable(f"{place}: {type(error).__name__}") from None
        if self.heard:
            self.heard(answer)
        self.verdict(answer)
        return answer

    def _shown(self) -> dict[str, str]:
        with self._lock:
            if not self._dressed:
                self.auth.dress(self._session)
                self._dressed = True
            return self.auth.headers()

    def _decoded(self, response: requests.Response) -> Iterator[bytes]:
        """Chunks of the body, inflated by ourselves so that a small bomb cannot become a large one before we count."""
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding not in {"identity", "", "gzip"}:
            raise BadAnswer(f"content encoding {encoding!r} was not asked for")
        size = 0
        for chunk in self._inflated(response) if encoding == "gzip" else response.raw.stream(CHUNK, decode_content=False):
            size += len(chunk)
            if size > self.cap:
                raise TooLarge(f"the answer is larger than {self.cap // 2**20} MiB")
            yield chunk

    def _inflated(self, response: requests.Response) -> Iterator[bytes]:
        """The members of the body in turn (RFC 1952 allows any number, and zeros behind the last); empty ones are bounded too."""
        inflater, came = zlib.decompressobj(wbits=31), 0
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            came, rest = came + len(chunk), chunk
            if came > self.cap:
                raise TooLarge(f"the answer is larger than {self.cap // 2**20} MiB")
            while rest:
                if inflater.eof:
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    inflater = zlib.decompressobj(wbits=31)
                try:
                    yield inflater.decompress(rest, CHUNK)
                except zlib.error:
                    raise BadAnswer("the answer's gzip coding is damaged") from None
                rest = inflater.unused_data or inflater.unconsumed_tail
        if not inflater.eof:
            raise SourceUnavailable("the answer ended before its gzip stream did")


def where(url: str) -> str:
    """Host and path of a URL: what an error may say of it."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def redirected(url: str, location: str) -> BadAnswer:
    """The error for a redirect: a data service does not move in the middle of a sync."""
    target = urlsplit(urljoin(url, location)).netloc
    return BadAnswer(f"{where(url)} redirects to {target or 'nowhere'}: redirects are not followed")
