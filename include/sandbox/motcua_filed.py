"""Dossiers that come to the one-stop system from outside: ``TraCuuHoSo`` shows the copy it holds, ``CapNhatHoSo`` writes over it.

Whoever writes says which copy they have seen (``capNhatTruoc``, empty for none); another one there now is refused with 30, so that nobody
overwrites what they do not know. What is taken joins the list of changes, as everything does that changes.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from include.sandbox.dvcqg_rules import is_moment
from include.sandbox.moments import iso
from include.sandbox.motcua_rules import Verdict
from include.sandbox.places import current_codes
from include.sandbox.store import Store
from include.sandbox.wire import DOSSIERS, Wire, element

KIND = "dossiers"
BY_HUB, BY_DESK = "truc", "motcua"
"""``capNhatBoi``: who changed the copy last, the exchange hub or a desk."""
_FILLED = ("maHoSo", "maTTHC", "tenTTHC", "kenhThucHien", "loaiDoiTuong", "chuHoSo", "donViXuLy", "trangThai")
_STATUSES = frozenset(str(number) for number in range(1, 11))
_DATED = {"2": "ngayTiepNhan", "3": "ngayTuChoi", "4": "ngayTiepNhan", "9": "ngayKetThucXuLy", "10": "ngayTra"}
_SEEN = "capNhatTruoc"
TAKEN, AGAIN = Verdict("00", "Đã tiếp nhận"), Verdict("01", "Đã tiếp nhận trước đó, nội dung không đổi")


def read(node: etree._Element) -> Any:
    """An element as text or a dict; what may repeat is a list."""
    if not len(node):
        return node.text or ""
    out: Wire = {}
    for child in node:
        name = etree.QName(child).localname
        if name in DOSSIERS.lists:
            out.setdefault(name, []).append(read(child))
        else:
            out[name] = read(child)
    return out


class Outside:
    """The dossiers of a store, as others see and change them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def held(self, code: str) -> Wire | None:
        """The system's present copy."""
        found = self._store.fragments(DOSSIERS.name, code)
        return DOSSIERS.parse(found[-1][1]) if found else None

    def shown(self, codes: list[str]) -> str:
        """``dangGiu`` of each dossier that is held, as XML."""
        found = [(code, self._store.fragments(DOSSIERS.name, code)) for code in codes]
        return "".join(
            f"<dangGiu>{rows[-1][1]}{element('capNhatBoi', self._changed_by(code, DOSSIERS.parse(rows[-1][1])))}</dangGiu>"
            for code, rows in found
            if rows
        )

    def _changed_by(self, code: str, copy: Wire) -> str:
        return BY_HUB if self._store.written(KIND, code) == without_moment(copy) else BY_DESK

    def settle(self, number: str, request: etree._Element) -> list[dict[str, str]]:
        """Takes what is good, item by item, and remembers what was answered."""
        items = [read(node) for node in request.iterfind("{*}hoSo")]
        taken: dict[str, Wire] = {}
        results = []
        for item in items:
            code, found = item["maHoSo"], self._verdict(item, taken)
            if found is TAKEN:
                taken[code] = {name: value for name, value in item.items() if name != _SEEN}
            results.append({"maThamChieu": code, "ma": found.code, "moTa": found.text})
        self._store.write([(KIND, code, item) for code, item in taken.items()], (number, results))
        for code, item in taken.items():
            self._join(code, item)
        return results

    def _verdict(self, item: Wire, taken: dict[str, Wire]) -> Verdict:
        for problem in problems(item):
            return Verdict("10", problem)
        if item.get("maXa") and item["maXa"] not in current_codes():
            return Verdict("20", "maXa không có trong danh mục")
        copy = self.held(item["maHoSo"])
        if copy and without_moment(copy) == {name: value for name, value in item.items() if name != _SEEN}:
            return AGAIN
        if item["maHoSo"] in taken or item[_SEEN] != (copy["capNhatLuc"] if copy else ""):
            return Verdict("30", "Hồ sơ đã đổi sau lần tra cứu")
        return TAKEN

    def _join(self, code: str, item: Wire) -> None:
        row = item | {"capNhatLuc": iso(self._store.now())}
        found = self._store.fragments(DOSSIERS.name, code)
        for number, _ in found:
            self._store.replace(DOSSIERS.name, number, row)
        if not found:
            self._store.add(DOSSIERS.name, row)


def without_moment(copy: Wire) -> Wire:
    """What the copy says, but not when it changed."""
    return {name: value for name, value in copy.items() if name != "capNhatLuc"}


def problems(item: Wire) -> Iterator[str]:
    """What is wrong with a dossier by itself."""
    yield from (f"{name} trống" for name in _FILLED if not item[name].strip())
    yield from (f"{name} không hợp lệ" for name, value in item.items() if name.startswith("ngay") and value and not is_moment(value))
    if item["trangThai"] not in _STATUSES:
        yield "trangThai không hợp lệ"
    needed = _DATED.get(item["trangThai"])
    if needed and not item[needed]:
        yield f"{needed} trống"
