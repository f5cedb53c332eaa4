"""Every way the service says no, as RFC 9457 problem documents. One list: routes, OpenAPI and the pages about problems follow from it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec


class Kind(NamedTuple):
    """A problem: its status and what it means, Vietnamese first."""

    status: int
    vi: str
    en: str

    @property
    def title(self) -> str:
        """Both languages."""
        return f"{self.vi} · {self.en}"


KINDS: dict[str, Kind] = {
    "invalid": Kind(400, "Yêu cầu không hợp lệ", "The request is not valid"),
    "ambiguous-request": Kind(400, "Yêu cầu có thể hiểu hai cách", "The request can be read in two ways"),
    "narrow": Kind(400, "Quá nhiều kết quả, hãy tìm hẹp hơn", "Too many hits: search more narrowly"),
    "cursor": Kind(400, "Con trỏ không thuộc thỏa thuận này", "The cursor is not of this agreement"),
    "unauthenticated": Kind(401, "Chưa xác thực được bên gọi", "The caller is not authenticated"),
    "not-granted": Kind(403, "Thỏa thuận không cho phép", "No agreement grants this"),
    "fields-not-granted": Kind(403, "Có trường không được cấp", "Some fields are not granted"),
    "dossier": Kind(403, "Hồ sơ không phù hợp", "The dossier does not fit"),
    "not-yours": Kind(403, "Chỉ xem được dữ liệu của chính mình", "Only one's own data can be seen"),
    "not-found": Kind(404, "Không tìm thấy", "Not found"),
    "ambiguous": Kind(409, "Nhiều bản ghi cùng trả lời, không bản nào được đưa ra", "Several records answer, so none is given"),
    "in-progress": Kind(409, "Yêu cầu cùng khóa đang được xử lý", "A request with this key is being worked on"),
    "gone": Kind(410, "Con trỏ quá cũ", "The cursor is too old"),
    "too-large": Kind(413, "Yêu cầu quá lớn", "The request is too large"),
    "media-type": Kind(415, "Kiểu nội dung không được nhận", "This content type is not taken"),
    "key-reused": Kind(422, "Khóa đã dùng cho yêu cầu khác", "The key was used for another request"),
    "too-many": Kind(429, "Quá nhiều yêu cầu", "Too many requests"),
    "enumeration": Kind(429, "Có dấu hiệu dò số định danh", "This looks like enumeration of identifiers"),
    "unavailable": Kind(503, "Tạm thời không trả lời được", "No answer can be given now"),
    "method": Kind(405, "Phương thức không dùng được ở đây", "This method is not allowed here"),
}


class Problem(Exception):
    """Ends a request. ``detail`` and ``errors`` carry no personal data; ``retry_after`` is in seconds."""

    def __init__(self, kind: str, detail: str = "", errors: Sequence[Mapping[str, str]] = (), retry_after: int = 0) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def document(self, request_id: str) -> dict[str, Any]:
        """The members of the problem document."""
        kind = KINDS[self.kind]
        made: dict[str, Any] = {"type": f"/problems/{self.kind}", "title": kind.title, "status": kind.status, "detail": self.detail or kind.title}
        if self.errors:
            made["errors"] = self.errors
        return made | {"request_id": request_id}

    def headers(self) -> dict[str, str]:
        """What goes beside the document."""
        found = {"retry-after": str(self.retry_after)} if self.retry_after else {}
        if self.status == 401:
            found["www-authenticate"] = 'Bearer realm="bacninh-hub"'
        return found

    def body(self, request_id: str) -> bytes:
        """The document."""
        return msgspec.json.encode(self.document(request_id))
