"""Moments as Vietnamese systems write them: local time, without saying so."""

from datetime import datetime
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def stamp(moment: str) -> str:
    """``yyyyMMddHHmmss`` of an ISO moment, in Hanoi time."""
    return datetime.fromisoformat(moment).astimezone(HANOI).strftime("%Y%m%d%H%M%S")
