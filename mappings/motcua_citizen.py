"""A golden person as the one-stop system takes it: an item of ``CapNhatCongDan``."""

from collections.abc import Mapping
from typing import Any

from mappings.dates import compact_partial
from mappings.portal_dossier import home_phone

_SEX = {"male": "1", "female": "2"}


def cong_dan(person: Mapping[str, Any], reference: str) -> dict[str, str]:
    """The item in the order of the schema; what is not known is left out. ``ngaySinh`` is yyyy, yyyyMM or yyyyMMdd: as much as is known."""
    item = {
        "maThamChieu": reference,
        "soDinhDanh": person.get("personal_number"),
        "hoTen": person["full_name"],
        "ngaySinh": compact_partial(person.get("birth_date") or ""),
        "gioiTinh": _SEX.get(person.get("sex") or ""),
        "danToc": person.get("ethnicity"),
        "maXa": person.get("commune_code"),
        "diaChi": person.get("address"),
        "dienThoai": home_phone(person.get("phone")),
    }
    return {name: value for name, value in item.items() if value}
