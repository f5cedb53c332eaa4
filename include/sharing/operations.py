"""What an operation of the service is called, takes and gives. Routes carry one each; OpenAPI, the docs pages and X-Road's lists follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.sharing.inputs import Input

Schema = Mapping[str, Any]
JSON = "application/json"
STANDARD = ("invalid", "ambiguous-request", "unauthenticated", "too-large", "unavailable")
"""Problems any operation for known callers can end in."""
GRANTED = ("not-granted", "dossier", "too-many", "enumeration")
"""And any that an agreement must allow."""

TAGS = {
    "records": ("Tra cứu, xác thực, tìm kiếm", "Look-up, verify, search"),
    "once": ("Chỉ nộp một lần", "Once only"),
    "exports": ("Xuất hàng loạt", "Bulk export"),
    "changes": ("Thay đổi và webhook", "Changes and webhooks"),
    "corrections": ("Đề nghị đính chính", "Corrections"),
    "usage": ("Ai đã xem dữ liệu của tôi", "Who looked at my data"),
    "access": ("Mã truy cập", "Access tokens"),
    "metadata": ("Mô tả dịch vụ", "About the service"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    ``right`` is what an agreement must allow (empty: any known caller), about the entity ``dataset`` (empty: the body says which). ``inputs`` are
    the members of a JSON body, ``query`` and ``path`` those of the address, ``headers`` names in ``HEADERS``; ``answer`` is a JSON schema,
    ``accepted`` that of a 202 beside it. ``open``: asked without a proof. ``same_as`` names the operation of which this is only another address.
    """

    id: str
    tag: str
    vi: str
    en: str
    right: str = ""
    dataset: str = ""
    inputs: tuple[Input, ...] = ()
    query: tuple[Input, ...] = ()
    path: tuple[Input, ...] = ()
    headers: tuple[str, ...] = ()
    form: Schema | None = None
    answer: Schema | None = None
    accepted: Schema | None = None
    status: int = 200
    media: str = JSON
    problems: tuple[str, ...] = ()
    open: bool = False
    same_as: str = ""

    @property
    def every_problem(self) -> tuple[str, ...]:
        """All it can end in, in the order of the catalogue's use."""
        own = STANDARD + (GRANTED if self.right else ()) + (("media-type",) if self.inputs or self.form else ())
        return tuple(dict.fromkeys((*(own if not self.open else ("invalid", "unavailable")), *self.problems)))


def of(properties: Mapping[str, Any], *optional: str) -> Schema:
    """An object with these members, all there but the optional ones."""
    return {"type": "object", "required": [name for name in properties if name not in optional], "properties": dict(properties)}


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
HEADERS: dict[str, tuple[Schema, str, bool]] = {
    "Purpose-Of-Use": (
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"},
        "Mã thủ tục hành chính là mục đích của yêu cầu, như 1.001193 · The procedure the question is asked for",
        True,
    ),
    "Dossier-Id": (
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"},
        "Mã hồ sơ; bắt buộc khi thỏa thuận yêu cầu · The dossier; needed where the agreement says so",
        False,
    ),
    "Officer-Id": (
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"},
        "Mã cán bộ hỏi, vào nhật ký; số định danh chỉ được giữ dạng băm có khóa · The officer who asks, for the log; a personal number is kept keyed",
        False,
    ),
    "X-Request-Id": (
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$"},
        "Tên của yêu cầu; không có thì trục đặt · The request's name; ours when there is none",
        False,
    ),
    "Prefer": ({"type": "string", "enum": ["respond-async"]}, "respond-async", True),
    "Idempotency-Key": (
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$"},
        "Cùng khóa và cùng nội dung thì cùng câu trả lời · The same key and body get the same answer",
        True,
    ),
    "Range": ({"type": "string", "pattern": "^bytes=[0-9]*-[0-9]*$"}, "Tải tiếp từ giữa tệp · Goes on from within a file", False),
}
