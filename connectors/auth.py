"""Ways of showing who we are. Token services and sessions are in ``connectors.tokens``, certificates in ``connectors.tls``.

===================  =====================================================  ==========================================
scheme               what goes on each call                                 where it comes from
===================  =====================================================  ==========================================
Basic                ``Authorization: Basic`` (RFC 7617)                    user and secret
ApiKey               a header of the agency's choice                        secret
Bearer               ``Authorization: Bearer`` (RFC 6750 §2.1)              secret
SignedTimestamp      ``Timestamp`` and a digest bound to address and time   user and secret
ClientCredentials    a bearer token (RFC 6749 §4.4)                         ``tokens``: user and secret
PrivateKeyJwt        a bearer token (RFC 7523 §2.2)                         ``tokens``: user and option ``key_file``
LgspAccessToken      a bearer token and ``lgspaccesstoken``                 ``tokens``: five options
LoginSession         a session in a header                                  ``tokens``: user and secret
===================  =====================================================  ==========================================

Every one of them also shows a client certificate when the endpoint names one (mutual TLS). Nothing of it ever stands in a URL.
"""

import base64
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import requests

from connectors.errors import SourceRefused
from connectors.page import Endpoint
from connectors.tls import dress
from connectors.transport import Auth


def basic(user: str, secret: str) -> str:
    """The value of an ``Authorization`` header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def kept(endpoint: Endpoint, name: str) -> str:
    """The secret called ``name`` of an endpoint: the option itself, or the text of the file that option ``<name>_file`` names."""
    options = dict(endpoint.options)
    if f"{name}_file" not in options:
        return endpoint.option(name)
    try:
        return Path(options[f"{name}_file"]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SourceRefused(f"{endpoint.system}: option {name}_file names a file that cannot be read ({type(error).__name__})") from None


class Certificate(Auth):
    """The client certificate the endpoint names, if any, and nothing else."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def dress(self, session: requests.Session) -> None:
        """Certificates of the endpoint's options."""
        dress(session, self.endpoint)


class Basic(Certificate):
    """User and password on every call."""

    def headers(self) -> dict[str, str]:
        """The Authorization header."""
        return {"Authorization": basic(self.endpoint.user, self.endpoint.secret)}


class ApiKey(Certificate):
    """A key in a header: the endpoint's secret, or the secret option called ``option``."""

    def __init__(self, endpoint: Endpoint, header: str = "apikey", option: str = "") -> None:
        super().__init__(endpoint)
        self._header, self._option = header, option

    def headers(self) -> dict[str, str]:
        """The header with the key."""
        return {self._header: kept(self.endpoint, self._option) if self._option else self.endpoint.secret}


class Bearer(Certificate):
    """A token handed over once and kept as the endpoint's secret."""

    def headers(self) -> dict[str, str]:
        """The Authorization header."""
        return {"Authorization": f"Bearer {self.endpoint.secret}"}


class SignedTimestamp(Certificate):
    """The citizen database's scheme: ``Basic base64(user:sha256hex(url + user + timestamp + secret))`` beside ``Timestamp`` in milliseconds.

    Source: the connection guide of the national population database, as a province's gateway code follows it. ``url`` is the service address.
    """

    def __init__(self, endpoint: Endpoint, clock: Callable[[], float] = time.time) -> None:
        super().__init__(endpoint)
        self._clock = clock

    def headers(self) -> dict[str, str]:
        """Both headers, made anew for each attempt."""
        stamp = str(int(self._clock() * 1000))
        return {"Timestamp": stamp, "Authorization": basic(self.endpoint.user, signature(self.endpoint, stamp))}


def signature(endpoint: Endpoint, stamp: str) -> str:
    """``sha256hex(url + user + timestamp + secret)``."""
    return hashlib.sha256(f"{endpoint.url}{endpoint.user}{stamp}{endpoint.secret}".encode()).hexdigest()


class Together(Auth):
    """Several schemes at once, as an API key beside a signature."""

    def __init__(self, *schemes: Auth) -> None:
        self._schemes = schemes

    def headers(self) -> dict[str, str]:
        """The headers of each."""
        return {name: value for scheme in self._schemes for name, value in scheme.headers().items()}

    def renew(self) -> None:
        """Renews each."""
        for scheme in self._schemes:
            scheme.renew()

    def dress(self, session: requests.Session) -> None:
        """Certificates of each."""
        for scheme in self._schemes:
            scheme.dress(session)
