"""The truth file is exact: an independent reading of every row finds what it says, and nothing else."""

import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from include.sandbox.damage import DAMAGES
from include.sandbox.province import Row, generate
from include.sandbox.truth import Truth
from include.sandbox.wire import DATASETS
from tests.include.sandbox.scan import SCANS

CATALOGUES = {"procedures", "agencies", "units", "portal_filed"}
"""The portal's own, never damaged; a unit's code comes again in another time."""
Found = tuple[list[tuple[Row, dict[str, Any]]], Truth]


@pytest.fixture(scope="module")
def province() -> Found:
    province = generate(12000, 2500, 2500)
    rows = [(row, DATASETS[row.dataset].parse(row.fragment)) for row in province.rows()]
    return rows, province.truth


def marks(truth: Truth, *besides: str) -> Counter[tuple[str, str, str]]:
    return Counter((mark["dataset"], mark["key"], mark["code"]) for mark in truth.damages + truth.warnings if mark["code"] not in besides)


def test_a_scan_finds_every_planted_damage_and_nothing_else(province: Found) -> None:
    rows, truth = province
    found = Counter((row.dataset, row.key, code) for row, wire in rows for code in SCANS[row.dataset](wire))
    assert found == marks(truth, "duplicate_key", "identity_conflict")


def test_rows_are_counted_exactly(province: Found) -> None:
    rows, truth = province
    assert Counter(row.dataset for row, _ in rows) == truth.rows


def test_no_row_is_damaged_twice(province: Found) -> None:
    _, truth = province
    damaged = Counter((mark["dataset"], mark["key"]) for mark in truth.damages if mark["code"] != "duplicate_key")
    assert set(damaged.values()) == {1}
    assert not set(damaged) & {(mark["dataset"], mark["key"]) for mark in truth.warnings}


def test_a_double_key_stands_on_two_different_rows_of_one_moment(province: Found) -> None:
    rows, truth = province
    by_key: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row, _ in rows:
        if row.dataset not in CATALOGUES:
            by_key[row.dataset, row.key].append(row)
    double = {key for key, found in by_key.items() if len(found) > 1}
    told = Counter((mark["dataset"], mark["key"]) for mark in truth.damages if mark["code"] == "duplicate_key")
    assert told == dict.fromkeys(double, 2)
    for key in double:
        first, second = by_key[key]
        assert first.moment == second.moment
        assert first.fragment != second.fragment


def test_about_three_in_a_hundred_rows_are_damaged(province: Found) -> None:
    _, truth = province
    for dataset, count in truth.rows.items():
        if dataset in CATALOGUES or count < 500:
            continue
        damaged = len({mark["key"] for mark in truth.damages if mark["dataset"] == dataset})
        assert 0.02 < damaged / count < 0.04


def test_every_kind_of_damage_is_planted(province: Found) -> None:
    _, truth = province
    planted = {(mark["dataset"], mark["code"]) for mark in truth.damages}
    wanted = {(dataset, damage.code) for dataset, damages in DAMAGES.items() for damage in damages}
    assert planted == wanted | {(dataset, "duplicate_key") for dataset in DAMAGES if dataset not in CATALOGUES} | {("insurance", "identity_conflict")}


def test_a_conflicting_row_claims_the_number_of_another_person_with_a_clean_birth_row(province: Found) -> None:
    rows, truth = province
    bad = {(mark["dataset"], mark["key"]) for mark in truth.damages + truth.warnings}
    clean = {wire["soDinhDanh"]: wire for row, wire in rows if row.dataset == "births" and ("births", row.key) not in bad}
    conflicts = {mark["key"] for mark in truth.damages if mark["code"] == "identity_conflict"}
    assert conflicts
    for row, wire in rows:
        if row.dataset == "insurance" and row.key in conflicts:
            owner = clean[wire["soDinhDanh"]]["nks"]
            day, month, year = owner["NgaySinh"].split("/")
            assert owner["HoTen"].split()[-1].casefold() != wire["hoTen"].split()[-1].casefold()
            assert f"{year}{month}{day}" != wire["ngaySinh"]


def test_every_row_about_a_person_is_named_under_that_person(province: Found) -> None:
    rows, truth = province
    told = {about for pages in truth.people.values() for about in pages}
    people = {"births", "insurance", "deaths", "social"}
    assert {(row.dataset, row.key) for row, _ in rows if row.dataset in people} == {one for one in told if one[0] != "dossiers"}


def test_the_truth_is_one_json_document(tmp_path: Path, province: Found) -> None:
    _, truth = province
    truth.write(tmp_path / "truth.json")
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert set(told) == {"seed", "as_of", "rows", "damages", "warnings", "people", "enterprises", "dossiers", "again", "unbacked"}
    assert (told["seed"], told["as_of"]) == (717, "2026-11-20T00:00:00+07:00")
    assert set(told["damages"][0]) == {"dataset", "key", "code", "field"}


def test_steps_of_a_dossier_follow_the_allowed_moves(province: Found) -> None:
    allowed = {"1": "2 3 5 7", "2": "4 5 6 7 8 9", "4": "5 6 7 8 9", "5": "4 7 8 3", "6": "4 9 7 8", "9": "10"}
    rows, _ = province
    for row, wire in rows:
        if row.dataset == "dossiers":
            steps = [(step["thoiDiem"], step["trangThai"]) for step in wire["quaTrinh"]]
            assert steps == sorted(steps, key=lambda step: step[0])
            assert all(after in allowed[before].split() for (_, before), (_, after) in pairwise(steps))
