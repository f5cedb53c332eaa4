"""The synthetic province: the same every time, and right where it is not damaged on purpose."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest
from stdnum.vn import mst

from include.sandbox.names import other_tone_placement
from include.sandbox.people import Citizen, People
from include.sandbox.places import current_codes, places
from include.sandbox.province import generate
from include.sandbox.run import ROOT
from include.sandbox.wire import DATASETS, ENTERPRISES


@pytest.fixture(scope="module")
def citizens() -> list[Citizen]:
    return list(People(Random("citizens")).citizens(8000))


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = generate(400, 100, 200), generate(400, 100, 200)
    assert list(first.rows()) == list(second.rows())
    assert first.truth.as_json() == second.truth.as_json()


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    script = "from include.sandbox.province import generate; print(list(generate(100, 20, 40).rows()))"
    said = {
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_another_seed_gives_other_people() -> None:
    assert list(generate(50, 5, 5).rows()) != list(generate(50, 5, 5, seed=718).rows())


def test_there_are_as_many_citizens_as_asked_for(citizens: list[Citizen]) -> None:
    assert len(citizens) == 8000
    assert len({person.id for person in citizens}) == 8000


def test_numbers_agree_with_sex_and_year_of_birth(citizens: list[Citizen]) -> None:
    for person in citizens:
        if person.number:
            century, year = divmod(person.birth.year - 1900, 100)
            assert person.number[3:6] == f"{2 * century + (person.sex == 2)}{year:02d}"


@pytest.mark.parametrize("attribute", ["number", "old_id", "insurance", "phone"])
def test_nobody_shares_an_identifier(citizens: list[Citizen], attribute: str) -> None:
    values = [value for value in (getattr(person, attribute) for person in citizens) if value]
    assert len(set(values)) == len(values)


def test_nobody_shares_name_birth_date_sex_and_commune(citizens: list[Citizen]) -> None:
    assert len({(p.name.casefold(), p.birth, p.sex, p.household.place.code) for p in citizens}) == len(citizens)


def test_only_the_older_have_an_old_card(citizens: list[Citizen]) -> None:
    assert all((person.old_id is not None) == (person.birth.year <= 2001) for person in citizens)


def test_names_are_northern(citizens: list[Citizen]) -> None:
    surnames = Counter(person.name.split()[0] for person in citizens)
    assert 0.28 < surnames["Nguyễn"] / len(citizens) < 0.40
    assert surnames["Vũ"] > 10 * surnames["Võ"]
    assert surnames["Hoàng"] > 10 * surnames["Huỳnh"]


def test_there_are_names_of_rare_shapes(citizens: list[Citizen]) -> None:
    names = {person.name for person in citizens}
    assert any("'" in name for name in names)
    assert any("-" in name for name in names)
    assert any(" " not in name for name in names)


def test_children_are_younger_than_their_mothers_and_share_their_address(citizens: list[Citizen]) -> None:
    children = [person for person in citizens if person.mother]
    assert children
    for child in children:
        assert child.mother is not None
        assert child.birth.year - child.mother.birth.year >= 18
        assert child.household is child.mother.household


def test_there_are_313_old_communes_and_99_new_ones() -> None:
    assert (len(places()), len(current_codes())) == (313, 99)


@pytest.fixture(scope="module")
def enterprises() -> list[dict[str, Any]]:
    """The rows that are not damaged."""
    province = generate(100, 400, 0)
    rows = [row for row in province.rows() if row.dataset == "enterprises"]
    damaged = {mark["key"] for mark in province.truth.damages if mark["dataset"] == "enterprises"}
    return [ENTERPRISES.parse(row.fragment) for row in rows if row.key not in damaged]


def test_tax_codes_are_valid_by_an_independent_implementation(enterprises: list[dict[str, Any]]) -> None:
    codes = [row["MainInformation"]["ENTERPRISE_GDT_CODE"] for row in enterprises]
    assert all(mst.is_valid(code) for code in codes)
    assert any("-" in code for code in codes)
    assert {code[:2] for code in codes} == {"23", "24"}


def test_each_enterprise_has_one_main_activity(enterprises: list[dict[str, Any]]) -> None:
    assert all([one["IS_MAIN"] for one in row["BusinessActivity"]].count("Y") == 1 for row in enterprises)


def test_all_seven_statuses_occur_and_only_the_suspended_have_dates(enterprises: list[dict[str, Any]]) -> None:
    found = [row["MainInformation"] for row in enterprises]
    assert len({one["ENTERPRISE_STATUS"] for one in found}) == 7
    assert all((one["ENTERPRISE_STATUS"] == "Tạm ngừng kinh doanh") == bool(one["SUSPEND_FROM"] and one["SUSPEND_TO"]) for one in found)


def test_the_two_registers_agree_on_whoever_has_one_number_in_both() -> None:
    province = generate(3000, 0, 0)
    rows = list(province.rows())
    damaged = {(mark["dataset"], mark["key"]) for mark in province.truth.damages}
    seen: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if (row.dataset, row.key) in damaged or row.dataset not in {"births", "insurance"}:
            continue
        wire = DATASETS[row.dataset].parse(row.fragment)
        name = wire["nks"]["HoTen"] if row.dataset == "births" else wire["hoTen"]
        year = wire["nks"]["NgaySinh"][-4:] if row.dataset == "births" else wire["ngaySinh"][:4]
        if wire.get("soDinhDanh"):
            seen[wire["soDinhDanh"]].append((other_tone_placement(name.upper()), year))
    assert sum(len(found) == 2 for found in seen.values()) > 500
    assert all(len(set(found)) == 1 for found in seen.values())


@pytest.mark.parametrize(
    ("name", "expected"), [("Hiệp Hòa", "Hiệp Hoà"), ("HÒA", "HOÀ"), ("Thúy", "Thuý"), ("Quý", "Quý"), ("Toàn", "Toàn"), ("Ý", "Ý")]
)
def test_tone_placement_moves_only_in_open_syllables(name: str, expected: str) -> None:
    assert other_tone_placement(name) == expected
