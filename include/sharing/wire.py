"""uvicorn's HTTP protocol, with one difference: the head of an answer waits for its body, and both leave in one packet.

uvicorn hands them to the kernel one by one; for answers as small as ours that second call is a tenth of what a look-up costs.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD, END, INTERIM = b"HTTP/1.", b"\r\n\r\n", b"HTTP/1.1 1"


class Joined:
    """A transport that keeps the head of an answer until something follows: the body, or the end of the connection."""

    __slots__ = ("held", "transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.held = b""

    def write(self, data: bytes) -> None:
        """Writes, behind what was kept; keeps a head. An interim answer (100 Continue) is one nobody follows."""
        if self.held:
            data, self.held = self.held + data, b""
        elif data.startswith(HEAD) and data.endswith(END) and not data.startswith(INTERIM):
            self.held = data
            return
        self.transport.write(data)

    def close(self) -> None:
        """Ends the connection once everything is written."""
        if self.held:
            self.transport.write(self.held)
            self.held = b""
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)


class Protocol(HttpToolsProtocol):
    """What ``hub serve`` speaks."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Puts the joining transport between."""
        super().connection_made(Joined(transport))  # type: ignore[arg-type]
