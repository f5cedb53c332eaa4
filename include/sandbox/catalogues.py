"""The national portal's catalogues: procedures, agencies, administrative units with those of before."""

from collections.abc import Iterator
from typing import Any

from include.sandbox.dossiers import AGENCY_NAMES, commune_agency
from include.sandbox.places import NAMED_2026, places
from include.sandbox.tables import procedures
from include.sandbox.wire import Wire

_REFORM, _ACT_2025, _ACT_2026 = "20250701000000", "NQ 1658/NQ-UBTVQH15", "NQ 388/NQ-UBTVQH16"


def shown_procedure(procedure: dict[str, Any]) -> Wire:
    """A procedure in the portal's UPPERCASE keys."""
    papers = [{"MAGIAYTO": f"TP.{procedure['code'][2:]}.{i:02d}", "TENGIAYTO": name} for i, name in enumerate(procedure["components"], 1)]
    limit = {"THOIGIANGIAIQUYET": str(procedure["working_days"]), "DONVITINH": "Ngày làm việc", "PHILEPHI": str(procedure["fee"])}
    return {
        "MATTHC": procedure["code"],
        "TENTTHC": procedure["title"],
        "LINHVUCTHUCHIEN": [{"MALINHVUC": procedure["field_code"], "TENLINHVUC": procedure["field_name"]}],
        "CAPTHUCHIEN": "3" if procedure["agency"] == "commune" else "2",
        "MUCDO": "4" if int(procedure["code"][-1]) % 3 else "3",
        "CACHTHUCTHUCHIEN": [{"KENH": kind, "THOIGIAN": [limit]} for kind in ("1", "2", "3")],
        "THANHPHANHOSO": [{"GIAYTO": papers}],
        "KETQUATHUCHIEN": [{"MAKETQUA": f"KQ.{procedure['field_code'][:3]}.{procedure['code'][2:]}", "TENKETQUA": procedure["result"]}],
        "TRANGTHAI": "1",
        "NGAYCAPNHAT": "20260701000000",
    }


def procedure_rows() -> Iterator[Wire]:
    """Every procedure."""
    yield from (shown_procedure(one) for one in procedures())


def agency_rows() -> Iterator[Wire]:
    """The province, its offices, and the committees of the 99 communes."""
    yield _agency("H05", "Ủy ban nhân dân thành phố Bắc Ninh", "2", "", "")
    for code, name in AGENCY_NAMES.items():
        yield _agency(code, name, "2", "H05", "")
    for place in sorted({place.code: place for place in places()}.values(), key=lambda place: place.code):
        yield _agency(commune_agency(place), f"Ủy ban nhân dân {place.name}", "3", "H05", place.code)


def _agency(code: str, name: str, level: str, parent: str, commune: str) -> Wire:
    row: Wire = {"MADONVI": code, "TENDONVI": name, "CAPDONVI": level, "MADONVICHA": parent, "MAPHUONGXA": commune}
    row |= {"NGAYHIEULUC": "01/07/2025", "NGAYHETHIEULUC": "", "MADONVIKETHUA": ""}
    return row | {"VANBAN": "NQ 202/2025/QH15", "NGAYCAPNHAT": _REFORM}


def unit_rows() -> Iterator[Wire]:
    """The 313 communes of before 2025-07-01, the 99 since then, and the twelve that became phường on 2026-09-20."""
    for place in places():
        old = {"MAPHUONGXA": place.old_code, "TENPHUONGXA": place.old_name, "TENCAPTREN": place.district, "NGAYHIEULUC": "01/01/2008"}
        yield old | {"NGAYHETHIEULUC": "30/06/2025", "MAKETHUA": place.code, "VANBAN": _ACT_2025, "NGAYCAPNHAT": _REFORM}
    for place in sorted({place.code: place for place in places()}.values(), key=lambda place: place.code):
        renamed = place.name != place.name_2025
        new = {"MAPHUONGXA": place.code, "TENPHUONGXA": place.name_2025, "TENCAPTREN": "Tỉnh Bắc Ninh", "NGAYHIEULUC": "01/07/2025"}
        new |= {"NGAYHETHIEULUC": "19/09/2026" if renamed else "", "MAKETHUA": place.code if renamed else ""}
        yield new | {"VANBAN": _ACT_2025, "NGAYCAPNHAT": _REFORM}
        if renamed:
            now = {"MAPHUONGXA": place.code, "TENPHUONGXA": place.name, "TENCAPTREN": "Thành phố Bắc Ninh", "NGAYHETHIEULUC": "", "MAKETHUA": ""}
            yield now | {"NGAYHIEULUC": f"{NAMED_2026:%d/%m/%Y}", "VANBAN": _ACT_2026, "NGAYCAPNHAT": f"{NAMED_2026:%Y%m%d}000000"}
