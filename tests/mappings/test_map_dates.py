from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.dates import (
    HANOI,
    bhxh_date,
    compact_date,
    compact_moment,
    compact_partial,
    iso_date,
    iso_moment,
    to_compact_moment,
    vn_date,
    vn_moment,
    vn_partial,
)
from mappings.refusal import Refusal

days = st.dates(date(1800, 1, 1), date(2199, 12, 31))
moments = st.builds(
    datetime.combine, st.dates(date(1800, 1, 1), date(2199, 12, 31)), st.times().map(lambda one: one.replace(microsecond=0)), st.just(HANOI)
)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31/01/1990", "1990-01-31"),
        ("1/2/1990", "1990-02-01"),
        ("29/02/2024", "2024-02-29"),
        ("12/03/2015 08:09:10", "2015-03-12"),
        (" 12/03/2015 ", "2015-03-12"),
        ("01/01/1800", "1800-01-01"),
        ("31/12/2199", "2199-12-31"),
        ("12/11/2026", "2026-11-12"),
        ("13/11/2026", "2026-11-13"),
        ("29/02/2000", "2000-02-29"),
        ("", None),
        (None, None),
    ],
)
def test_vn_date_reads_day_month_year(written: str | None, day: str | None):
    assert vn_date(written) == day


@pytest.mark.parametrize(
    "value",
    [
        "31/02/1990",
        "29/02/2023",
        "12/13/2015",
        "00/01/1990",
        "1990-01-31",
        "31-01-1990",
        "31/01/90",
        "31/01/0090",
        "31/12/9999",
        "19900131",
        "hôm nay",
        "31/01/1990T08:00",
        "٣١/01/1990",
    ],
)
def test_vn_date_refuses_what_is_not_a_date(value: str):
    with pytest.raises(Refusal, match="is not a date") as refused:
        vn_date(value)
    assert refused.value.code == "date_invalid"
    assert str(refused.value) == f"{value} không phải là ngày · {value} is not a date"


def test_refused_date_can_be_shown_without_its_digits():
    with pytest.raises(Refusal) as refused:
        vn_date("31/02/1990")
    assert refused.value.masked == "##/##/#### không phải là ngày · ##/##/#### is not a date"


@pytest.mark.parametrize(
    ("written", "partial"),
    [
        ("28/10/2026", "2026-10-28"),
        ("10/2026", "2026-10"),
        ("1996", "1996"),
        ("00/00/1996", "1996"),
        ("--/--/1996", "1996"),
        ("-/-/1996", "1996"),
        ("__/__/1996", "1996"),
        ("00/10/1996", "1996-10"),
        ("--/1996", "1996"),
        ("1/1996", "1996-01"),
        ("01/01/1996", "1996-01-01"),
        ("28/10/2026 00:00:00", "2026-10-28"),
        ("", None),
    ],
)
def test_vn_partial_is_as_precise_as_its_source(written: str, partial: str | None):
    assert vn_partial(written) == partial


@pytest.mark.parametrize(
    "value", ["13/1996", "31/02/1996", "28/00/1996", "28/--/1996", "96", "0096", "1996-10", "10-1996", "199610", "năm 1996", "//1996", "2200"]
)
def test_vn_partial_refuses_what_is_not_a_date(value: str):
    with pytest.raises(Refusal, match="is not a date"):
        vn_partial(value)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("05/11/2026 09:12:33", "2026-11-05T09:12:33+07:00"),
        ("05/11/2026 9:12", "2026-11-05T09:12:00+07:00"),
        ("05/11/2026", "2026-11-05T00:00:00+07:00"),
        ("05/11/2026 23:59:59", "2026-11-05T23:59:59+07:00"),
        ("05/11/2026  00:00:00", "2026-11-05T00:00:00+07:00"),
        ("5/1/2026 0:00", "2026-01-05T00:00:00+07:00"),
        (" 05/11/2026 09:12:33 ", "2026-11-05T09:12:33+07:00"),
        ("29/02/2024 12:00:00", "2024-02-29T12:00:00+07:00"),
        ("12/11/2026 01:02:03", "2026-11-12T01:02:03+07:00"),
        ("31/12/2199 23:59:59", "2199-12-31T23:59:59+07:00"),
        ("", None),
    ],
)
def test_vn_moment_is_hanoi_time(written: str, moment: str | None):
    assert vn_moment(written) == moment


@pytest.mark.parametrize(
    "value",
    [
        "05/11/2026 24:00:00",
        "05/11/2026 09:60:00",
        "31/11/2026 09:00:00",
        "05/11/2026T09:00:00",
        "2026-11-05 09:00:00",
        "09:00",
        "05/11/26 09:00:00",
        "05/11/2026 09:00:60",
        "05/11/2026 9",
        "x",
    ],
)
def test_vn_moment_refuses_what_is_no_moment(value: str):
    with pytest.raises(Refusal, match="is not a date"):
        vn_moment(value)


COMPACT = [
    ("20260101", "2026-01-01"),
    ("20240229", "2024-02-29"),
    ("18000101", "1800-01-01"),
    ("21991231", "2199-12-31"),
    (" 20261123 ", "2026-11-23"),
    ("19990930", "1999-09-30"),
    ("20000229", "2000-02-29"),
    ("20121112", "2012-11-12"),
    ("20111211", "2011-12-11"),
    ("19750430", "1975-04-30"),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("written", "day"), COMPACT)
def test_compact_date_reads_year_month_day(written: str | None, day: str | None):
    assert compact_date(written) == day
    assert iso_date(day) == day


@pytest.mark.parametrize(("written", "day"), COMPACT)
@pytest.mark.parametrize("time", ["00:00:00", "08:15:00", "23:59:59"])
def test_compact_moment_is_hanoi_time(written: str | None, day: str | None, time: str):
    wire = written.strip() + time.replace(":", "") if written else written
    assert compact_moment(wire) == (f"{day}T{time}+07:00" if day else None)


@pytest.mark.parametrize(
    "value", ["20260230", "2026", "202602", "20261301", "20260101000000", "2026-01-01", "00000000", "x", "01012026x", "２０２６０１０１"]
)
def test_compact_date_refuses_what_is_not_a_date(value: str):
    with pytest.raises(Refusal, match="is not a date"):
        compact_date(value)


@pytest.mark.parametrize(
    "value",
    [
        "20260101",
        "20260101240000",
        "20260101006000",
        "20260101000060",
        "20260230000000",
        "2026010100000",
        "202601010000000",
        "0",
        "00000000000000",
        "2026-01-01T00:00:00",
    ],
)
def test_compact_moment_refuses_what_is_no_moment(value: str):
    with pytest.raises(Refusal, match="is not a date"):
        compact_moment(value)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-04T10:00:00+07:00", "2026-11-04T10:00:00+07:00"),
        ("2026-11-04T10:00:00", "2026-11-04T10:00:00+07:00"),
        ("2026-11-04T03:00:00Z", "2026-11-04T10:00:00+07:00"),
        ("2026-11-04T20:00:00Z", "2026-11-05T03:00:00+07:00"),
        ("2026-11-04T10:00:00.123+07:00", "2026-11-04T10:00:00+07:00"),
        ("2026-11-04T10:00:00.123456789Z", "2026-11-04T17:00:00+07:00"),
        ("2026-11-04T10:00:00.999999+07:00", "2026-11-04T10:00:00+07:00"),
        ("2024-02-29T23:59:59+07:00", "2024-02-29T23:59:59+07:00"),
        ("2026-11-04T10:00:00-05:00", "2026-11-04T22:00:00+07:00"),
        (" 2026-11-04T10:00:00 ", "2026-11-04T10:00:00+07:00"),
        ("", None),
        (None, None),
    ],
)
def test_iso_moment_is_moved_to_hanoi_time(written: str | None, moment: str | None):
    assert iso_moment(written) == moment


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-04",
        "2026-02-30T10:00:00",
        "2026-11-04T25:00:00",
        "2026-11-04T10:61:00Z",
        "2026-11-04 10:00:00",
        "20261104T100000",
        "2026-11-04T10:00",
        "x",
        "2026-11-04T10:00:00+7",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_iso_moment_refuses_what_is_no_moment(value: str):
    with pytest.raises(Refusal, match="is not a date"):
        iso_moment(value)


@pytest.mark.parametrize(
    "value", ["2026-02-30", "26-01-01", "2026/01/01", "2026-1-1", "20260101", "2026-13-01", "2026-01-00", "x", "2026-01-01T00:00:00", "0000-00-00"]
)
def test_iso_date_refuses_what_is_not_a_date(value: str):
    with pytest.raises(Refusal, match="is not a date"):
        iso_date(value)


@pytest.mark.parametrize(
    ("written", "form", "partial"),
    [
        ("19850409", "0", "1985-04-09"),
        ("1985", "1", "1985"),
        ("198504", "2", "1985-04"),
        ("", "0", None),
        (None, None, None),
        (" 1985 ", "1", "1985"),
        ("202602", "2", "2026-02"),
        ("1985", " 1 ", "1985"),
        ("20240229", "0", "2024-02-29"),
        ("19991231", "0", "1999-12-31"),
        ("2199", "1", "2199"),
        ("180001", "2", "1800-01"),
        ("", None, None),
    ],
)
def test_bhxh_date_reads_the_declared_form(written: str | None, form: str | None, partial: str | None):
    assert bhxh_date(written, form) == partial


@pytest.mark.parametrize(
    ("written", "form", "code"),
    [
        ("1985", "0", "date_invalid"),
        ("19850409", "1", "date_invalid"),
        ("19850409", "2", "date_invalid"),
        ("19850231", "0", "date_invalid"),
        ("198513", "2", "date_invalid"),
        ("198500", "2", "date_invalid"),
        ("0085", "1", "date_invalid"),
        ("19850409", "3", "code_unknown"),
        ("19850409", "", "code_unknown"),
        ("19850409", None, "code_unknown"),
        ("1985-4-9", "0", "date_invalid"),
    ],
)
def test_bhxh_date_refuses_another_form_than_declared(written: str, form: str | None, code: str):
    with pytest.raises(Refusal) as refused:
        bhxh_date(written, form)
    assert refused.value.code == code


@given(days)
def test_every_form_of_a_day_gives_the_same_day(day: date):
    canonical = day.isoformat()
    assert vn_date(f"{day.day:02}/{day.month:02}/{day.year}") == vn_partial(f"{day.day}/{day.month}/{day.year}") == canonical
    assert compact_date(f"{day.year}{day.month:02}{day.day:02}") == iso_date(canonical) == canonical
    assert bhxh_date(compact_partial(canonical), "0") == canonical
    assert compact_date(compact_partial(canonical)) == canonical


@given(moments)
def test_every_form_of_a_moment_gives_the_same_moment(moment: datetime):
    canonical = moment.isoformat()
    assert vn_moment(f"{moment.day:02}/{moment.month:02}/{moment.year} {moment:%H:%M:%S}") == canonical
    assert compact_moment(to_compact_moment(canonical)) == iso_moment(canonical) == canonical


@given(moments.filter(lambda one: 1800 < one.year < 2199), st.integers(-14, 14))
def test_iso_moment_keeps_the_instant(moment: datetime, hours: int):
    elsewhere = moment - timedelta(hours=7 - hours)
    offset = f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    assert iso_moment(elsewhere.replace(tzinfo=None).isoformat() + offset) == moment.isoformat()


@pytest.mark.parametrize(
    "convert", [vn_date, vn_moment, vn_partial, compact_date, compact_moment, iso_date, iso_moment], ids=lambda convert: convert.__name__
)
@given(value=st.one_of(st.text(), st.from_regex(r"[0-9/: TZ+-]{0,20}", fullmatch=True)))
def test_a_date_converter_refuses_and_nothing_else(convert, value: str):
    try:
        found = convert(value)
    except Refusal as refusal:
        found = refusal.code
    assert found in {None, "date_invalid"} or found[:2].isdigit()


def test_no_known_moment_is_the_empty_text_of_the_wire():
    assert to_compact_moment(None) == ""
