"""Files on the wire, whole or one range of them (RFC 9110 §14)."""

import re

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from include.sharing.call import Headers
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.wire import SAFE

RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


class File(FileResponse):
    """A file. Raises Problem when it is gone, or has nothing of the range asked for; a range that cannot be read, or several, get it whole."""

    def __init__(self, answer: Answer, request_id: str, headers: Headers) -> None:
        try:
            found = answer.body.stat()
        except FileNotFoundError:
            raise Problem("not-found") from None
        super().__init__(answer.body, media_type=answer.media, headers={"x-request-id": request_id, **SAFE}, stat_result=found)
        same = headers.get("if-range") in ("", self.headers["etag"], self.headers["last-modified"])
        asked = RANGE.fullmatch(headers.get("range").strip()) if same else None
        first, last = asked.groups() if asked else ("", "")
        self.in_part = bool(first or last) and not (first and last and int(last) < int(first))
        if self.in_part and (int(first) >= found.st_size if first else not int(last) or not found.st_size):
            raise Problem("range", beside={"content-range": f"bytes */{found.st_size}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves it."""
        if not self.in_part:
            scope = {**scope, "headers": [each for each in scope["headers"] if each[0] != b"range"]}
        await super().__call__(scope, receive, send)
