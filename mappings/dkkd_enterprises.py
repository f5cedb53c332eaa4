"""Enterprises of the national business registry, through the provincial LGSP (``danhSachHoSo``)."""

from typing import Any

from mappings.apply import Each, Map, Mapping, Whole
from mappings.canonical import ENTERPRISE
from mappings.codes import activity_code, enterprise_kind, integer, legal_status
from mappings.contact import phone
from mappings.dates import vn_date, vn_moment
from mappings.identifiers import personal_number, tax_code
from mappings.memo import reading
from mappings.refusal import Refusal
from mappings.text import organisation_name, person_name, text
from mappings.units import current_commune, in_force, known


@reading(None, in_force(vn_date))
def commune_on(code: str | None, listed: str | None) -> str | None:
    """The head office's commune; the registry writes it by the list in force at its last amendment."""
    return current_commune(code, known(listed))


def parent_code(code: str | None) -> str | None:
    """The enterprise a branch belongs to: the first ten digits of its thirteen. None for what is no branch, or no code (its field tells)."""
    try:
        known = tax_code(code)
    except Refusal:
        return None
    return known[:10] if known and len(known) == 13 else None


def is_main(value: str | None) -> bool | None:
    """``Y`` or ``N``."""
    written = (value or "").strip().upper()
    if written not in {"", "Y", "N"}:
        raise Refusal("code_unknown", "{} không phải Y hoặc N", "{} is neither Y nor N", value=written)
    return written == "Y" if written else None


def main_activity(activities: list[Any]) -> str | None:
    """The code of the main activity; None when none is marked or several are (that is a rule's to tell)."""
    main = [one.get("CODE") for one in activities if isinstance(one, dict) and _marked(one.get("IS_MAIN"))]
    return activity_code(str(main[0])) if len(main) == 1 and type(main[0]) in {str, int} else None


def _marked(value: Any) -> bool:
    return isinstance(value, str) and value.strip().upper() == "Y"


ENTERPRISES = Mapping(
    id="enterprises",
    entity=ENTERPRISE,
    system="dkkd",
    dataset="danhSachHoSo",
    vi="Doanh nghiệp từ CSDL quốc gia về đăng ký doanh nghiệp",
    en="Enterprises of the national business registry",
    agency="G05",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; NĐ 168/2025/NĐ-CP Đ35",
    key=("MainInformation.ENTERPRISE_ID",),
    moment="MainInformation.LAST_AMEND_DATE",
    moment_form=vn_moment,
    fields=(
        Map("tax_code", "MainInformation.ENTERPRISE_GDT_CODE", tax_code, required=True),
        Map("name", "MainInformation.NAME", organisation_name, required=True),
        Map("short_name", "MainInformation.SHORT_NAME", organisation_name),
        Map("foreign_name", "MainInformation.NAME_F", text),
        Map("type", "MainInformation.ENTERPRISE_TYPE", text),
        Map("legal_status", "MainInformation.ENTERPRISE_STATUS", legal_status),
        Map("suspended_from", "MainInformation.SUSPEND_FROM", vn_date),
        Map("suspended_to", "MainInformation.SUSPEND_TO", vn_date),
        Map("founded_on", "MainInformation.FOUNDING_DATE", vn_date),
        Map("amended_on", "MainInformation.LAST_AMEND_DATE", vn_date),
        Map("amendments", "MainInformation.NUMBER_CHANGES", integer),
        Map("capital", "MainInformation.CAPITAL_AMOUNT", integer),
        Map("commune_code", ("HOAdress.WardID", "MainInformation.LAST_AMEND_DATE"), commune_on),
        Map("address", "HOAdress.Address", text),
        Map("phone", "MainInformation.PHONE", phone),
        Map("representative_name", "MainInformation.LEGAL_NAMES", person_name),
        Map("representative_number", "MainInformation.LEGAL_IDS", personal_number),
        Map("main_activity", "BusinessActivity", Whole(main_activity)),
        Map(
            "activities",
            "BusinessActivity",
            Each((Map("code", "CODE", activity_code, required=True), Map("name", "NAME", text), Map("main", "IS_MAIN", is_main))),
        ),
        Map("kind", "MainInformation.ENTERPRISE_TYPE", enterprise_kind),
        Map("parent_tax_code", "MainInformation.ENTERPRISE_GDT_CODE", parent_code),
    ),
    ignored=("HOAdress.CityID", "HOAdress.WardName"),
    sample={
        "MainInformation": {
            "ENTERPRISE_ID": "2400000128",
            "ENTERPRISE_GDT_CODE": "2400000128",
            "NAME": "CÔNG TY TNHH MTV MẪU THỬ",
            "SHORT_NAME": "MẪU THỬ",
            "NAME_F": "MAU THU COMPANY LIMITED",
            "ENTERPRISE_TYPE": "Công ty TNHH một thành viên",
            "FOUNDING_DATE": "12/03/2015",
            "LAST_AMEND_DATE": "04/11/2026",
            "NUMBER_CHANGES": 3,
            "ENTERPRISE_STATUS": "Đang hoạt động",
            "SUSPEND_FROM": "",
            "SUSPEND_TO": "",
            "LEGAL_NAMES": "NGUYỄN VĂN A",
            "LEGAL_IDS": "024085000123",
            "CAPITAL_AMOUNT": "5000000000",
            "PHONE": "02043000111",
        },
        "HOAdress": {"CityID": "24", "WardID": "07210", "WardName": "Phường Bắc Giang", "Address": "Số 12 đường Mẫu"},
        "BusinessActivity": [{"CODE": "4101", "NAME": "Xây dựng nhà để ở", "IS_MAIN": "Y"}],
    },
)
