"""What every registration of the civil status register carries: book, number, day and place (Luật Hộ tịch 60/2014/QH13)."""

from mappings.apply import Map
from mappings.dates import vn_date
from mappings.memo import reading
from mappings.text import text
from mappings.units import UNREAD, current_commune, in_force


@reading(None, in_force(vn_date))
def registering_commune(code: str | None, listed: str | None) -> str | None:
    """The present commune of the one that registered, whose code is of the list in force on the day of registration."""
    return None if listed == UNREAD else current_commune(code, listed)


REGISTRATION = (
    Map("book", "quyenSo", text),
    Map("number", "soDangKy", text),
    Map("registered_on", "ngayDangKy", vn_date),
    Map("registered_at", ("noiDangKy", "ngayDangKy"), registering_commune),
)
