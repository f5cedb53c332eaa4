"""Once only, as those live it who stand at the desk: real flows, real protocols, a province of a few people."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.clock import HANOI
from include.flows import flow
from include.hub import Hub
from include.once.never_again import offences, recompute, total
from include.once.resolve import Answer, NotIdentified, Question, resolve
from include.runs import Wish
from include.sandbox.run import start
from include.steps import run_flow
from mappings.bhxh_participants import PARTICIPANTS
from mappings.datdai_certificates import CERTIFICATES
from mappings.hkd_households import HOUSEHOLDS
from mappings.hotich_births import BIRTHS
from mappings.hotich_marriages import MARRIAGES
from mappings.kho_papers import PAPERS
from mappings.motcua_dossiers import DOSSIERS
from tests.scenarios.conftest import Province, pointed_at

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

MOTHER, FATHER, CHILD = "024196000124", "024094000125", "024226000127"
DESK, COMMUNE, POLICE, INSURANCE = "H05.16", "H05.207", "H05.17", "H05.18"
SYSTEMS = {"births": "lgsp", "marriages": "lgsp", "land": "lgsp", "households": "lgsp", "papers": "lgsp", "insurance": "bhxh", "dossiers": "motcua"}
ISO, STAMP, WRITTEN = "%Y-%m-%dT%H:%M:%S+07:00", "%Y%m%d%H%M%S", "%d/%m/%Y %H:%M:%S"
MOMENTS = dict.fromkeys(("insurance", "dossiers", "land", "households"), ("capNhatLuc", ISO)) | {
    "papers": ("CapNhatLuc", STAMP),
    "births": ("ngayCapNhat", WRITTEN),
    "marriages": ("ngayCapNhat", WRITTEN),
}
MORNING = datetime(2026, 11, 23, 8, tzinfo=HANOI)


class Story:
    """The hub and the province, and a clock that goes on by a day."""

    def __init__(self, hub: Hub, province: Province) -> None:
        self.province, self.now, self.files = province, MORNING, 0
        self.hub = replace(hub, clock=lambda: self.now)

    def next_day(self) -> None:
        self.now += timedelta(days=1)

    def register(self, dataset: str, sample: dict[str, Any], **changes: Any) -> None:
        """A register writes a row, and the hub reads it that evening."""
        row = copy.deepcopy(sample)
        row[MOMENTS[dataset][0]] = self.now.strftime(MOMENTS[dataset][1])
        for path, value in changes.items():
            *inner, last = path.split("__")
            target: Any = row
            for name in inner:
                target = target[name]
            target[last] = value
        self.province.door(SYSTEMS[dataset], "add", "POST", json={"dataset": dataset, "row": row})
        self.read(dataset)

    def read(self, *flows: str) -> None:
        self.now += timedelta(hours=1)
        also = {"births": ("birth_events",), "insurance": ("participations",)}
        for name in flows:
            for each in (name, *also.get(name, ())):
                run_flow(self.hub, flow(each), f"{self.now:%Y%m%dT%H%M%S}", Wish())

    def ask(self, procedure: str, number: str, agency: str, dossier: str = "") -> Answer:
        return resolve(self.hub, Question(procedure, "can-bo-1", agency, number, dossier=dossier))

    def file(self, procedure: str, owner: str, agency: str, *papers: dict[str, str]) -> str:
        """A dossier is received at the desk: what is asked for, and what the person hands in; it goes to the hub and on to the portal."""
        self.files += 1
        code = f"{agency}-{self.now:%y%m%d}-{self.files:04d}"
        self.ask(procedure, owner, agency, code)
        at = self.now.strftime(STAMP)
        moments = {"ngayNop": at, "ngayTiepNhan": at, "ngayHenTra": "20261210170000", "ngayKetThucXuLy": "", "ngayTra": "", "ngayTuChoi": ""}
        step = DOSSIERS.sample["quaTrinh"][0] | {"thoiDiem": at, "trangThai": "2", "batDau": at, "hanQuyDinh": "20261210170000"}
        who = {"maHoSo": code, "maTTHC": procedure, "soDinhDanh": owner, "donViTiepNhan": DESK, "donViXuLy": agency, "trangThai": "2"}
        rest = {
            "giayTo": list(papers),
            "quaTrinh": [step],
            "ketQua": [],
            "ketNoiCSDL": [],
            "capNhatLuc": (self.now + timedelta(minutes=30)).isoformat(),
        }
        self.register("dossiers", DOSSIERS.sample, **moments, **who, **rest)
        return code

    def portal(self, code: str) -> dict[str, Any]:
        return next(one for one in self.province.written("dvcqg", "dossiers") if one["MaHoSo"] == code)

    def steps(self, code: str) -> list[str]:
        return [one["TrangThai"] for one in self.province.written("dvcqg", "progress") if one["MaHoSo"] == code]

    def again(self, code: str) -> list[tuple[str, str]]:
        recompute(self.hub)
        found = offences(self.hub, date(2026, 11, 1), date(2026, 12, 31), code=code)
        return [(one.component, " + ".join(one.what)) for one in found]


def upload(code: str, number: int = 1) -> dict[str, str]:
    return {"maThanhPhan": code, "tenGiayTo": "Giấy tờ", "tepId": f"T{number}", "duongDan": f"/kho/T{number}"} | {
        "duocSoHoa": "1", "duocTaiSuDung": "0", "layTuKhoDMQG": "0",
    }  # fmt: skip


def outcomes(answer: Answer) -> dict[str, str]:
    return {one.component.code: one.outcome for one in answer.verdicts}


def marks(portal: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["MaThanhPhanHoSo"]: (one["DuocTaiSuDung"], one["MaKetQuaThayThe"]) for one in portal["TaiLieuNop"]}


@pytest.fixture
def story(hub: Hub, tmp_path: Path) -> Iterator[Story]:
    """A village of its own for each story."""
    with start(tmp_path / "village", 20, 4, 0) as running:
        village = Province(running, {})
        told = Story(pointed_at(village, hub), village)
        told.read("agencies")
        yield told


def people(story: Story) -> None:
    """A couple of Bắc Giang, married, insured, with a house."""
    plain = {"soCmnd": None, "ngaySinh": "19960203", "loaiNgaySinh": "0", "maXa": "07210"}
    mother = {"hoTen": "TRẦN THỊ MẪU", "gioiTinh": "2", "soDinhDanh": MOTHER, "maSoBhxh": "2400000124"}
    father = {"hoTen": "NGUYỄN VĂN MẪU", "gioiTinh": "1", "soDinhDanh": FATHER, "maSoBhxh": "2400000125", "ngaySinh": "19940302"}
    job = {"maDonVi": "TA1000A", "tenDonVi": "CÔNG TY MẪU", "tuNgay": "20200101"}
    for who in (mother, father):
        story.register("insurance", PARTICIPANTS.sample, **(plain | job | who))
    couple = {"chong__SoDDCN": FATHER, "chong__NgaySinh": "02/03/1994", "vo__SoDDCN": MOTHER, "vo__NgaySinh": "03/02/1996"}
    story.register("marriages", MARRIAGES.sample, **couple, soBanAn="", ngayLyHon="", maGCNKH="KH-24-0000045")
    holders = [{"hoTen": "TRẦN THỊ MẪU", "loaiGiayTo": "1", "soGiayTo": MOTHER}]
    story.register("land", CERTIFICATES.sample, chuSuDung=holders)


def test_a_child_is_born_and_no_paper_is_asked_for_twice(story: Story) -> None:
    people(story)
    # Monday: the birth is registered at the provincial centre, for a commune elsewhere; the insurance card comes with it.
    answer = story.ask("2.001023", MOTHER, COMMUNE)
    assert outcomes(answer) == {"TP.001023.01": "confirm", "TP.001023.02": "ask", "TP.001023.03": "confirm"}
    filled = {field.vi: field.value for field in answer.form}
    assert (filled["Họ và tên"], filled["Ngày sinh"]) == ("Trần Thị Mẫu", "1996-02-03")
    assert filled["Số đăng ký kết hôn của cha mẹ"].startswith("KH-")
    birth = story.file("2.001023", MOTHER, COMMUNE, upload("TP.001023.02"))
    assert marks(story.portal(birth)) == {"TP.001023.02": ("0", "")}
    assert story.steps(birth) == ["2"]
    # In the evening the registers know the child: birth, number, health insurance.
    story.register("births", BIRTHS.sample, maGCS="GCS-24-0000999", ngayDangKy="23/11/2026", soDinhDanh=CHILD,
                   nks=BIRTHS.sample["nks"] | {"HoTen": "NGUYỄN AN NHIÊN", "GioiTinh": "1", "NgaySinh": "10/11/2026"},
                   me=BIRTHS.sample["me"] | {"SoDDCN": MOTHER}, cha=BIRTHS.sample["cha"] | {"SoDDCN": FATHER})  # fmt: skip
    child = {"hoTen": "NGUYỄN AN NHIÊN", "ngaySinh": "20261110", "gioiTinh": "1", "soDinhDanh": CHILD, "maSoBhxh": "2400000127", "soCmnd": None}
    story.register("insurance", PARTICIPANTS.sample, **child, loaiNgaySinh="0", maXa="07210", dienThoai=None)
    # Tuesday: residence. The house is in the land register, who lives there in another: nothing is handed in.
    story.next_day()
    assert outcomes(story.ask("1.004222", MOTHER, POLICE)) == {"TP.004222.01": "confirm", "TP.004222.02": "fact"}
    residence = story.file("1.004222", MOTHER, POLICE)
    told = story.portal(residence)
    assert marks(told) == {"TP.004222.02": ("2", "")}
    assert told["DSKetNoiCSDL"] == [{"MaCSDL": "4"}]
    # Wednesday: the maternity allowance. The hub knows work and birth; the desk asks for the birth certificate all the same.
    story.next_day()
    assert outcomes(story.ask("2.000755", MOTHER, INSURANCE))["TP.000755.01"] == "fact"
    allowance = story.file("2.000755", MOTHER, INSURANCE, upload("TP.000755.01", 9))
    assert marks(story.portal(allowance))["TP.000755.01"] == ("0", "")
    # The indicator counts it, and nothing else of this family.
    assert (story.again(birth), story.again(residence)) == ([], [])
    assert story.again(allowance) == [("TP.000755.01", "fact:insured + fact:child_birth")]
    assert total(story.hub, date(2026, 11, 23), date(2026, 11, 30)).again == 1


def test_a_household_business_is_opened_without_papers(story: Story) -> None:
    people(story)
    answer = story.ask("1.001612", FATHER, COMMUNE)
    assert outcomes(answer) == {"TP.001612.01": "confirm", "TP.001612.02": "fact", "TP.001612.03": "ask"}
    assert answer.verdicts[2].component.when == "các thành viên hộ gia đình cùng đăng ký"
    opened = story.file("1.001612", FATHER, COMMUNE)
    assert marks(story.portal(opened)) == {"TP.001612.02": ("2", "")}
    owner = {"hoTen": "Nguyễn Văn Mẫu", "soDinhDanh": FATHER, "dienThoai": "0912000125"}
    business = {"maSoThue": FATHER, "ngayDangKy": "23/11/2026", "ngayThayDoi": "23/11/2026"}
    story.register("households", HOUSEHOLDS.sample, **business, chuHo=owner)
    assert story.hub.db.rows("SELECT kind, representative_number FROM golden.enterprise WHERE tax_code = %s", FATHER) == [("household", FATHER)]
    story.next_day()
    licence = story.file("1.002809", FATHER, POLICE, upload("TP.002809.04"))
    assert (story.again(opened), story.again(licence)) == ([], [("TP.002809.04", "fact:identity")])


def paper(story: Story, **changes: Any) -> None:
    """The store digitises a certificate of marital status."""
    when = {"ThoiGianSoHoa": "20261102080000", "NgayBanHanh": "20261101", "ThoiHanHieuLuc": ""}
    what = {"MaGiayTo": "KQ.G15.004873", "LoaiSoHoa": "1", "TrangThaiSoHoa": "2", "MaDinhDanh": FATHER}
    story.register("papers", PAPERS.sample, **(when | what | {"Ma": f"GT-{story.now:%d%H}"} | changes))


def test_a_wrong_paper_an_expired_paper_and_then_the_right_one(story: Story) -> None:
    people(story)
    third = "TP.000894.03"
    paper(story, MaDinhDanh=MOTHER)
    paper(story, MaGiayTo="KQ.G15.001193")
    assert story.ask("1.000894", FATHER, COMMUNE).verdicts[2].failed[0].reasons == (("paper:KQ.G15.004873", "none"),)
    paper(story, ThoiHanHieuLuc="20261120")
    answer = story.ask("1.000894", FATHER, COMMUNE)
    assert outcomes(answer)[third] == "ask"
    assert answer.verdicts[2].failed[0].reasons == (("paper:KQ.G15.004873", "expired"),)
    asked = story.file("1.000894", FATHER, COMMUNE, upload(third))
    assert story.again(asked) == []
    paper(story, ThoiHanHieuLuc="20270520")
    assert outcomes(story.ask("1.000894", FATHER, COMMUNE))[third] == "paper"
    story.next_day()
    again = story.file("1.000894", FATHER, COMMUNE, upload(third, 2))
    assert story.again(again) == [(third, "paper:KQ.G15.004873")]
    trusted = story.file("1.000894", FATHER, COMMUNE)
    assert marks(story.portal(trusted)) == {"TP.000894.02": ("2", ""), third: ("1", "KQ.G15.004873")}
    assert story.again(trusted) == []


def test_two_people_of_one_name_are_never_taken_for_each_other(story: Story) -> None:
    people(story)
    twin = {
        "hoTen": "NGUYỄN VĂN MẪU",
        "ngaySinh": "19940302",
        "gioiTinh": "1",
        "soDinhDanh": "024094000777",
        "maSoBhxh": "2400000777",
        "maXa": "07228",
    }
    story.register("insurance", PARTICIPANTS.sample, **twin, loaiNgaySinh="0", soCmnd=None, dienThoai=None)
    with pytest.raises(NotIdentified, match="2 match"):
        resolve(story.hub, Question("1.001612", "can-bo-1", COMMUNE, name="Nguyễn Văn Mẫu", birth="1994-03-02"))
    paper(story)
    assert outcomes(story.ask("1.000894", "024094000777", COMMUNE))["TP.000894.03"] == "ask"
    assert outcomes(story.ask("1.000894", FATHER, COMMUNE))["TP.000894.03"] == "paper"
    assert story.hub.db.rows("SELECT count(DISTINCT subject) FROM hub.evidence") == [(2,)]
