"""Every way the service says no, as RFC 9457 problem documents. One list: routes, OpenAPI and the pages about problems follow from it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec


class Kind(NamedTuple):
    """A problem: its status, what it means and what to do about it, Vietnamese first."""

    status: int
    vi: str
    en: str
    remedy_vi: str
    remedy_en: str

    @property
    def title(self) -> str:
        """Both languages."""
        return f"{self.vi} · {self.en}"


KINDS: dict[str, Kind] = {
    "invalid": Kind(
        400, "Yêu cầu không hợp lệ", "The request is not valid",
        "Sửa từng lỗi trong `errors`: mỗi lỗi có `pointer` chỉ đúng thành phần sai. Giá trị sai không được nhắc lại vì có thể là dữ liệu cá nhân.",
        "Mend each fault in `errors`: its `pointer` names the member. Values are not quoted, for they may be personal data.",
    ),
    "ambiguous-request": Kind(
        400, "Yêu cầu có thể hiểu hai cách", "The request can be read in two ways",
        "Gửi mỗi tiêu đề và mỗi tham số một lần; chỉ một `Authorization: Bearer <mã>`.",
        "Send each header and each parameter once; one `Authorization: Bearer <token>`.",
    ),
    "narrow": Kind(
        400, "Quá nhiều kết quả, hãy tìm hẹp hơn", "Too many hits: search more narrowly",
        "Thêm ngày sinh đủ ngày tháng hoặc mã xã. Số kết quả không được cho biết để không dò được.",
        "Add the whole birth date or the commune. How many hits there were is not told, so that nothing can be probed.",
    ),
    "cursor": Kind(
        400, "Con trỏ không thuộc thỏa thuận này", "The cursor is not of this agreement",
        "Dùng con trỏ `next-cursor` của lần đọc trước, cùng bên gọi và cùng bộ dữ liệu.",
        "Use `next-cursor` of an earlier read by the same client on the same dataset.",
    ),
    "unauthenticated": Kind(
        401, "Chưa xác thực được bên gọi", "The caller is not authenticated",
        "Lấy mã truy cập mới bằng khóa còn hiệu lực, hoặc ký lại yêu cầu (RFC 9421, tối đa 300 giây, nonce mới). Kiểm tra đồng hồ máy.",
        "Get a new token with a key that counts, or sign the request anew (RFC 9421, 300 seconds, a fresh nonce). Check the machine's clock.",
    ),
    "not-granted": Kind(
        403, "Thỏa thuận không cho phép", "No agreement grants this",
        "Kiểm tra `Purpose-Of-Use` và thỏa thuận của cơ quan: bộ dữ liệu, thao tác, mục đích, thời hạn. Cần thêm thì gửi đề nghị sửa thỏa thuận.",
        "Check `Purpose-Of-Use` and your agreement: dataset, operation, purpose, term. Ask for an amendment if you need more.",
    ),
    "fields-not-granted": Kind(
        403, "Có trường không được cấp", "Some fields are not granted",
        "Bỏ khỏi `fields` những trường nêu trong `errors`, hoặc đề nghị bổ sung vào thỏa thuận.",
        "Leave out of `fields` what `errors` names, or ask for it in the agreement.",
    ),
    "dossier": Kind(
        403, "Hồ sơ không phù hợp", "The dossier does not fit",
        "Gửi `Dossier-Id` của hồ sơ đang xử lý: đúng thủ tục trong `Purpose-Of-Use` và đúng chủ hồ sơ.",
        "Send the `Dossier-Id` being worked on: of the procedure in `Purpose-Of-Use`, and the subject's own.",
    ),
    "not-yours": Kind(
        403, "Chỉ xem được dữ liệu của chính mình", "Only one's own data can be seen",
        "Cổng phải gửi số định danh của chính công dân đã đăng nhập trong `Officer-Id` hoặc `X-Road-UserId`.",
        "The portal sends the number of the citizen who is logged in, as `Officer-Id` or `X-Road-UserId`.",
    ),
    "not-covered": Kind(
        404, "Thủ tục chưa có trong danh mục yêu cầu", "The procedure is not in the catalogue of requirements",
        "Mục đích (`Purpose-Of-Use`) phải là thủ tục có trong danh mục (`hub requirements`). Thủ tục khai không bao phủ thì hỏi như bình thường.",
        "The purpose (`Purpose-Of-Use`) must be a procedure of the catalogue; see `hub requirements`. One declared uncovered is asked for as usual.",
    ),
    "not-found": Kind(
        404, "Không tìm thấy", "Not found",
        "Không có bản ghi, hoặc bản ghi nằm ngoài phạm vi thỏa thuận: hai trường hợp trả lời như nhau.",
        "There is no such record, or it lies outside your agreement: both are answered alike.",
    ),
    "method": Kind(
        405, "Phương thức không dùng được ở đây", "This method is not allowed here",
        "Xem tài liệu: tra cứu dùng POST vì số định danh không được nằm trong địa chỉ.",
        "See the documentation: look-ups are POST, because no personal number may stand in an address.",
    ),
    "ambiguous": Kind(
        409, "Nhiều bản ghi cùng trả lời, không bản nào được đưa ra", "Several records answer, so none is given",
        "Tra bằng số định danh cá nhân 12 số thay cho số cũ.",
        "Ask by the 12-digit personal number instead of an older one.",
    ),
    "gone": Kind(
        410, "Con trỏ quá cũ", "The cursor is too old",
        "Thay đổi được giữ 30 ngày. Lấy lại toàn bộ bằng xuất hàng loạt rồi đọc tiếp.",
        "Changes are kept for 30 days. Start again from a bulk export, then go on reading.",
    ),
    "too-large": Kind(
        413, "Yêu cầu quá lớn", "The request is too large",
        "Thân yêu cầu tối đa 256 KB, tiêu đề 32 KB.",
        "A body has 256 KB at most, headers 32 KB.",
    ),
    "media-type": Kind(
        415, "Kiểu nội dung không được nhận", "This content type is not taken",
        "Gửi đúng `Content-Type` nêu trong `detail`.",
        "Send the `Content-Type` that `detail` names.",
    ),
    "range": Kind(
        416, "Tệp không có đoạn này", "The file has no such range",
        "Xem độ dài tệp trong `Content-Range`; tệp đã tải đủ thì không cần tải tiếp.",
        "The file's length is in `Content-Range`; a file fetched to its end needs no going on.",
    ),
    "key-reused": Kind(
        422, "Khóa đã dùng cho yêu cầu khác", "The key was used for another request",
        "Mỗi yêu cầu mới một `Idempotency-Key` mới; chỉ gửi lại khóa cũ với đúng nội dung cũ.",
        "A new `Idempotency-Key` for each new request; an old key only with its old body.",
    ),
    "too-many": Kind(
        429, "Quá nhiều yêu cầu", "Too many requests",
        "Đợi số giây trong `Retry-After`. Hạn mức nằm trong thỏa thuận.",
        "Wait the seconds in `Retry-After`. The agreement sets the limits.",
    ),
    "enumeration": Kind(
        429, "Có dấu hiệu dò số định danh", "This looks like enumeration of identifiers",
        "Tra các số liền nhau hoặc nhiều số không có thật bị dừng một phút và được báo cho cán bộ vận hành.",
        "Asking for neighbouring numbers, or for many that do not exist, is stopped for a minute and reported to staff.",
    ),
    "export-failed": Kind(
        500, "Không tạo được tệp xuất", "The export could not be made",
        "Yêu cầu xuất lại. Nếu vẫn hỏng, báo cán bộ vận hành kèm `request_id`.",
        "Ask for the export again. If it fails again, tell the hub's staff the `request_id`.",
    ),
    "unavailable": Kind(
        503, "Tạm thời không trả lời được", "No answer can be given now",
        "Gửi lại sau số giây trong `Retry-After`. Khi chưa ghi được nhật ký, trục không trả lời.",
        "Send it again after `Retry-After`. While the log cannot be written, nothing is answered.",
    ),
}  # fmt: skip


class Problem(Exception):
    """Ends a request. ``detail`` and ``errors`` carry no personal data; ``retry_after`` is in seconds; ``beside`` are headers of its own."""

    def __init__(
        self, kind: str, detail: str = "", errors: Sequence[Mapping[str, str]] = (), retry_after: int = 0, beside: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.retry_after = retry_after
        self.beside = dict(beside or {})

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
        found = self.beside | ({"retry-after": str(self.retry_after)} if self.retry_after else {})
        if self.status == 401:
            found["www-authenticate"] = 'Bearer realm="bacninh-hub"'
        return found

    def body(self, request_id: str) -> bytes:
        """The document."""
        return msgspec.json.encode(self.document(request_id))
