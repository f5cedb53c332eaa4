"""Certificates: ours to show (mutual TLS), theirs to trust, and what a failed handshake means.

Options of an endpoint: ``client_cert_file`` (PEM; may hold the key too), ``client_key_file`` (PEM, unencrypted), ``ca_file`` (PEM of the
authority that issued the agency's certificate, when it is not a public one). Verification is never switched off.
"""

import ssl
from pathlib import Path

import requests

from connectors.errors import ConnectorError, SourceRefused, SourceUnavailable
from connectors.page import Endpoint

FILES = ("client_cert_file", "client_key_file", "ca_file")
_OURS = (
    "CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_CERTIFICATE",
    "ALERT_NO_CERTIFICATE",
    "ALERT_DECRYPT_ERROR",
    "HANDSHAKE_FAILURE",
)
"""Alerts by which a server says that it does not take our certificate, or misses one (RFC 8446 §6.2)."""


def dress(session: requests.Session, endpoint: Endpoint) -> None:
    """Puts the endpoint's certificates on a session. Raises SourceRefused naming the option whose file cannot be read."""
    for name, problem in missing(endpoint):
        raise SourceRefused(f"{endpoint.system}: option {name} {problem}")
    options = dict(endpoint.options)
    certificate, key = options.get("client_cert_file"), options.get("client_key_file")
    if certificate:
        session.cert = (certificate, key) if key else certificate
    if options.get("ca_file"):
        session.verify = options["ca_file"]


def missing(endpoint: Endpoint) -> list[tuple[str, str]]:
    """(option, what is wrong with it) for each file named and not readable, and for a key without its certificate."""
    options = dict(endpoint.options)
    wrong = [(name, "names a file that is not there") for name in FILES if options.get(name) and not Path(options[name]).is_file()]
    if options.get("client_key_file") and not options.get("client_cert_file"):
        wrong.append(("client_cert_file", "is missing beside client_key_file"))
    return wrong


def tls_error(error: BaseException, place: str) -> ConnectorError | None:
    """What a failed request says about TLS: whose certificate is not taken; None when TLS was not the matter."""
    found = _cause(error)
    if isinstance(found, ssl.SSLCertVerificationError):
        return SourceRefused(f"{place}: their certificate is not trusted ({found.verify_message}); name its authority in option ca_file")
    if found is not None and any(sign in (found.reason or "") for sign in _OURS):
        return SourceRefused(f"{place}: our certificate is missing or refused ({found.reason}); see options client_cert_file, client_key_file")
    return SourceUnavailable(f"{place}: TLS failed ({found.reason or type(found).__name__})") if found is not None else None


def _cause(error: BaseException | None) -> ssl.SSLError | None:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None
