"""A golden enterprise as the one-stop system takes it: an item of ``CapNhatDoanhNghiep``."""

from collections.abc import Mapping
from typing import Any

from mappings.codes import LEGAL_STATUSES
from mappings.dates import compact_partial
from mappings.identifiers import tax_code_display


def doanh_nghiep(enterprise: Mapping[str, Any], reference: str) -> dict[str, str]:
    """The item in the order of the schema; what is not known is left out. ``tinhTrang`` is the wording of NĐ 168/2025 Đ35."""
    item = {
        "maThamChieu": reference,
        "maSoThue": tax_code_display(enterprise["tax_code"]),
        "ten": enterprise["name"],
        "loaiHinh": enterprise.get("type"),
        "tinhTrang": LEGAL_STATUSES.get(enterprise.get("legal_status") or ""),
        "maXa": enterprise.get("commune_code"),
        "diaChi": enterprise.get("address"),
        "nguoiDaiDien": enterprise.get("representative_name"),
        "ngayThanhLap": compact_partial(enterprise.get("founded_on") or ""),
    }
    return {name: value for name, value in item.items() if value}
