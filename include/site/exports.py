"""Tables as files. No cell of a file can start a formula, and every export is an act in the log."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import xlsxwriter
from starlette.responses import Response

from include import acts
from include.hub import Hub
from include.site.table import Table, plain

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet read a cell as a formula (OWASP, CSV injection)."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60


def exported(hub: Hub, who: str, tables: Mapping[str, Table], wanted: str) -> Response:
    """The file ``NAME.csv`` or ``NAME.xlsx``. LookupError when there is no such table."""
    name, _, kind = wanted.rpartition(".")
    if name not in tables or kind not in {"csv", "xlsx"}:
        raise LookupError(f"{wanted}: chọn một trong · choose one of {', '.join(f'{each}.csv, {each}.xlsx' for each in tables)}")
    table = tables[name]
    with hub.db.transaction() as connection:
        acts.record(connection, hub, who, "export", f"table/{name}", format=kind, rows=len(table.rows))
    body, media_type = (to_csv(table), "text/csv; charset=utf-8") if kind == "csv" else (to_xlsx(table, hub.clock()), XLSX)
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{wanted}"', "Cache-Control": "no-store"})


def to_csv(table: Table) -> bytes:
    """UTF-8 with the mark Excel looks for; text that would start a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(name) for name in table.columns])
    writer.writerows([harmless(plain(cell)) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def harmless(value: Any) -> Any:
    """Numbers stay numbers; text never starts a formula."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return "" if value is None else value
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return "'" + text if text.startswith(STARTS) else text


def to_xlsx(table: Table, at: datetime) -> bytes:
    """One sheet with a frozen heading and a filter; text is written as text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True}
    )
    book.set_properties({"title": table.title, "company": "UBND tỉnh Bắc Ninh", "created": at.replace(tzinfo=None)})
    sheet = book.add_worksheet(table.name[:31])
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"})
    day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet.write_row(0, 0, table.columns, head)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            put(sheet, (number, column), plain(cell), (day, moment))
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    for column, name in enumerate(table.columns):
        longest = max([len(str(name)), *(len(str(plain(row[column]) or "")) for row in table.rows[:200])])
        sheet.set_column(column, column, min(WIDEST, longest + 2))
    book.close()
    return out.getvalue()


def put(sheet: Any, at: tuple[int, int], value: Any, formats: tuple[Any, Any]) -> None:
    """Writes one cell by its kind."""
    if isinstance(value, datetime):
        sheet.write_datetime(*at, value.replace(tzinfo=None), formats[1])
    elif isinstance(value, date):
        sheet.write_datetime(*at, datetime(value.year, value.month, value.day), formats[0])  # noqa: DTZ001 a workbook's days have no zone
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(*at, value)
    elif value is not None:
        sheet.write_string(*at, str(value))
