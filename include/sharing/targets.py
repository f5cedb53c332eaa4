"""Where webhooks may go: public addresses only, looked up once and then connected to by number, so that no name can point inside afterwards."""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from include.errors import HubError
from include.settings import Settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out; elsewhere lie site addresses and ways to IPv4 (NAT64, compatible addresses)."""
TIMEOUT = 20
"""Seconds for each step."""
DEADLINE = 30
"""Seconds for all of them."""


class Refused(HubError):
    """The address is not one we send to."""


def allowed_networks(settings: Settings) -> list[Network]:
    """Networks allowed beside public ones: HUB_WEBHOOK_NETWORKS."""
    given = settings.environment.get("HUB_WEBHOOK_NETWORKS", "")
    try:
        return [ipaddress.ip_network(each) for each in given.split(",") if each]
    except ValueError as error:
        raise LookupError(f"HUB_WEBHOOK_NETWORKS: {error}") from None


def check_url(url: str, inside: Sequence[Network]) -> SplitResult:
    """The parts of an address we may send to. Raises Refused; a name is only looked up when sending."""
    try:
        parts = urlsplit(url)
        url.encode("ascii")
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise Refused("địa chỉ không đúng dạng: chỉ ký tự ASCII, tên máy hợp lệ · not an address: ASCII only, and a valid host name") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and inside):
        raise Refused("cần https · https is needed")
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise Refused("địa chỉ có tên máy, không kèm mật khẩu · a host, and no password in it")
    try:
        port = parts.port
    except ValueError:
        raise Refused("cổng không hợp lệ · the port is not valid") from None
    if port is not None and not inside and port not in (443, 8443):
        raise Refused("cổng 443 hoặc 8443 · port 443 or 8443")
    return parts


def resolved(parts: SplitResult, inside: Sequence[Network]) -> str:
    """The number to connect to. Every address the name has must be allowed. Raises Refused; OSError when the name cannot be looked up."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = {str(each[4][0]) for each in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    for each in found:
        address = ipaddress.ip_address(each.partition("%")[0])
        plain = getattr(address, "ipv4_mapped", None) or address
        public = plain.is_global and not plain.is_multicast and (plain.version == 4 or plain in UNICAST)
        if not public and not any(plain.version == net.version and plain in net for net in inside):
            raise Refused("địa chỉ nội bộ · an inside address")
    return sorted(found)[0]


def post(url: str, body: bytes, headers: dict[str, str], inside: Sequence[Network]) -> tuple[int, str]:
    """Sends; (status, Retry-After). Redirects are not followed, what the receiver says beyond its headers is not read, and ``DEADLINE`` ends it
    however slowly it answers. Raises Refused, OSError or HTTPException.
    """
    parts = check_url(url, inside)
    number = resolved(parts, inside)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=TIMEOUT)
    connection.sock = socket.create_connection((number, port), TIMEOUT)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(connection.sock, server_hostname=parts.hostname, do_handshake_on_connect=False)
    deadline = threading.Timer(DEADLINE, cut, [connection.sock])
    deadline.start()
    try:
        if isinstance(connection.sock, ssl.SSLSocket):
            connection.sock.do_handshake()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Retry-After", "")
    finally:
        deadline.cancel()
        connection.close()


def cut(connection: socket.socket) -> None:
    """Ends a connection somebody waits at."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
