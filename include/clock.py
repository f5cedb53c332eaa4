"""The time in Việt Nam."""

from datetime import datetime
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The time in Việt Nam, to the second."""
    return datetime.now(HANOI).replace(microsecond=0)
