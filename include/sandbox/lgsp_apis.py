"""The newer APIs behind the provincial gateway, each with a paging of its own: household businesses, land, papers, queue tickets, surveys."""

from datetime import datetime

from starlette.responses import Response

from include.sandbox.calls import Call, json_answer, json_object, whole
from include.sandbox.files import file_of, served
from include.sandbox.moments import HANOI_OFFSET
from include.sandbox.repeats import Repeats
from include.sandbox.store import Place, Store
from include.sandbox.wire import HOUSEHOLDS, LAND, PAPERS, SURVEYS, TICKETS, Dataset

LARGEST_NUMBERED, LARGEST_LAND, LARGEST_PAPERS = 500, 200, 500
_END = "\uffff"


def moment(text: str) -> str | None:
    """An ISO moment as rows are ordered by; None when it is none. A blank before the offset is a plus that a URL lost."""
    try:
        return datetime.fromisoformat(text.replace(" ", "+")).astimezone(HANOI_OFFSET).isoformat(timespec="seconds")
    except ValueError:
        return None


class Apis:
    """The APIs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._repeats = Repeats()

    def households(self, call: Call) -> Response:
        """``apiHoKinhDoanh/danhSachHoKinhDoanh``."""
        return self._numbered(call, HOUSEHOLDS)

    def tickets(self, call: Call) -> Response:
        """``apiXepHang/luotGiaoDich``."""
        return self._numbered(call, TICKETS)

    def surveys(self, call: Call) -> Response:
        """``apiXepHang/phieuDanhGia``."""
        return self._numbered(call, SURVEYS)

    def _numbered(self, call: Call, dataset: Dataset) -> Response:
        """Pages numbered from one."""
        first, end = moment(call.query.get("tuThoiDiem", "")), moment(call.query.get("denThoiDiem", ""))
        page, size = whole(call.query.get("trang", "1"), 1, 10**6), whole(call.query.get("soLuong", "500"), 1, LARGEST_NUMBERED)
        if first is None or end is None or page is None or size is None:
            return json_answer({"code": "400", "message": "tuThoiDiem, denThoiDiem: ISO 8601; soLuong tối đa 500", "data": None})
        window = (dataset.name, first, end)
        back = self._repeats.of(window, page == 1, call.repeat)
        rows = self.store.page(*window, (page - 1) * size - back, size)
        body = f'{{"code":"00","message":"","data":{{"total":{self.store.count(*window) + back},"items":[{",".join(rows)}]}}}}'
        return Response(body, media_type="application/json; charset=utf-8")

    def land(self, call: Call) -> Response:
        """``apiDatDai/danhSachGiayChungNhan``: a continuation token in every answer."""
        request = json_object(call.body) or {}
        first, size = moment(str(request.get("tuThoiDiem", ""))), request.get("soLuong")
        if first is None or type(size) is not int or not 1 <= size <= LARGEST_LAND:
            return json_answer({"thanhCong": False, "thongBao": "tuThoiDiem: ISO 8601; soLuong tối đa 200", "ketQua": []}, 400)
        token = str(request.get("conTro") or "")
        place = Place(first, "", 0)
        if token:
            parts = token.split("~")
            if len(parts) != 3 or not parts[2].isdigit():
                return json_answer({"thanhCong": False, "thongBao": "conTro không hợp lệ", "ketQua": []}, 400)
            place = Place(parts[0], parts[1], int(parts[2]))
            if call.repeat:
                place = self.store.before(LAND.name, place, call.repeat) or Place(first, "", 0)
        found = self.store.after(LAND.name, place, size + 1)
        more = "~".join(map(str, found[size - 1][0])) if len(found) > size else ""
        rows = ",".join(fragment for _, fragment in found[:size])
        body = f'{{"thanhCong":true,"tongSo":{self.store.count(LAND.name, first, _END)},"conTroTiep":"{more}","ketQua":[{rows}]}}'
        return Response(body, media_type="application/json; charset=utf-8")

    def papers(self, call: Call) -> Response:
        """``apiKhoGiayTo/giayTo``: OData, the next page behind ``@odata.nextLink``."""
        first, end = call.query.get("tu", ""), call.query.get("den", "")
        skip, top = whole(call.query.get("$skip", "0"), 0, 10**8), whole(call.query.get("$top", "500"), 1, LARGEST_PAPERS)
        if not (first.isdigit() and end.isdigit() and len(first) == len(end) == 14) or skip is None or top is None:
            return json_answer({"error": {"code": "BadRequest", "message": "tu, den: yyyyMMddHHmmss; $top tối đa 500"}}, 400)
        window = (PAPERS.name, first, end)
        back = self._repeats.of(window, skip == 0, call.repeat)
        rows, total = self.store.page(*window, skip - back, top), self.store.count(*window) + back
        link = ""
        if skip + len(rows) < total:
            link = f'"@odata.nextLink":"{call.url.partition("?")[0]}?tu={first}&den={end}&$top={top}&$skip={skip + len(rows)}",'
        body = f'{{"@odata.count":{total},{link}"value":[{",".join(rows)}]}}'
        return Response(body, media_type="application/json; charset=utf-8")

    def paper_file(self, call: Call) -> Response:
        """``apiKhoGiayTo/tep``: the file of one paper."""
        rows = self.store.fragments(PAPERS.name, call.query.get("ma", ""))
        if not rows:
            return json_answer({"error": {"code": "NotFound", "message": "không có tệp"}}, 404)
        row = PAPERS.parse(rows[0][1])
        file = file_of(row["Ma"], row["LoaiSoHoa"], row["CoChuKySo"] == "1")
        return Response(served(file), media_type=file.media_type)
