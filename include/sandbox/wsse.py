"""WS-Security UsernameToken with a password digest (OASIS WSS UsernameToken Profile 1.1): fresh, and never twice."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from lxml import etree

from include.sandbox.soap import Refused

_WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
_WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
FRESH = timedelta(minutes=5)


class UsernameTokens:
    """Checks tokens of one account, and remembers nonces for as long as they could come again."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._nonces: dict[bytes, datetime] = {}

    def check(self, envelope: etree._Element) -> None:
        """Raises Refused (XACTHUC) unless the envelope carries a good token."""
        token = envelope.find(f".//{_WSSE}Security/{_WSSE}UsernameToken")
        if token is None:
            raise Refused("XACTHUC", "thiếu UsernameToken")
        password = token.find(f"{_WSSE}Password")
        if password is None or password.get("Type") != _DIGEST:
            raise Refused("XACTHUC", "chỉ nhận PasswordDigest")
        nonce, created = _nonce(token), token.findtext(f"{_WSU}Created") or ""
        expected = base64.b64encode(hashlib.sha1(nonce + created.encode() + self._password.encode()).digest()).decode()  # noqa: S324 the profile says SHA-1
        known = hmac.compare_digest((token.findtext(f"{_WSSE}Username") or "").encode(), self._user.encode())
        if not hmac.compare_digest(expected.encode(), (password.text or "").encode()) or not known:
            raise Refused("XACTHUC", "sai tài khoản hoặc mật khẩu")
        self._once(nonce, _moment(created))

    def _once(self, nonce: bytes, created: datetime) -> None:
        now = datetime.now(UTC)
        if abs(now - created) > FRESH:
            raise Refused("XACTHUC", "UsernameToken quá 5 phút")
        self._nonces = (
            {old: moment for old, moment in self._nonces.items() if abs(now - moment) <= FRESH} if len(self._nonces) > 10_000 else self._nonces
        )
        if nonce in self._nonces:
            raise Refused("XACTHUC", "nonce đã dùng")
        self._nonces[nonce] = created


def _nonce(token: etree._Element) -> bytes:
    try:
        nonce = base64.b64decode(token.findtext(f"{_WSSE}Nonce") or "", validate=True)
    except ValueError:
        nonce = b""
    if not nonce:
        raise Refused("XACTHUC", "thiếu Nonce")
    return nonce


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("XACTHUC", "Created không phải thời điểm") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
