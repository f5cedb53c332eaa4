"""Files dropped into a folder: the commonest exchange of communes. A workbook or CSV is read whole or put aside with a report, never in part.

A file counts by the time it came into the folder, so a re-run reads nothing twice; the same content again is recognised row by row. A server of
SFTP or FTP tells no time but that of the last change: whoever uploads there must not have the file's own time preserved, or it looks read already.

A file that is still being uploaded is left alone: one changed within the last minute, one that changes while it is read, and the temporary names
of uploading and office programs.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from connectors.errors import BadAnswer, SourceUnavailable
from connectors.page import Check, Cursor, Endpoint, Page

CAP = 64 * 2**20
"""Bytes of a file, and of a workbook unpacked."""
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv")
"""Of the files that are read, or put aside with a report: an old ``.xls`` cannot be read, and its sender should know."""
TEMPORARY = (".", "~$")
"""What the names of files nobody has finished begin with."""
WAIT = timedelta(minutes=1)
"""A file changed within this may still be on its way."""
ASIDE = "khong-nhan"
"""The subfolder of files that cannot be read."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """How a table stands in its files: the header row is the one that holds the cell ``header``; the table ends at the first empty row.

    ``delimiter``, ``text`` (bytes to text, for the declared encoding; ValueError when it is another) and ``dates`` concern CSV only: the cells
    of those columns are read in ``date_form`` (as strptime has it) and given as dd/MM/yyyy, as a workbook's are; what is no such date stays.
    """

    header: str
    delimiter: str = ";"
    text: Callable[[bytes], str] = lambda body: body.decode("utf-8-sig")
    dates: frozenset[str] = frozenset()
    date_form: str = "%d/%m/%Y"

    def records(self, body: bytes) -> list[dict[str, str]]:
        """The rows as text by column name. Raises BadAnswer when the file is not such a table."""
        workbook = body.startswith(b"PK")
        lines = _workbook(body) if workbook else self._csv(body)
        names: list[str] = []
        found: list[dict[str, str]] = []
        ended = False
        for number, cells in enumerate(lines, 1):
            if not names:
                names = [cell.strip() for cell in cells] if self.header in (cell.strip() for cell in cells) else []
                _check_names(names)
            elif not any(cell.strip() for cell in cells):
                ended = True
            elif ended and self._has_key(names, cells):
                raise BadAnswer(f"row {number} stands below an empty row: is it part of the table?")
            elif not ended:
                if any(cell.strip() for cell in cells[len(names) :]):
                    raise BadAnswer(f"row {number} has more cells than the header")
                found.append({name: cell for name, cell in zip(names, cells, strict=False) if name})
        if not names:
            raise BadAnswer(f"no row holds the column {self.header!r}")
        return found if workbook or not self.dates else [self._dated(record) for record in found]

    def _dated(self, record: dict[str, str]) -> dict[str, str]:
        return {name: day_text(cell, self.date_form) if name in self.dates else cell for name, cell in record.items()}

    def _has_key(self, names: list[str], cells: Sequence[str]) -> bool:
        at = names.index(self.header)
        return len(cells) > at and bool(cells[at].strip())

    def _csv(self, body: bytes) -> Iterator[list[str]]:
        try:
            text = self.text(body)
        except ValueError:  # a decoding error is one
            raise BadAnswer("the file is not in the declared encoding") from None
        if "\x00" in text:
            raise BadAnswer("the file holds zero bytes: it is not CSV")
        try:
            yield from csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True)
        except csv.Error as error:
            raise BadAnswer(f"not CSV: {error}") from None


def _check_names(names: Sequence[str]) -> None:
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise BadAnswer(f"the header has {', '.join(sorted(twice))} twice")


def _workbook(body: bytes) -> Iterator[list[str]]:
    """The cells of the first sheet as text."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_archive(body)
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [cell_text(value) for value in row]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise BadAnswer(f"not a readable workbook ({type(error).__name__})") from None


def _check_archive(body: bytes) -> None:
    """Raises BadAnswer on an archive that unpacks to more than CAP, or whose XML carries a DTD."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > CAP:
                raise BadAnswer(f"the workbook unpacks to more than {CAP >> 20} MB")
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as file:
                        if b"<!DOCTYPE" in file.read(4096):
                            raise BadAnswer("the workbook carries a DTD")
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        raise BadAnswer("not a readable workbook (broken archive)") from None


def cell_text(value: Any) -> str:
    """A cell as text. A number keeps its digits (lost leading zeros are for the mapping to see), a day becomes dd/MM/yyyy."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y" if (value.hour, value.minute, value.second) == (0, 0, 0) else "%d/%m/%Y %H:%M:%S")
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)


def day_text(cell: str, form: str) -> str:
    """A day written in ``form`` as dd/MM/yyyy; anything else as it is, for the mapping to refuse."""
    try:
        return datetime.strptime(cell.strip(), form).strftime("%d/%m/%Y")  # noqa: DTZ007 a day has no zone
    except ValueError:
        return cell


@dataclass(frozen=True, slots=True)
class _Dropped:
    name: str
    path: str
    at: datetime
    size: int
    told: bool
    """Whether the file system tells when it changed."""


class FileSource:
    """Workbooks and CSV files in the folder ``endpoint.url`` (any fsspec URL: local, sftp, s3) that have not changed for ``wait``."""

    def __init__(self, endpoint: Endpoint, table: Table, wait: timedelta = WAIT) -> None:
        self.endpoint = endpoint
        self.table = table
        self.wait = wait
        self.looking = False
        """Whether files stay where they are, whatever is wrong with them: for those who only look."""

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        """One page per file that came since the cursor. A file that cannot be read is put aside, and its page says why."""
        end = datetime.fromisoformat(cursor.get("until", until.isoformat()))
        read = (datetime.fromisoformat(cursor["at"]), cursor["name"]) if "at" in cursor else (datetime.fromisoformat(cursor["since"]), "")
        files = [file for file in self._files() if (file.at, file.name) > read]
        coming = [file for file in files if self._coming(file)]
        fresh = [file for file in files if file not in coming]
        end = min([end, *(file.at for file in coming)])  # the next read begins before what was left alone
        if not fresh:
            yield Page(b"", "application/x-empty", 0, {"since": end.isoformat()}, finished=True)
        for file in fresh:
            last = file is fresh[-1]
            body = b""
            try:
                body = self._read(file)
                rows, trouble = len(self.rows(body)), ""
            except BadAnswer as error:
                rows, trouble = 0, f"{file.name}: {error}"
            if self._changed(file):
                end = min(end, file.at)
                body, rows, trouble = b"", 0, ""
            after = {"since": end.isoformat()}
            if not last:
                after = {"since": cursor["since"], "until": end.isoformat(), "at": file.at.isoformat(), "name": file.name}
            yield Page(body, XLSX if body.startswith(b"PK") else "text/csv", rows, after, finished=last, trouble=trouble)
            if trouble and not self.looking:  # only now: the page that says why has been kept
                self._put_aside(file, trouble.removeprefix(f"{file.name}: "))

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The rows of a file, as JSON."""
        return [msgspec.json.encode(record) for record in self.table.records(body)] if body else []

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The row by column name."""
        record: dict[str, Any] = json.loads(raw)
        return record

    def check(self) -> Iterator[Check]:
        """Lists the folder, then reads the newest file."""
        try:
            files = self._files()
        except SourceUnavailable as error:
            yield Check("folder", False, str(error), "ours or the network: the folder cannot be listed")
            return
        yield Check("folder", True, f"{len(files)} files")
        if files:
            try:
                yield Check("newest file", True, f"{files[-1].name}: {len(self.rows(self._read(files[-1])))} rows")
            except BadAnswer as error:
                yield Check("newest file", False, f"{files[-1].name}: {error}", "theirs: the file is no such table")

    def close(self) -> None:
        """Nothing is kept open."""

    def _coming(self, file: _Dropped) -> bool:
        """Whether it may still be on its way."""
        return file.told and bool(self.wait) and datetime.now(UTC) - file.at < self.wait

    def _changed(self, file: _Dropped) -> bool:
        """Whether it is another file than was listed: it was written to, or taken away, while it was read."""
        import fsspec

        system, _ = fsspec.url_to_fs(self.endpoint.url)
        system.invalidate_cache()
        try:
            now = system.info(file.path)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise SourceUnavailable(f"{file.name} cannot be read ({type(error).__name__})") from None
        return int(now.get("size") or 0) != file.size or (file.told and _came(now) != file.at)

    def _files(self) -> list[_Dropped]:
        """The files in the order they came."""
        import fsspec

        try:
            system, root = fsspec.url_to_fs(self.endpoint.url)
            system.invalidate_cache()
            found = [system.info(path) for path in system.glob(f"{root.rstrip('/')}/*") if _finished(path.rsplit("/", 1)[-1])]
        except OSError as error:
            raise SourceUnavailable(f"{self.endpoint.system}: the folder cannot be listed ({type(error).__name__})") from None
        files = [
            _Dropped(one["name"].rsplit("/", 1)[-1], one["name"], _came(one), int(one.get("size") or 0), bool(_stamps(one)))
            for one in found
            if one["type"] == "file"
        ]
        return sorted(files, key=lambda file: (file.at, file.name))

    def _read(self, file: _Dropped) -> bytes:
        import fsspec

        if file.size > CAP:
            raise BadAnswer(f"the file is larger than {CAP >> 20} MB")
        system, _ = fsspec.url_to_fs(self.endpoint.url)
        try:
            body: bytes = system.cat_file(file.path)
        except OSError as error:
            raise SourceUnavailable(f"{file.name} cannot be read ({type(error).__name__})") from None
        return body

    def _put_aside(self, file: _Dropped, why: str) -> None:
        """Moves the file into ``khong-nhan/`` with a report beside it, for whoever dropped it."""
        import fsspec

        system, root = fsspec.url_to_fs(self.endpoint.url)
        aside = f"{root.rstrip('/')}/{ASIDE}"
        system.makedirs(aside, exist_ok=True)
        report = f"Tệp {file.name} không đọc được nên chưa nhận dòng nào.\nLý do: {why}\nSửa rồi gửi lại tệp.\n\n"
        report += f"{file.name} could not be read; no row was taken.\nWhy: {why}\nCorrect it and drop it again.\n"
        name = file.name if not system.exists(f"{aside}/{file.name}") else f"{file.at:%Y%m%dT%H%M%S}-{file.name}"  # never over an earlier one
        system.pipe_file(f"{aside}/{name}.ly-do.txt", report.encode())
        system.mv(file.path, f"{aside}/{name}")


def _came(info: dict[str, Any]) -> datetime:
    """When a file came into the folder: the later of its change and creation times, as far as the file system tells."""
    return max(_stamps(info), default=datetime.now(UTC))


def _stamps(info: dict[str, Any]) -> list[datetime]:
    return [_moment(info[name]) for name in ("mtime", "created", "LastModified", "last_modified") if info.get(name)]


def _finished(name: str) -> bool:
    """Whether a name is that of a table, and not of one a program has still in hand."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(TEMPORARY)


def _moment(value: Any) -> datetime:
    return value.astimezone() if isinstance(value, datetime) else datetime.fromtimestamp(float(value), UTC).astimezone()
