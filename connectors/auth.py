"""Ways of showing who we are."""

import base64
import time

import msgspec
import requests

from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.page import Endpoint
from connectors.rest import NOT_JSON
from connectors.transport import Auth, retry_after, where


def basic(user: str, secret: str) -> str:
    """The value of an ``Authorization`` header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


class Basic(Auth):
    """User and password on every call."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._value = basic(endpoint.user, endpoint.secret)

    def headers(self) -> dict[str, str]:
        """The Authorization header."""
        return {"Authorization": self._value}


class ClientCredentials(Auth):
    """OAuth2 client credentials (RFC 6749 §4.4): a bearer token, renewed a little before it expires or when it is refused."""

    MARGIN = 30.0

    def __init__(self, endpoint: Endpoint, path: str = "/token", timeout: tuple[float, float] = (5.0, 30.0)) -> None:
        self._endpoint = endpoint
        self._url = endpoint.url.rstrip("/") + path
        self._timeout = timeout
        self._token = ""
        self._until = 0.0

    def headers(self) -> dict[str, str]:
        """The bearer token, fetched when there is none in force."""
        if time.monotonic() >= self._until:
            self._fetch()
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> None:
        """Forgets the token."""
        self._until = 0.0

    def _fetch(self) -> None:
        try:
            with requests.Session() as session:
                session.trust_env = False  # a .netrc of this machine would put its own credentials in place of ours
                response = session.post(
                    self._url,
                    data={"grant_type": "client_credentials"},
                    headers={"Authorization": basic(self._endpoint.user, self._endpoint.secret)},
                    timeout=self._timeout,
                    allow_redirects=False,
                )
        except requests.exceptions.RequestException as error:
            raise SourceUnavailable(f"{where(self._url)}: {type(error).__name__}") from None
        if response.status_code in {400, 401, 403}:
            raise SourceRefused(f"{where(self._url)}: the key or secret of {self._endpoint.system} is refused (HTTP {response.status_code})")
        if response.status_code != 200:
            raise SourceUnavailable(f"{where(self._url)}: HTTP {response.status_code}", retry_after(response.headers))
        try:
            answer = msgspec.json.decode(response.content, type=Token)
        except NOT_JSON as error:
            raise BadAnswer(f"{where(self._url)}: not a token answer ({error})") from None
        self._token = answer.access_token
        self._until = time.monotonic() + max(0.0, answer.expires_in - self.MARGIN)


class Token(msgspec.Struct):
    """A token answer (RFC 6749 §5.1)."""

    access_token: str
    expires_in: float = 300.0
