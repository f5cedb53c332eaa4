"""The national portal behind the VDXP adapter: a session in every body, failures with HTTP 200, batches taken whole or not at all."""

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.responses import HTMLResponse, Response

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.calls import Call, json_answer, json_object
from include.sandbox.catalogues import shown_procedure
from include.sandbox.dvcqg_filed import LIST, TOKEN, Filed, Newer, listed
from include.sandbox.dvcqg_rules import Refusal, checked_dossier, checked_progress
from include.sandbox.store import Store
from include.sandbox.tables import procedures

BASE = "/XrdAdapter/RestService/forward/mapi"
EVALUATION = "/api/v1/reporting/evaluation/dvc-progress-tree"
LARGEST_BATCH, LARGEST_PROGRESS, LARGEST_CATALOGUE = 50, 10, 100_000
Answer = dict[str, Any]


class Dvcqg:
    """The portal. Sessions live ``seconds`` and die with the process; what it was sent survives."""

    name = "dvcqg"
    namespace = ""

    def __init__(self, store: Store, seconds: float = 1800) -> None:
        self.store = store
        self._seconds = seconds
        self._sessions: dict[str, float] = {}
        self._filed = Filed(store)
        self._newer = Newer(self._filed, seconds)
        self._services: dict[tuple[str, str], Callable[[Answer], Answer]] = {
            ("g", "TraCuuHoSo"): self._look_up,
            ("g", "LayDanhSachHoSo"): self._list,
            ("g", "LayThuTuc"): self._procedure,
            ("g", "LayDanhSachTTHC"): lambda _: self._catalogue("procedures"),
            ("g", "LayDanhMucCoQuan"): lambda _: self._catalogue("agencies"),
            ("g", "LayDanhMucPhuongXa"): lambda _: self._catalogue("units"),
            ("p", "DongBoHoSoMC"): self._dossiers,
            ("p", "CapNhatTienDoHoSoMC"): self._progress,
        }

    def operation(self, call: Call) -> str:
        """``login``, or the service the body names."""
        return str((json_object(call.body) or {}).get("service") or call.path.rsplit("/", 1)[-1])

    def handle(self, call: Call) -> Response:
        """The adapter's own checks, then the portal's; the evaluation API is public and stands beside the adapter."""
        if call.method == "POST" and call.path == EVALUATION:
            return self._evaluation(json_object(call.body) or {})
        if call.path in {TOKEN, LIST}:
            return self._newer.handle(call)
        if call.method != "POST" or not call.path.startswith(BASE + "/"):
            return HTMLResponse("<html><body>404 Not Found</body></html>", 404)
        request = json_object(call.body)
        if (call.headers.get("dstcode") or call.query.get("dstcode")) != ACCOUNTS["dvcqg"]["dstcode"]:
            return json_answer(_failed(-9, "dstcode không hợp lệ"))
        if request is None:
            return json_answer(_failed(-9, "Dữ liệu không phải JSON"))
        return json_answer(self._answer(call.path.removeprefix(BASE + "/"), request))

    def trouble(self, call: Call, status: int) -> Response:  # noqa: ARG002 one signature for all
        """The adapter's page; the portal never sees the call."""
        return HTMLResponse("<html><body>Service Unavailable</body></html>", status)

    def expire(self) -> None:
        """Forgets every session."""
        self._sessions.clear()
        self._newer.expire()

    def _answer(self, path: str, request: Answer) -> Answer:
        if path == "login":
            return self._login(request)
        if time.monotonic() >= self._sessions.get(str(request.get("session")), 0.0):
            return _failed(-2, "Phiên làm việc không hợp lệ")
        if request.get("madonvi") != ACCOUNTS["dvcqg"]["madonvi"]:
            return _failed(-9, "madonvi không hợp lệ")
        service = self._services.get((path, str(request.get("service"))))
        return service(request) if service else _failed(-9, "Không có dịch vụ này")

    def _login(self, request: Answer) -> Answer:
        account = ACCOUNTS["dvcqg"]
        if (request.get("username"), request.get("password")) != (account["user"], account["secret"]):
            return _failed(-1, "Sai tài khoản hoặc mật khẩu")
        session = secrets.token_hex(16)
        self._sessions[session] = time.monotonic() + self._seconds
        return {"error_code": "0", "message": "", "session": session}

    def _evaluation(self, request: Answer) -> Response:
        """How many dossiers of each agency were received in a month."""
        wanted = f"{request.get('year')}{int(request.get('month') or 0):02d}"
        if request.get("timeType") != "month" or request.get("rootDepartmentId") != ACCOUNTS["dvcqg"]["madonvi"][-3:]:
            return json_answer({"message": "timeType, rootDepartmentId"}, 400)
        _, held = self.store.records("dossiers", 0, 10**9)
        found = Counter(one["DonViXuLy"] for one in held if one["NgayTiepNhan"].startswith(wanted))
        size, page = int(request.get("pageSize") or 20), int(request.get("currentPage") or 1)
        items = [{"departmentId": agency, "totalReceived": number} for agency, number in sorted(found.items())]
        return json_answer({"data": {"total": len(items), "items": items[(page - 1) * size : page * size]}})

    def _look_up(self, request: Answer) -> Answer:
        found = self._held(str(request.get("mahoso", "")))
        return {"error_code": "00", "message": "", "result": [found] if found else []}

    def _held(self, code: str) -> Answer | None:
        """The portal's one copy of a dossier: as it was filed here and changed since, or as an agency sent it."""
        return self._filed.copy(code) or self.store.written("dossiers", code)

    def _list(self, request: Answer) -> Answer:
        found = listed(self._filed, request)
        return _failed(-5, found) if isinstance(found, str) else found

    def _procedure(self, request: Answer) -> Answer:
        wanted = str(request.get("maTTHC", ""))[:8]
        return {"error_code": "00", "message": "", "result": [shown_procedure(one) for one in procedures() if one["code"] == wanted]}

    def _catalogue(self, dataset: str) -> Answer:
        rows = self.store.page(dataset, "", "\uffff", 0, LARGEST_CATALOGUE)
        return {"error_code": "00", "message": "", "result": [json.loads(row) for row in rows]}

    def _dossiers(self, request: Answer) -> Answer:
        data, updating = request.get("data"), request.get("isUpdating")
        if not isinstance(data, list) or not 0 < len(data) <= LARGEST_BATCH or updating not in {"True", "False"}:
            return _failed(-5, f"data: từ 1 đến {LARGEST_BATCH} hồ sơ; isUpdating: True hoặc False")
        try:
            taken = self._checked(data, updating == "True")
        except Refusal as refusal:
            return _failed(refusal.code, str(refusal))
        self.store.write(("dossiers", code, one) for code, one in taken.items())
        for code, one in taken.items():
            self._filed.overwritten(code, one)
        return {"error_code": 0, "message": "Thành công"}

    def _checked(self, data: list[Any], updating: bool) -> dict[str, Answer]:
        """The batch by dossier code. Raises Refusal for the first dossier that will not do."""
        taken: dict[str, Answer] = {}
        for one in data:
            code = checked_dossier(one)
            held = code in taken or self._held(code) is not None
            if held and not updating:
                raise Refusal(-3, f"Hồ sơ {code} đã tồn tại")
            if updating and not held:
                raise Refusal(-4, f"Hồ sơ {code} không tồn tại")
            taken[code] = one
        return taken

    def _all_held(self, codes: list[str]) -> None:
        for code in codes:
            if self._held(code) is None:
                raise Refusal(-4, f"Hồ sơ {code} không tồn tại")

    def _progress(self, request: Answer) -> Answer:
        data = request.get("data")
        if not isinstance(data, list) or not 0 < len(data) <= LARGEST_PROGRESS:
            return _failed(-5, f"data: từ 1 đến {LARGEST_PROGRESS} tiến độ")
        try:
            keys = [checked_progress(one) for one in data]
            self._all_held([one["MaHoSo"] for one in data])
        except Refusal as refusal:
            return _failed(refusal.code, str(refusal))
        fresh: dict[str, Answer] = {}
        for key, one in zip(keys, data, strict=True):
            if key not in fresh and self.store.written("progress", key) is None:
                fresh[key] = one
        self.store.write(("progress", key, one) for key, one in fresh.items())
        return {"error_code": 0, "message": "Thành công"}


def _failed(code: int, message: str) -> Answer:
    return {"error_code": str(code), "message": message}
