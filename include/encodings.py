"""Text of files in the encoding their sender declares: ``utf-8`` (with or without byte order mark), ``utf-16``, ``cp1258``, ``tcvn3``.

Nothing is guessed, and a wrong declaration is found out where the bytes allow it: then the file is put aside, and no name is misread.
"""

import unicodedata
from collections.abc import Callable, Mapping

from mappings.legacy_text import tcvn3_letters


def utf_8(body: bytes) -> str:
    """UTF-8, composed. Raises ValueError on other bytes."""
    return unicodedata.normalize("NFC", body.decode("utf-8-sig"))


def utf_16(body: bytes) -> str:
    """UTF-16 with its byte order mark, as spreadsheets save "Unicode text"."""
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("no byte order mark")
    return unicodedata.normalize("NFC", body.decode("utf-16"))


def cp1258(body: bytes) -> str:
    """Windows-1258: letters with their tone marks behind them, composed here."""
    not_utf_8(body)
    return unicodedata.normalize("NFC", body.decode("cp1258"))


def tcvn3(body: bytes) -> str:
    """TCVN3 (ABC). Signs it does not have mean that it is something else."""
    not_utf_8(body)
    text = tcvn3_letters(body.decode("latin-1"))
    if any("\x7f" <= sign <= "\xbf" for sign in text):
        raise ValueError("signs that TCVN3 does not have")
    return text


def not_utf_8(body: bytes) -> None:
    """Raises ValueError on bytes that are UTF-8 beyond ASCII: text in an 8-bit encoding never is, by any likely chance."""
    try:
        plain = body.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return
    if not plain:
        raise ValueError("this is UTF-8")


READERS: Mapping[str, Callable[[bytes], str]] = {"utf-8": utf_8, "utf-16": utf_16, "cp1258": cp1258, "tcvn3": tcvn3}


def reader(name: str) -> Callable[[bytes], str]:
    """The reader of a declared encoding; LookupError lists those there are."""
    try:
        return READERS[name.strip().lower()]
    except KeyError:
        raise LookupError(f"no encoding {name!r}; there are {', '.join(READERS)}") from None
