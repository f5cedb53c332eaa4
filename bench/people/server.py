"""Serves the pages: ``GET /nguoi-dan?trang=N``. ``GET /an-ban/N`` turns to edition N. Prints its port; ends with its standard input."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    """Files as they lie on disk."""

    protocol_version = "HTTP/1.1"
    folder: ClassVar[Path]
    edition: ClassVar[str] = "1"

    def do_GET(self) -> None:
        """One page, or the turn to another edition."""
        parts = urlsplit(self.path)
        if parts.path.startswith("/an-ban/"):
            Handler.edition = parts.path.rsplit("/", 1)[1]
            body = b"{}"
        else:
            page = self.folder / self.edition / f"{parse_qs(parts.query)['trang'][0]}.json"
            body = page.read_bytes() if page.exists() else b'{"tong":0,"du_lieu":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


def main() -> None:
    """Until the parent goes away."""
    Handler.folder = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
