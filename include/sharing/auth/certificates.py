"""Client certificates, as nginx saw them. Its word counts only with a secret it shares with the service: nobody can put it there himself."""

import base64
import hashlib
import hmac
from functools import lru_cache
from urllib.parse import unquote

from include.sharing.call import Headers
from include.sharing.problems import Problem

HEADER = "x-client-certificate"
NAME = HEADER.encode()
PROOF = "x-hub-proxy"


def thumbprint_of(headers: Headers, secret: str) -> str:
    """SHA-256 of the caller's certificate; empty when there is none or nobody to be trusted says so. Raises Problem when it cannot be read."""
    given = headers.get(HEADER, "")
    if not given or not secret or not hmac.compare_digest(headers.get(PROOF, "").encode(), secret.encode()):
        return ""
    return digest(given)


@lru_cache(maxsize=1_000)
def digest(escaped: str) -> str:
    """From nginx's ``$ssl_client_escaped_cert``: a PEM, percent-encoded."""
    lines = unquote(escaped).split("-----")
    try:
        return hashlib.sha256(base64.b64decode("".join(lines[2].split()), validate=True)).hexdigest()
    except (IndexError, ValueError):
        raise Problem("unauthenticated", "không đọc được chứng thư · the certificate cannot be read") from None
