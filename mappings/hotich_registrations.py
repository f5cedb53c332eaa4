"""What every registration of the civil status register carries: book, number, day and place (Luật Hộ tịch 60/2014/QH13)."""

from mappings.apply import Map
from mappings.dates import vn_date
from mappings.refusal import Refusal
from mappings.text import text
from mappings.units import current_commune


def registering_commune(code: str | None, registered: str | None) -> str | None:
    """The present commune of the one that registered, whose code is of the list in force on the day of registration."""
    try:
        return current_commune(code, vn_date(registered))
    except Refusal as refusal:
        if refusal.code == "date_invalid":
            return None  # the day's own field tells
        raise


REGISTRATION = (
    Map("book", "quyenSo", text),
    Map("number", "soDangKy", text),
    Map("registered_on", "ngayDangKy", vn_date),
    Map("registered_at", ("noiDangKy", "ngayDangKy"), registering_commune),
)
