"""What the rules compare with says what the law and the calendar say."""

from datetime import date

import pytest

from mappings.identifiers import BIRTH_PROVINCES
from quality.derive import Helped


@pytest.mark.parametrize(
    ("number", "sex", "year", "known"),
    [
        ("024085000001", "male", 1985, True),
        ("024185000001", "female", 1985, True),
        ("024200000001", "male", 2000, True),
        ("027326000001", "female", 2026, True),
        ("001099000001", "male", 1999, True),
        ("023085000001", "male", 1985, False),
        ("101085000001", "male", 1985, False),
        ("024400000001", "male", 2100, True),
        ("024999000001", "female", 2399, True),
        ("003100000001", "female", 1900, False),
    ],
)
def test_a_personal_number_tells_sex_year_and_province(number: str, sex: str, year: int, known: bool):
    said = Helped({"personal_number": [number]}, 1, date(2026, 11, 23))
    assert [said[f"personal_number_{what}"] for what in ("sex", "year", "province")] == [[sex], [str(year)], [number[:3]]]
    assert (number[:3] in BIRTH_PROVINCES) is known


def test_a_partial_date_ends_with_its_last_day():
    said = Helped({"died_on": ["2026", "2026-02", "2026-02-03", None]}, 4, date(2026, 11, 23))
    assert said["died_last_day"] == ["2026-12-31", "2026-02-31", "2026-02-03", None], "in text order: no month has a later day"
