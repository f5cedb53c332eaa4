"""Converters asked of a whole batch answer as asked value by value."""

import importlib
import pkgutil
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mappings
from mappings import memo
from mappings.dates import vn_date
from mappings.memo import converted, forget, reading
from mappings.refusal import Refusal
from mappings.units import commune_when_changed

for module in pkgutil.iter_modules(mappings.__path__):
    importlib.import_module(f"mappings.{module.name}")
FORMS = [(convert, form) for convert, form in memo._PLAIN.items()] + [(convert, form) for convert, (form, _) in memo._TURNED.items()]
BLANK = st.sampled_from([None, "", " ", "?", "024085000126 ", "29/02/2023", "29/02/2024", "NGUYỄN  A", "31/04/2020", "2024-02-30T00:00:00"])


def one_by_one(values: list[Any], convert: memo.Convert) -> list[Any]:
    found: list[Any] = []
    for value in values:
        try:
            found.append(convert(value) if value else None)
        except Refusal as refusal:
            found.append(refusal.why)
    return found


@pytest.mark.parametrize(("convert", "form"), [pytest.param(*each, id=f"{each[0].__name__}-{at}") for at, each in enumerate(FORMS)])
@settings(max_examples=25)
@given(data=st.data())
def test_a_declared_form_becomes_what_the_converter_makes_of_it(convert: memo.Convert, form: str, data: st.DataObject):
    values = data.draw(st.lists(st.from_regex(re.compile(form, re.ASCII)).map(lambda text: text.rstrip("\n")) | BLANK, max_size=12))
    forget()
    column, refused = converted([values], convert)
    assert [refused[at].why if at in refused else value for at, value in enumerate(column)] == one_by_one(values, convert)


CODES = st.sampled_from(["09187", "09193", "xx", ""])
MOMENTS = st.sampled_from(["2020-01-01T00:00:00", "2026-01-01T00:00:00", "?", "", None])


@given(st.lists(st.tuples(CODES, MOMENTS)))
def test_values_read_first_give_the_same_as_all_at_once(pairs: list[tuple[str, str | None]]):
    column, refused = converted([[code for code, _ in pairs], [moment for _, moment in pairs]], commune_when_changed)
    found = [refused[at].why if at in refused else value for at, value in enumerate(column)]
    assert found == one_by_one(pairs, lambda pair: commune_when_changed(*pair))


def test_readers_leave_fewer_values_to_ask():
    asked = []

    @reading(None, lambda day: day[:4])
    def noted(code: str, year: str) -> str:
        asked.append((code, year))
        return code + year

    assert converted([["a", "a", "b"], ["2024-01", "2024-02", "2024-01"]], noted)[0] == ["a2024", "a2024", "b2024"]
    assert sorted(asked) == [("a", "2024"), ("b", "2024")]
    assert noted("a", "2025-03") == "a2025"


def test_a_refusal_that_is_remembered_holds_no_frame():
    _, refused = converted([["024085", "31/02/2024"]], vn_date)
    assert [(refusal.__traceback__, refusal.__context__) for refusal in refused.values()] == [(None, None)] * 2
