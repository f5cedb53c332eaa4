"""Names of the agencies that own datasets (QĐ 20/2020/QĐ-TTg and its annexes)."""

AGENCIES = {
    "G01": "Bộ Công an",
    "G05": "Bộ Tài chính (đăng ký kinh doanh)",
    "G12": "Bộ Tài chính",
    "G15": "Bộ Tư pháp",
    "G22": "Văn phòng Chính phủ",
    "G24": "Bảo hiểm xã hội Việt Nam",
    "H05": "UBND tỉnh Bắc Ninh",
}
"""Code → name. A code not listed is shown as it is."""


def agency_name(code: str) -> str:
    """``Bộ Tư pháp (G15)`` for ``G15``; the code alone when no name is known."""
    name = AGENCIES.get(code)
    return f"{name} ({code})" if name else code
