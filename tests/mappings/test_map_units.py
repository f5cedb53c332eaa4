from datetime import date

import pytest

from mappings.refusal import Refusal
from mappings.units import CURRENT, OLD_TO_NEW, commune_by_name, commune_name, current_commune


@pytest.mark.parametrize(
    ("code", "as_of", "current"),
    [
        ("07201", "2025-06-30", "07210"),
        ("07210", "2025-06-30", "07210"),
        ("07210", "2025-07-01", "07210"),
        ("07663", "2020-01-01", "07663"),
        ("07693", "2024-12-31", "07682"),
        ("07732", "2024-12-31", "07210"),
        ("07201", date(2025, 6, 30), "07210"),
        ("07210", date(2026, 11, 23), "07210"),
        ("07201", "2025-03-04T08:00:00+07:00", "07210"),
        ("07210", None, "07210"),
        (" 07210 ", None, "07210"),
        ("", "2026-01-01", None),
        (None, None, None),
    ],
)
def test_commune_code_is_read_by_the_list_of_its_day(code, as_of, current):
    assert current_commune(code, as_of) == current


@pytest.mark.parametrize(
    ("code", "as_of", "proposal"),
    [
        ("07201", "2025-07-01", "07210"),
        ("07201", None, "07210"),
        ("07693", "2026-01-01", "07682"),
        ("00001", "2020-01-01", None),
        ("00001", "2026-01-01", None),
        ("7210", "2026-01-01", None),
        ("0721O", "2026-01-01", None),
        ("24", "2026-01-01", None),
        ("Phường Bắc Giang", "2026-01-01", None),
        ("99999", None, None),
    ],
)
def test_code_unknown_on_its_day_is_refused_with_its_successor(code, as_of, proposal):
    with pytest.raises(Refusal) as refused:
        current_commune(code, as_of)
    assert (refused.value.code, refused.value.proposal) == ("unit_unknown", proposal)


def test_99_communes_reuse_codes_of_the_313():
    assert len(CURRENT) == 99
    assert len(OLD_TO_NEW) == 313 + 3
    assert set(CURRENT) <= set(OLD_TO_NEW)
    assert set(OLD_TO_NEW.values()) == set(CURRENT)


def test_a_reused_code_stays_itself():
    assert all(OLD_TO_NEW[code] == code for code in CURRENT)


def test_45_phuong_and_54_xa_since_september_2026():
    kinds = [name.split(" ")[0] for name in CURRENT.values()]
    assert (kinds.count("Phường"), kinds.count("Xã")) == (45, 54)


def test_a_commune_is_called_by_its_name_of_the_day():
    assert commune_name("07294", "2026-09-19") == "Xã Bố Hạ"
    assert commune_name("07294", "2026-09-20") == "Phường Bố Hạ"
    with pytest.raises(Refusal):
        commune_name("07294", "2025-06-30")


@pytest.mark.parametrize(
    ("name", "as_of", "code"),
    [
        ("Phường Bắc Giang", "2026-01-01", "07210"),
        ("Bắc Giang", "2026-01-01", "07210"),
        ("phường  bắc giang", None, "07210"),
        ("Xã Bố Hạ", "2026-11-01", "07294"),
        ("Phường Bố Hạ", "2026-11-01", "07294"),
        ("Hiệp Hòa", "2026-11-01", "07840"),
        ("Hiệp Hoà", "2026-11-01", "07840"),
        ("Phường Thọ Xương", "2025-01-01", "07210"),
        ("P. Thọ Xương", "2025-01-01", "07210"),
        ("", None, None),
    ],
)
def test_commune_is_found_by_its_name(name, as_of, code):
    assert commune_by_name(name, as_of) == code


def test_name_of_several_communes_is_ambiguous():
    names = {}
    from mappings.codes import rows

    for row in rows("commune_successors"):
        names.setdefault(row["old_name"].split(" ", 1)[1], set()).add(OLD_TO_NEW[row["old_code"]])
    several = [name for name, found in names.items() if len(found) > 1]
    assert several
    for name in several:
        with pytest.raises(Refusal) as refused:
            commune_by_name(name, "2025-01-01")
        assert refused.value.code == "unit_ambiguous"


@pytest.mark.parametrize("name", ["Hoàn Kiếm", "Phường Thọ Xương", "x", "Bac Giang", "Thành phố Bắc Ninh"])
def test_unknown_name_is_refused(name: str):
    with pytest.raises(Refusal) as refused:
        commune_by_name(name, "2026-01-01")
    assert refused.value.code == "unit_unknown"
