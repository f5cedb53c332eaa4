"""Typed rows of bulk answers: valid before they are given out, in flat memory, and every silent corruption of lenient readers refused."""

import io
import re
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Contract, contract
from connectors.envelope import SOAP_11, SOAP_12, Version
from connectors.errors import BadAnswer
from connectors.typed import Typed
from tests.connectors.test_soap import CORRUPT, OPERATION, RESULT, body
from tests.connectors.wsdls import ROW, SPACE, envelope, made, result

WANTED = {
    "so": "027099000123",
    "ngay": date(1999, 1, 2),
    "luc": datetime.fromisoformat("2026-11-04T10:00:00+07:00"),
    "lan": 5,
    "tien": Decimal("12.50"),
    "con": True,
    "gioi": "1",
    "noiO": {"maXa": "07210"},
    "ten": ["Nguyễn Văn Mẫu", "Mẫu"],
}


@pytest.fixture(params=[SOAP_11, SOAP_12], ids=lambda version: version.name)
def version(request: pytest.FixtureRequest) -> Version:
    found: Version = request.param
    return found


@pytest.fixture
def kieu(tmp_path: Path, version: Version) -> Contract:
    return made(tmp_path, version)


def both_ways(contract: Contract, whole: bytes, operation: str = "Doc", item: str = "dong") -> list[list[dict[str, Any]]]:
    typed = Typed(contract, operation, item)
    return [typed.page(whole), list(typed.stream(io.BytesIO(whole)))]


def test_rows_are_typed_as_the_schema_declares(kieu: Contract, version: Version) -> None:
    assert both_ways(kieu, envelope(result(), version)) == [[WANTED], [WANTED]]


def test_nil_where_it_is_allowed_is_none(kieu: Contract, version: Version) -> None:
    nil = '<khac xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    for rows in both_ways(kieu, envelope(result(ROW.replace("</dong>", f"{nil}</dong>")), version)):
        assert rows == [WANTED | {"khac": None}]


def test_an_empty_answer_has_no_rows(kieu: Contract, version: Version) -> None:
    assert both_ways(kieu, envelope(result("", 0), version)) == [[], []]


def test_a_comment_does_not_cut_a_number_short(kieu: Contract, version: Version) -> None:
    for rows in both_ways(kieu, envelope(result(ROW.replace("027099", "027<!-- -->099")), version)):
        assert rows[0]["so"] == "027099000123"


def swapped(old: str, new: str) -> str:
    assert old in ROW
    return result(ROW.replace(old, new))


SILENT = {
    "a date in Vietnamese form": swapped("1999-01-02", "02/01/1999"),
    "a date that is none": swapped("1999-01-02", "1999-02-30"),
    "a number that is none": swapped("<lan>5<", "<lan>5x<"),
    "a decimal that is none": swapped("12.50", "12,50"),
    "a boolean in words": swapped("<con>true<", "<con>có<"),
    "a value not in the list": swapped("<gioi>1<", "<gioi>9<"),
    "all required missing": result("<dong/>"),
    "one required missing": swapped("<lan>5</lan>", ""),
    "the wrapper missing": f'<tongSo xmlns="{SPACE}">1</tongSo>',
    "another wrapper": result().replace("DocResponse", "KhacResponse"),
    "the request for an answer": f'<Doc xmlns="{SPACE}"><trang>1</trang></Doc>',
    "nil where not allowed": swapped("<so>027099000123<", '<so xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"><'),
    "a processing instruction in a number": swapped("027099000123", "0270<?x y?>99000123"),
    "an element in a number": swapped("027099000123", "0270<i/>99000123"),
    "a CDATA mark in a number left open": swapped("027099000123", "0270<![CDATA[99000123"),
    "two results": result() + result(),
    "a row of another name": swapped("<dong>", "<hang>").replace("</dong>", "</hang>"),
    "the total after the rows": f'<DocResponse xmlns="{SPACE}">{ROW}<tongSo>1</tongSo></DocResponse>',
    "the total between the rows": f'<DocResponse xmlns="{SPACE}"><tongSo>2</tongSo>{ROW}<tongSo>2</tongSo>{ROW}</DocResponse>',
    "no total": f'<DocResponse xmlns="{SPACE}">{ROW}</DocResponse>',
    "text between the rows": f'<DocResponse xmlns="{SPACE}"><tongSo>2</tongSo>{ROW}mất{ROW}</DocResponse>',
    "a second child of Body": result() + "<x/>",
    "nothing in Body": "",
}


@pytest.mark.parametrize("way", ["page", "stream"])
@pytest.mark.parametrize("inner", SILENT.values(), ids=SILENT)
def test_a_silent_corruption_is_a_bad_answer(kieu: Contract, version: Version, inner: str, way: str) -> None:
    typed = Typed(kieu, "Doc", "dong")
    whole = envelope(inner, version)
    with pytest.raises(BadAnswer) as caught:
        typed.page(whole) if way == "page" else list(typed.stream(io.BytesIO(whole)))
    assert not re.search(r"\d{9}|Mẫu", str(caught.value)), "an error names no person"


@pytest.mark.parametrize("answer", CORRUPT.values(), ids=CORRUPT)
def test_what_the_strict_reader_refuses_the_stream_refuses_too(answer: str) -> None:
    with pytest.raises(BadAnswer):
        list(Typed(contract("bhxh.wsdl"), OPERATION, "nguoiThamGia").stream(io.BytesIO(answer.encode())))


def test_the_stream_reads_what_the_strict_reader_reads() -> None:
    rows = list(Typed(contract("bhxh.wsdl"), OPERATION, "nguoiThamGia").stream(io.BytesIO(body().encode())))
    assert [(row["soDinhDanh"], row["capNhatLuc"].year) for row in rows] == [("027099000123", 2026)]
    assert RESULT in body()


def test_rows_before_a_broken_one_were_good_and_the_broken_one_is_not_given(kieu: Contract, version: Version) -> None:
    bad = ROW.replace("<lan>5<", "<lan>x<")
    got: list[dict[str, Any]] = []
    rows = Typed(kieu, "Doc", "dong").stream(io.BytesIO(envelope(result(ROW * 3 + bad + ROW), version)))
    with pytest.raises(BadAnswer, match="breaks the schema"):
        got.extend(rows)
    assert got == [WANTED] * 3


def test_a_date_beyond_the_calendar_is_a_bad_answer_not_a_crash(kieu: Contract, version: Version) -> None:
    for odd in (swapped("1999-01-02", "12026-01-02"), swapped("2026-11-04T10:00:00+07:00", "2026-11-04T24:00:00+07:00")):
        with pytest.raises(BadAnswer):
            Typed(kieu, "Doc", "dong").page(envelope(odd, version))


class Endless(io.RawIOBase):
    """An answer of so many rows, made as it is read."""

    def __init__(self, rows: int) -> None:
        self._pieces = self._made(rows)
        self._left = b""

    @staticmethod
    def _made(rows: int) -> Iterator[bytes]:
        head, tail = envelope(result("@", rows)).split(b"@")
        yield head
        for _ in range(rows // 100):
            yield ROW.encode() * 100
        yield tail

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = next(self._pieces, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    import resource

    typed = Typed(made(tmp_path), "Doc", "dong")
    peaks = []
    tracemalloc.start()
    for rows in (2_000, 20_000):
        tracemalloc.reset_peak()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert sum(1 for _ in typed.stream(io.BufferedReader(Endless(rows)))) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024, "nor in the memory that libxml2 takes, in kB"
