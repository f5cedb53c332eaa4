"""Files dropped into a folder: in the encoding their sender declares, whole or not at all, each once."""

import io
import os
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.errors import BadAnswer, SourceUnavailable
from connectors.files import ASIDE, CAP, FileSource, Table
from connectors.page import Endpoint, Page
from include import encodings, sources

SINCE = {"since": "2020-01-01T00:00:00+07:00"}
UNTIL = datetime.fromisoformat("2030-01-01T00:00:00+07:00")
HEAD = "Số;Họ tên;Ngày"
NAME = "Nguyễn Thị Ánh Tuyết"
UTF_8 = f"{HEAD}\n001;{NAME};01/02/2026\n".encode()
CP1258 = "Sô´;Ho\u0323 tên;Nga\u0300y\n001;Nguyê\u0303n Thi\u0323 A\u0301nh Tuyê\u0301t;01/02/2026\n".replace("ô´", "ô\u0301").encode("cp1258")
TCVN3 = bytes.fromhex("53e83b48e4207469aa6e3b4e67b5790a3030313b4e677579d46e20546 8de20b86e682054757 9d5743b30312f30322f323032360a".replace(" ", ""))
"""``Số;Họ tiên;Ngày`` and a row, byte by byte as a commune's old machine saved it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "drops"


def source(folder: Path, **table: Any) -> FileSource:
    folder.mkdir(exist_ok=True)
    return FileSource(Endpoint("xa", folder.as_uri()), Table(**{"header": "Số"} | table), timedelta(0))


def dropped(folder: Path, name: str, body: bytes, minute: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(body)
    moment = (datetime.now().astimezone() + timedelta(minutes=minute)).timestamp()
    os.utime(path, (moment, moment))
    return path


def read(source: FileSource, cursor: dict[str, Any] | None = None) -> tuple[list[Page], list[dict[str, Any]]]:
    pages = list(source.pages(cursor or SINCE, UNTIL))
    return pages, [source.decode(row) for page in pages if not page.trouble for row in source.rows(page.body)]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("utf-8", UTF_8),
        ("utf-8", b"\xef\xbb\xbf" + UTF_8),
        ("UTF-8 ", UTF_8),
        ("utf-16", UTF_8.decode().encode("utf-16")),
        ("cp1258", CP1258),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-8 in capitals", "utf-16", "cp1258"],
)
def test_a_declared_encoding_is_read(folder: Path, encoding: str, body: bytes) -> None:
    dropped(folder, "a.csv", body)
    _, rows = read(source(folder, text=encodings.reader(encoding)))
    assert rows == [{"Số": "001", "Họ tên": NAME, "Ngày": "01/02/2026"}]


def test_tcvn3_is_read_byte_by_byte(folder: Path) -> None:
    dropped(folder, "a.csv", TCVN3)
    _, rows = read(source(folder, text=encodings.reader("tcvn3")))
    assert rows == [{"Số": "001", "Họ tiên": "Nguyễn Thị ánh Tuyết", "Ngày": "01/02/2026"}], "capitals with tones are small in TCVN3"


WRONG = {
    "cp1258 said to be utf-8": ("utf-8", CP1258),
    "tcvn3 said to be utf-8": ("utf-8", TCVN3),
    "utf-8 said to be cp1258": ("cp1258", UTF_8),
    "utf-8 said to be tcvn3": ("tcvn3", UTF_8),
    "utf-8 said to be utf-16": ("utf-16", UTF_8),
    "signs tcvn3 does not have": ("tcvn3", TCVN3 + b"\x95"),
}


@pytest.mark.parametrize(("encoding", "body"), WRONG.values(), ids=WRONG)
def test_a_wrong_declaration_puts_the_file_aside_and_misreads_no_name(folder: Path, encoding: str, body: bytes) -> None:
    dropped(folder, "a.csv", body)
    pages, rows = read(source(folder, text=encodings.reader(encoding)))
    assert (rows, pages[0].trouble) == ([], "a.csv: the file is not in the declared encoding")
    assert (folder / ASIDE / "a.csv").read_bytes() == body


def test_an_encoding_there_is_not_lists_those_there_are() -> None:
    with pytest.raises(LookupError, match="no encoding 'vps'; there are utf-8, utf-16, cp1258, tcvn3"):
        encodings.reader("vps")


def test_the_delimiter_is_the_declared_one_and_quotes_hold_line_breaks(folder: Path) -> None:
    dropped(folder, "a.csv", 'Số,Họ tên\n001,"Nguyễn, Văn\nA"\n'.encode())
    assert read(source(folder, delimiter=","))[1] == [{"Số": "001", "Họ tên": "Nguyễn, Văn\nA"}]


def test_the_header_row_is_found_below_a_title(folder: Path) -> None:
    dropped(folder, "a.csv", "UBND;\n;\nSố;Họ tên\n001;A\n;\n;Người lập\n".encode())
    assert read(source(folder))[1] == [{"Số": "001", "Họ tên": "A"}]


@pytest.mark.parametrize(
    ("form", "cell", "told"),
    [
        ("%d/%m/%Y", "03/04/2026", "03/04/2026"),
        ("%m/%d/%Y", "03/04/2026", "04/03/2026"),
        ("%Y-%m-%d", "2026-04-03", "03/04/2026"),
        ("%Y%m%d", " 20260403 ", "03/04/2026"),
        ("%Y-%m-%d", "2026-02-30", "2026-02-30"),
        ("%Y-%m-%d", "1999", "1999"),
        ("%Y-%m-%d", "", ""),
    ],
)
def test_dates_are_read_in_the_declared_form_and_only_those(folder: Path, form: str, cell: str, told: str) -> None:
    dropped(folder, "a.csv", f"Số;Ngày;Khác\n001;{cell};{cell}\n".encode())
    assert read(source(folder, dates=frozenset({"Ngày"}), date_form=form))[1] == [{"Số": "001", "Ngày": told, "Khác": cell}]


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_s_cells_are_text_with_their_zeros_and_days(folder: Path) -> None:
    dropped(folder, "a.xlsx", workbook(("Số", "Họ tên", "Ngày", "Tiền"), ("001", NAME, datetime(2026, 2, 1), 500000.0)))  # noqa: DTZ001 cells have no zone
    assert read(source(folder))[1] == [{"Số": "001", "Họ tên": NAME, "Ngày": "01/02/2026", "Tiền": "500000"}]


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name.replace("_", "."), body)
    return out.getvalue()


BROKEN = {
    "no header": b"a;b\n1;2\n",
    "a cell too many": "Số;Họ tên\n001;A;B\n".encode(),
    "a name twice": "Số;Số\n1;2\n".encode(),
    "a row below the end": "Số;Họ tên\n001;A\n;\n002;B\n".encode(),
    "zero bytes": "Số\n0\x001\n".encode(),
    "a quote left open": 'Số\n"001\n'.encode(),
    "half a workbook": workbook(("Số",), ("001",))[:-500],
    "no workbook": zipped(a_txt=b"x"),
    "a workbook with a DTD": zipped(x_xml=b"<!DOCTYPE x><x/>"),
    "a workbook that unpacks to too much": zipped(x_xml=bytes(CAP + 1)),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_bad_file_is_moved_aside_with_a_report_beside_it_and_never_half_read(folder: Path, body: bytes) -> None:
    dropped(folder, "a.csv", body)
    dropped(folder, "b.csv", UTF_8, minute=1)
    pages, rows = read(source(folder))
    assert [bool(page.trouble) for page in pages] == [True, False]
    assert [row["Số"] for row in rows] == ["001"], "the good file beside it is read"
    assert pages[0].body == body, "what came is kept as evidence"
    assert sorted(path.name for path in (folder / ASIDE).iterdir()) == ["a.csv", "a.csv.ly-do.txt"]
    report = (folder / ASIDE / "a.csv.ly-do.txt").read_text()
    assert "chưa nhận dòng nào" in report
    assert pages[0].trouble.removeprefix("a.csv: ") in report


def test_a_file_too_large_is_not_even_opened(folder: Path) -> None:
    path = dropped(folder, "a.csv", b"")
    with path.open("r+b") as file:
        file.truncate(CAP + 1)
    pages, _ = read(source(folder))
    assert pages[0].trouble == f"a.csv: the file is larger than {CAP >> 20} MB"
    assert (folder / ASIDE / "a.csv").exists()


def test_a_bad_file_moves_only_after_its_page_was_kept(folder: Path) -> None:
    path = dropped(folder, "a.csv", b"x")
    pages = source(folder).pages(SINCE, UNTIL)
    assert next(pages).trouble
    assert path.exists(), "killed here, it would be read and told again"
    assert list(pages) == []
    assert not path.exists()


def test_who_only_looks_moves_nothing(folder: Path) -> None:
    path = dropped(folder, "a.csv", b"x")
    reader = source(folder)
    reader.looking = True
    assert read(reader)[0][0].trouble
    assert path.exists()


def test_a_second_bad_file_of_one_name_does_not_cover_the_first(folder: Path) -> None:
    for body in (b"first", b"second"):
        dropped(folder, "a.csv", body)
        read(source(folder))
    kept = [path for path in (folder / ASIDE).iterdir() if path.suffix == ".csv"]
    assert sorted(path.read_bytes() for path in kept) == [b"first", b"second"]


def test_a_read_file_is_not_read_again_and_each_cursor_goes_on_with_the_rest(folder: Path) -> None:
    for number in range(4):
        dropped(folder, f"{number}.csv", f"Số\n00{number}\n".encode(), minute=number)
    reader = source(folder)
    pages, rows = read(reader)
    assert [row["Số"] for row in rows] == ["000", "001", "002", "003"]
    for at in range(3):
        assert [page.body for page in read(reader, pages[at].after)[0]] == [page.body for page in pages[at + 1 :]]
    assert pages[-1].after == {"since": UNTIL.isoformat()}
    assert [page.rows for page in read(reader, pages[-1].after)[0]] == [0]


def test_the_same_content_under_another_name_gives_the_very_same_rows(folder: Path) -> None:
    dropped(folder, "a.csv", UTF_8)
    dropped(folder, "a (1).csv", UTF_8, minute=1)
    reader = source(folder)
    first, second = (reader.rows(page.body) for page in read(reader)[0])
    assert first == second, "the hub knows a row by the hash of its bytes: it is taken once"


def test_a_folder_that_is_not_there_is_empty_and_one_that_cannot_be_listed_is_unavailable(tmp_path: Path) -> None:
    assert [page.rows for page in read(FileSource(Endpoint("xa", (tmp_path / "none").as_uri()), Table("Số")))[0]] == [0]
    if os.geteuid():
        (tmp_path / "shut").mkdir(mode=0)
        with pytest.raises(SourceUnavailable):
            read(FileSource(Endpoint("xa", (tmp_path / "shut").as_uri()), Table("Số")))


def test_rows_of_a_landed_file_are_read_without_the_folder() -> None:
    assert len(FileSource(Endpoint("xa", "file:///nowhere"), Table("Số")).rows(UTF_8)) == 1
    with pytest.raises(BadAnswer):
        FileSource(Endpoint("xa", "file:///nowhere"), Table("Số")).rows(b"x")


def test_the_communes_encoding_is_an_option_of_the_endpoint(folder: Path) -> None:
    made: Callable[[Endpoint], Any] = sources.social
    text = "Số hồ sơ,Họ tên\n001,Nguyê\u0303n\n"
    dropped(folder, "a.csv", text.replace("ố", "ô\u0301").replace("ồ", "ô\u0300").replace("ọ", "o\u0323").encode("cp1258"))
    reader = made(Endpoint("btxh", folder.as_uri(), options={"encoding": "cp1258", "delimiter": ",", "wait": "0"}))
    assert read(reader)[1] == [{"Số hồ sơ": "001", "Họ tên": "Nguyễn"}]


def test_a_file_changed_within_the_last_minute_is_left_alone_and_read_when_it_has_come_whole(folder: Path) -> None:
    body = workbook(("Số",), *((f"{number:03}",) for number in range(500)))
    dropped(folder, "a.xlsx", body[: len(body) // 2])
    reader = sources.social(Endpoint("btxh", folder.as_uri()))
    assert isinstance(reader, FileSource)
    reader.table = Table("Số")
    (page,) = read(reader)[0]
    assert (page.rows, page.trouble, page.finished) == (0, "", True)
    assert [path.name for path in folder.iterdir()] == ["a.xlsx"]
    dropped(folder, "a.xlsx", body)
    reader.wait = timedelta(0)
    assert [each.rows for each in read(reader, page.after)[0]] == [500], "the next read begins before what was left alone"


def test_a_file_that_grows_while_it_is_read_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dropped(folder, "a.csv", b"S")
    dropped(folder, "b.csv", UTF_8, minute=1)
    reader, whole = source(folder), UTF_8
    heard = FileSource._read

    def growing(self: FileSource, file: Any) -> bytes:
        body = heard(self, file)
        if file.name == "a.csv":
            path.write_bytes(whole)
        return body

    monkeypatch.setattr(FileSource, "_read", growing)
    pages, rows = read(reader)
    assert ([page.trouble for page in pages], len(rows)) == (["", ""], 1)
    assert path.read_bytes() == UTF_8
    monkeypatch.undo()
    assert len(read(reader, pages[-1].after)[1]) == 2


@pytest.mark.parametrize("name", ["~$a.xlsx", ".a.xlsx", "a.xlsx.filepart", "a.csv.part", "a.xlsx.tmp", "a.txt"])
def test_what_programs_have_still_in_hand_is_left_alone(folder: Path, name: str) -> None:
    path = dropped(folder, name, b"x")
    assert [page.trouble for page in read(source(folder))[0]] == [""]
    assert path.exists()


def test_an_old_workbook_is_put_aside_so_that_its_sender_knows_and_capitals_are_read(folder: Path) -> None:
    dropped(folder, "a.xls", b"\xd0\xcf\x11\xe0")
    dropped(folder, "B.CSV", UTF_8, minute=1)
    pages, rows = read(source(folder))
    assert ([bool(page.trouble) for page in pages], len(rows)) == ([True, False], 1)


def test_files_of_a_system_that_tells_no_times_are_read_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped(folder, "a.csv", UTF_8)
    monkeypatch.setattr("connectors.files._stamps", lambda _info: [])
    reader = source(folder)
    reader.wait = timedelta(minutes=1)
    assert len(read(reader)[1]) == 1
