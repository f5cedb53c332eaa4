"""Dossiers as the one-stop system writes them: real procedures, owners from the province, histories that obey the portal's rules."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from include.sandbox.enterprises import Company
from include.sandbox.histories import History, walk
from include.sandbox.ledger import Known, component_of, equivalent
from include.sandbox.moments import AS_OF, SPREAD, between, iso, stamp
from include.sandbox.people import Citizen, Held
from include.sandbox.places import Place, current_codes
from include.sandbox.tables import pick, procedures, rows
from include.sandbox.truth import Mark
from include.sandbox.wire import Wire
from mappings.requirements import catalogue

_NOTES = {"1": "Nộp hồ sơ", "2": "Tiếp nhận hồ sơ", "3": "Không tiếp nhận hồ sơ", "4": "Chuyển xử lý", "5": "Yêu cầu bổ sung giấy tờ"}
_NOTES |= {"6": "Yêu cầu nộp phí, lệ phí", "7": "Công dân rút hồ sơ", "8": "Dừng xử lý", "9": "Hoàn thành xử lý", "10": "Trả kết quả"}
AGENCY_NAMES = {row["code"]: row["name"] for row in rows("agencies")}
_OFFICERS = ("Cán bộ Một", "Cán bộ Hai", "Cán bộ Ba", "Cán bộ Bốn", "Cán bộ Năm")


def commune_agency(place: Place) -> str:
    """The agency code of a commune's people's committee; illustrative numbers above 200."""
    return f"H05.{201 + sorted(current_codes()).index(place.code)}"


def old_form(agency: str) -> str:
    """``H05.16`` as ``000.00.16.H05`` (QCVN 102:2016); three-digit codes have no old form."""
    head, _, tail = agency.partition(".")
    return f"000.00.{tail}.{head}" if len(tail) == 2 else agency


AGAIN, UNBACKED = 0.12, 0.02
"""Shares of the components the state held that are handed in all the same, and of those it did not hold that are said to be reused."""


class Dossiers:
    """Writes ``count`` rows in the order of their filing; owners are citizens and the enterprises in operation. ``store`` holds the papers
    digitised so far, by the number of their owner; ``again`` and ``unbacked`` are what the last row handed in, or claimed, without need.
    They were filed within ``spread`` before the province stands still; ``running`` holds the last running number of each agency and day.
    """

    def __init__(
        self,
        random: Random,
        people: Sequence[Citizen],
        companies: Sequence[Company],
        count: int,
        store: dict[str, list[Held]],
        *,
        spread: timedelta = SPREAD,
        running: defaultdict[str, int] | None = None,
    ) -> None:
        self._random = random
        self._store = store
        self._spread = spread
        self._filings = iter(sorted(self._filed() for _ in range(count)))
        self.again: list[Mark] = []
        self.unbacked: list[Mark] = []
        self._people = people
        self._companies = companies
        self._agencies: dict[str, str] = {}
        self.running: defaultdict[str, int] = defaultdict(int) if running is None else running
        self._procedures = {kind: [one for one in procedures() if one["applicant"] == kind] for kind in ("citizen", "enterprise")}

    def row(self) -> tuple[Wire, Citizen | None]:
        """One dossier, and the citizen who owns it (None for an enterprise's)."""
        random = self._random
        company = pick(random, self._companies) if self._companies and random.random() < 0.15 else None
        person = None if company else pick(random, self._people)
        procedure = pick(random, self._procedures["enterprise" if company else "citizen"])
        place = company.place if company else person.household.place if person else None
        assert place is not None  # noqa: S101 one of the two owners exists
        filed = next(self._filings)
        history = walk(random, filed, procedure["working_days"])
        agency = self._agency(procedure, place)
        online = random.random() < 0.62
        row: Wire = {"maHoSo": self._code(agency, filed), "maTTHC": procedure["code"] + (".000.00.00.H05" if random.random() < 0.1 else "")}
        row |= {"tenTTHC": procedure["title"], "maLinhVuc": procedure["field_code"], "tenLinhVuc": procedure["field_name"]}
        owner = self._owner(person, company)
        row |= {"kenhThucHien": "2" if online else "3" if random.random() < 0.05 else "1", **owner}
        row |= {"trichYeu": procedure["title"][:200], "maXa": place.code_on(filed.date()), "noiNop": "1" if online else "2"}
        row |= {"donViTiepNhan": self._written("H05.16" if agency in AGENCY_NAMES else agency), "donViXuLy": self._written(agency)}
        row |= _dates(history)
        row |= {"xacThucVNeID": "1" if online and person else "0", "thanhToanTrucTuyen": self._payment(procedure, online)}
        handed_in = self._handed_in(procedure, row["maHoSo"], self._known(owner, person, company), filed, agency)
        row |= {"giayTo": handed_in["giayTo"], **self._papers(procedure, history, row["maHoSo"]), "ketNoiCSDL": handed_in["ketNoiCSDL"]}
        return row | {"capNhatLuc": iso(history.last)}, person

    def _filed(self) -> datetime:
        random = self._random
        return between(random, AS_OF - self._spread, AS_OF - timedelta(hours=9)).replace(hour=7 + int(random.random() * 10))

    def _known(self, owner: Wire, person: Citizen | None, company: Company | None) -> Known:
        """What is held under the number the dossier gives; nothing under an old one, or none."""
        number = owner.get("soDinhDanh")
        if not number or owner.get("loaiDinhDanh") == "2":
            return Known((), ())
        return Known(person.held if person else company.held if company else (), self._store.get(number, ()))

    def _agency(self, procedure: dict[str, Any], place: Place) -> str:
        if procedure["agency"] != "commune":
            return str(procedure["agency"])
        if place.code not in self._agencies:
            self._agencies[place.code] = commune_agency(place)
        return self._agencies[place.code]

    def _written(self, agency: str) -> str:
        return old_form(agency) if self._random.random() < 0.3 else agency

    def _code(self, agency: str, filed: datetime) -> str:
        """Agency, day, running number of that agency that day; tails have four to six digits, as each agency's software likes."""
        head = f"{old_form(agency) if int(agency[-2:]) % 3 == 0 else agency}-{filed.year % 100:02d}{filed.month:02d}{filed.day:02d}"
        self.running[head] += 1
        return f"{head}-{self.running[head]:0{4 + int(agency[-1]) % 3}d}"

    def _owner(self, person: Citizen | None, company: Company | None) -> Wire:
        if company:
            return {"loaiDoiTuong": "2", "chuHoSo": company.name, "soDinhDanh": company.tax_code, "soDienThoai": company.phone}
        assert person is not None  # noqa: S101 one of the two owners exists
        draw = self._random.random()
        owner: Wire = {"loaiDoiTuong": "1", "chuHoSo": person.name.upper() if draw < 0.5 else person.name}
        if draw > 0.96 and person.old_id:
            owner |= {"loaiDinhDanh": "2", "soDinhDanh": person.old_id}
        elif draw > 0.02 and person.number:
            owner |= {"loaiDinhDanh": "1", "soDinhDanh": person.number}
        email = f"congdan{person.id}@example.com" if self._random.random() < 0.2 else None
        return owner | {"soDienThoai": person.phone, "email": email}

    def _payment(self, procedure: dict[str, Any], online: bool) -> str:
        if not procedure["fee"]:
            return "0"
        return ("1" if self._random.random() < 0.8 else "2") if online else "3"

    def _papers(self, procedure: dict[str, Any], history: History, code: str) -> Wire:
        """Steps, fees, supplements, results."""
        papers: Wire = {}
        papers["quaTrinh"] = [self._step(status, moment, history) for status, moment in history.moves]
        if procedure["fee"]:
            fee = {"tenPhi": f"Lệ phí {procedure['field_name'].lower()}", "maPhi": f"LP{procedure['code'][-4:]}", "hinhThucThu": "1"}
            papers["lePhi"] = [fee | {"gia": str(procedure["fee"]), "loaiPhi": "1"}]
        papers["boSung"] = [self._supplement(i, moment, history) for i, (status, moment) in enumerate(history.moves) if status == "5"]
        if history.status in {"9", "10"}:
            result = {"tenGiayTo": procedure["result"], "giayToId": f"KQ-{code}", "duongDan": f"/kho/ket-qua/{code}"}
            papers["ketQua"] = [result | {"maKetQua": f"KQ.{procedure['field_code'][:3]}.{procedure['code'][2:]}"}]
        return papers

    def _handed_in(self, procedure: dict[str, Any], code: str, known: Known, filed: datetime, agency: str) -> Wire:
        """Components, each truthfully new or reused but for the few planted ones, and the databases consulted for them."""
        self.again, self.unbacked = [], []
        databases: set[str] = set()
        parts = []
        for number, name in enumerate(procedure["components"], 1):
            part: Wire = {"maThanhPhan": f"TP.{procedure['code'][2:]}.{number:02d}", "tenGiayTo": name}
            held = equivalent(component_of(procedure["code"], part["maThanhPhan"], filed.date()), known, filed, agency)
            draw = self._random.random()
            mark = {"dossier": code, "component": part["maThanhPhan"], "what": " + ".join(one.what for one in held)}
            if held and draw < AGAIN:
                self.again.append(mark)
                parts.append(part | self._new(code, number))
            elif held:
                databases |= {catalogue().facts[one.what[5:]].database for one in held if one.what.startswith("fact:")}
                parts.append(part | _reused(held))
            elif draw < UNBACKED:
                self.unbacked.append(mark)
                parts.append(part | {"duocSoHoa": "0", "duocTaiSuDung": "1", "layTuKhoDMQG": "0"})
            else:
                parts.append(part | self._new(code, number))
        return {"giayTo": parts, "ketNoiCSDL": sorted(databases)}

    def _new(self, code: str, number: int) -> Wire:
        """Handed in: mostly as a file."""
        marks: Wire = {"duocSoHoa": "0", "duocTaiSuDung": "0", "layTuKhoDMQG": "0"}
        if self._random.random() >= 0.9:
            return marks
        return {"tepId": f"T-{code}-{number}", "duongDan": f"/kho/thanh-phan/{code}/{number}", **marks, "duocSoHoa": "1"}

    def _step(self, status: str, moment: datetime, history: History) -> Wire:
        step: Wire = {"nguoiXuLy": pick(self._random, _OFFICERS), "chucDanh": "Chuyên viên", "thoiDiem": stamp(moment)}
        step |= {"phongBan": "Bộ phận một cửa" if status in {"1", "2", "3", "10"} else "Phòng chuyên môn", "noiDung": _NOTES[status]}
        return step | {"trangThai": status, "batDau": stamp(moment), "hanQuyDinh": stamp(history.due) or None}

    def _supplement(self, index: int, asked: datetime, history: History) -> Wire:
        answered = next((moment for status, moment in history.moves[index + 1 :] if status == "4"), None)
        row: Wire = {"boSungId": f"BS{index}", "nguoiYeuCau": pick(self._random, _OFFICERS), "noiDung": "Bổ sung giấy tờ còn thiếu"}
        row |= {"ngayYeuCau": stamp(asked)}
        if answered:
            row |= {"nguoiTiepNhan": pick(self._random, _OFFICERS), "ngayTiepNhan": stamp(answered)}
        return row | {"trangThai": "2" if answered else "1", "henTraTruoc": stamp(history.due) or None, "henTraMoi": stamp(history.due) or None}


def _dates(history: History) -> Wire:
    dates = {"ngayNop": history.at("1"), "ngayTiepNhan": history.at("2"), "ngayHenTra": history.due, "ngayKetThucXuLy": history.at("9")}
    dates |= {"ngayTra": history.at("10"), "ngayTuChoi": history.at("3")}
    return {name: stamp(moment) for name, moment in dates.items()} | {"trangThai": history.status}


def _reused(held: list[Held]) -> Wire:
    """1: a paper of the provincial store stands in for it, named when it is the result of another procedure; 2: databases do."""
    papers = [one for one in held if one.what.startswith("paper:")]
    if len(papers) < len(held):
        return {"duocSoHoa": "0", "duocTaiSuDung": "2", "layTuKhoDMQG": "0"}
    kind = papers[0].what.removeprefix("paper:")
    return {"duongDan": papers[0].path, "duocSoHoa": "1", "duocTaiSuDung": "1", "layTuKhoDMQG": "0"} | (
        {"maKetQuaThayThe": kind} if kind.startswith("KQ.") else {}
    )
