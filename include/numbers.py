"""Numbers as people read them."""

VIETNAMESE = str.maketrans(",.", ".,")


def spoken(value: float | None, language: str = "vi") -> str:
    """At most two decimals; in Vietnamese dots between thousands and a comma before decimals, in English the reverse; a dash for nothing."""
    if value is None:
        return "–"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text if language == "en" else text.translate(VIETNAMESE)
