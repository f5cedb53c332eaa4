"""How values break on their way between offices."""

from include.sandbox.numbers import tax_check_digit

_TELLTALES = ("á»", "áº", "Ä‘", "Æ°")


def lost_letters(name: str) -> str | None:
    """``Nguyễn`` as ``Nguy?n``: a letter that the character set did not have, between two that it had."""
    for i in range(1, len(name) - 1):
        if ord(name[i]) > 127 and name[i - 1].isalpha() and name[i + 1].isalpha():
            return f"{name[:i]}?{name[i + 1 :]}"
    return None


def mojibake(name: str) -> str | None:
    """UTF-8 read as Windows-1252: ``Nguyá»…n``. None where that character set has holes, or nothing tell-tale comes out."""
    try:
        broken = name.encode().decode("cp1252")
    except UnicodeDecodeError:
        return None
    return broken if any(sign in broken for sign in _TELLTALES) else None


def lost_zero(number: str) -> str | None:
    """``024…`` as ``24…``, after a trip through a spreadsheet."""
    return number[1:] if number[0] == "0" and number[1] != "0" else None


def shifted_digits(number: str) -> str:
    """No 12 digits any more: a letter, one digit too many, or two too few."""
    return (number[:11] + "O", number + "7", number[:10])[int(number[-1]) % 3]


def other_sex(number: str) -> str:
    """The fourth digit says the other sex of the same century."""
    return f"{number[:3]}{int(number[3]) ^ 1}{number[4:]}"


def other_year(number: str) -> str:
    """The year's digits are those of another year of the century."""
    return f"{number[:4]}{(int(number[4:6]) + 37) % 100:02d}{number[6:]}"


def other_check_digit(code: str) -> str:
    """A tax code whose tenth digit is wrong."""
    good = tax_check_digit(code[:9])
    return f"{code[:9]}{(int(good or 0) + 3) % 10}{code[10:]}"


def month_thirteen(code: str) -> str:
    """A dossier code whose day is none."""
    agency, day, number = code.split("-")
    return f"{agency}-{day[:2]}13{day[4:]}-{number}"
