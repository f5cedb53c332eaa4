"""An answer written as one packet. uvicorn takes head and body apart, looks at each header and makes two system calls: a quarter of a look-up.

This does what ``RequestResponseCycle.send`` does for a start and a body that are both at hand, and nothing else; whatever is unusual (another server,
a HEAD, a caller gone or slow) goes uvicorn's own way. A test holds both against each other, byte by byte.
"""

from typing import Any

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from include.sharing.openapi import VERSION
from include.sharing.operations import JSON

Headers = list[tuple[bytes, bytes]]
SAFE = {
    "cache-control": "no-store",
    "api-version": VERSION,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
}
"""What every answer says unless it says otherwise (OWASP REST Security Cheat Sheet); nginx adds Strict-Transport-Security."""
PLAIN: Headers = [(b"content-type", JSON.encode()), *((name.encode(), value.encode()) for name, value in SAFE.items())]
"""What nearly every answer says."""
BLOCK = b"".join(b"%b: %b\r\n" % header for header in PLAIN)


def written(send: Send, status: int, headers: Headers, body: bytes) -> bool:
    """Writes an answer with the plain headers and these; False when that is uvicorn's business, and nothing was written.

    ``headers`` must be free of line breaks: they are our own, or came through the parser.
    """
    cycle: Any = getattr(send, "__self__", None)
    if not isinstance(cycle, RequestResponseCycle):
        return False
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused or cycle.scope["method"] == "HEAD" or cycle.access_log:
        return False
    parts = [STATUS_LINE[status]]
    for name, value in cycle.default_headers:
        parts += (name, b": ", value, b"\r\n")
    parts.append(BLOCK)
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
    parts += (b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n", body)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join(parts))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
