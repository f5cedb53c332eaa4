"""The converters of the business registry and of social insurance that are their own."""

from typing import Any

import pytest

from mappings.apply import apply
from mappings.catalogue import MAPPINGS
from mappings.dkkd_enterprises import commune_on, is_main, main_activity
from mappings.refusal import Refusal
from mappings.units import commune_when_changed


def activities(*marked: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"CODE": code, "IS_MAIN": mark} for code, mark in marked]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (activities(("4101", "Y")), "4101"),
        (activities(("4101", "N"), ("0111", "Y")), "0111"),
        (activities(("4101", "Y"), ("0111", "")), "4101"),
        (activities(("4101", "y")), "4101"),
        (activities(("4101", " Y ")), "4101"),
        (activities((4101, "Y")), "4101"),
        (activities((" 46321 ", "Y")), "46321"),
        ([*activities(("4101", "Y")), "x", None, 7], "4101"),
        (activities(("4101", True), ("0111", "Y")), "0111"),
        (activities((None, "N"), ("4101", "Y")), "4101"),
        (activities(("4101", "Y"), ("0111", "Y")), None),
        (activities(("4101", "N")), None),
        (activities((None, "Y")), None),
        (activities((True, "Y")), None),
        (activities((["4101"], "Y")), None),
        ([], None),
    ],
)
def test_main_activity_is_the_only_one_marked(given: list[Any], code: str | None):
    assert main_activity(given) == code


@pytest.mark.parametrize("code", ["111", 111, "11", "410100", "A", "41.01", "x101", "０１１１", 1, 410100, "-4101"])
def test_main_activity_that_is_no_code_is_refused(code: Any):
    with pytest.raises(Refusal) as refused:
        main_activity(activities((code, "Y")))
    assert refused.value.code == "code_unknown"


@pytest.mark.parametrize("mark", ["Y", "y", " Y ", "N", "n", ""])
@pytest.mark.parametrize("code", ["4101", 4101])
def test_main_activity_and_the_marks_of_the_activities_agree(code: Any, mark: str):
    record = {**MAPPINGS["enterprises"].sample, "BusinessActivity": activities((code, mark))}
    columns = apply(MAPPINGS["enterprises"], [record]).columns
    assert [one["code"] for one in columns["activities"][0] if one["main"]] == [code for code in columns["main_activity"] if code]


@pytest.mark.parametrize(
    ("mark", "said"), [("Y", True), ("y", True), (" Y ", True), ("N", False), ("n", False), ("N ", False), ("", None), (" ", None), (None, None)]
)
def test_mark_of_the_main_activity_is_yes_or_no(mark: str | None, said: bool | None):
    assert is_main(mark) is said


@pytest.mark.parametrize("mark", ["1", "0", "T", "true", "yes", "có", "YN", "?", "-", "X"])
def test_other_mark_is_refused(mark: str):
    with pytest.raises(Refusal) as refused:
        is_main(mark)
    assert refused.value.code == "code_unknown"


@pytest.mark.parametrize(
    ("code", "amended", "current"),
    [
        ("07201", "30/06/2025", "07210"),
        ("07201", "30/06/2025 23:59:59", "07210"),
        ("07210", "30/06/2025", "07210"),
        ("07210", "01/07/2025", "07210"),
        ("07693", "1/1/2020", "07682"),
        ("07732", "31/12/2024", "07210"),
        ("07210", "04/11/2026", "07210"),
        ("07210", "", "07210"),
        ("07210", None, "07210"),
        ("07210", "31/02/2025", "07210"),
        ("07210", "hôm nay", "07210"),
        ("", "04/11/2026", None),
        (None, None, None),
    ],
)
def test_head_office_is_of_the_list_of_its_last_amendment(code, amended, current):
    assert commune_on(code, amended) == current


@pytest.mark.parametrize(
    ("code", "amended", "proposal"),
    [
        ("07201", "01/07/2025", "07210"),
        ("07201", "04/11/2026", "07210"),
        ("07201", "", "07210"),
        ("07201", None, "07210"),
        ("07201", "31/02/2025", "07210"),
        ("00001", "04/11/2026", None),
        ("00001", "04/11/2020", None),
        ("7210", "04/11/2026", None),
        ("07210.0", "04/11/2026", None),
        ("Bắc Giang", "04/11/2026", None),
    ],
)
def test_head_office_of_no_list_is_refused_with_its_successor(code, amended, proposal):
    with pytest.raises(Refusal) as refused:
        commune_on(code, amended)
    assert (refused.value.code, refused.value.proposal) == ("unit_unknown", proposal)


@pytest.mark.parametrize(
    ("code", "changed", "current"),
    [
        ("07201", "2025-03-04T08:00:00+07:00", "07210"),
        ("07201", "2025-06-30T23:59:59", "07210"),
        ("07201", "2025-06-30T16:59:59Z", "07210"),
        ("07210", "2025-06-30T17:00:00Z", "07210"),
        ("07210", "2025-03-04T08:00:00+07:00", "07210"),
        ("07210", "2026-11-04T10:00:00+07:00", "07210"),
        ("07693", "2020-01-01T00:00:00+07:00", "07682"),
        ("07210", "", "07210"),
        ("07210", None, "07210"),
        ("07210", "hôm nay", "07210"),
        ("", "2026-11-04T10:00:00+07:00", None),
        (None, None, None),
    ],
)
def test_residence_is_of_the_list_of_the_records_last_change(code, changed, current):
    assert commune_when_changed(code, changed) == current


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("07201", "2025-07-01T00:00:00+07:00"),
        ("07201", "2025-06-30T17:00:00Z"),
        ("07201", ""),
        ("07201", None),
        ("07201", "2025-02-30T00:00:00"),
        ("00001", "2020-01-01T00:00:00+07:00"),
        ("99999", "2026-01-01T00:00:00+07:00"),
        ("7210", "2026-01-01T00:00:00+07:00"),
        ("x", "2026-01-01T00:00:00+07:00"),
        ("24", None),
    ],
)
def test_residence_of_no_list_is_refused(code, changed):
    with pytest.raises(Refusal) as refused:
        commune_when_changed(code, changed)
    assert refused.value.code == "unit_unknown"
