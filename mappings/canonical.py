"""The canonical entities. Tables, checks, documents and API schemas all derive from these lists of fields.

A value of a field, everywhere in the hub, is:

==============  ==========================================================================================
type            Python and JSON form
==============  ==========================================================================================
text            ``str``, NFC, no surrounding blanks
date            ``"YYYY-MM-DD"``
partial_date    ``"YYYY"``, ``"YYYY-MM"`` or ``"YYYY-MM-DD"``: as precise as the source was, never padded
moment          ``"YYYY-MM-DDTHH:MM:SS+07:00"``
integer         ``int`` (money: whole đồng)
flag            ``bool``
list            ``list`` of ``dict``, in the order the source gave
==============  ==========================================================================================

``None`` always means "the source did not say".
"""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """The seven types a canonical field can have."""

    TEXT = "text"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    MOMENT = "moment"
    INTEGER = "integer"
    FLAG = "flag"
    LIST = "list"


class Merge(StrEnum):
    """Which source's value survives in the golden record."""

    TRUST = "trust"
    """The most trusted source that has a value; a source may always correct its own."""
    LATEST = "latest"
    """The value with the latest source moment: addresses and telephone numbers move."""


class Privacy(StrEnum):
    """Personal-data class (Luật BVDLCN 91/2025/QH15, Điều 2)."""

    NONE = "none"
    BASIC = "basic"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a canonical entity."""

    name: str
    type: Type
    vi: str
    en: str
    privacy: Privacy = Privacy.NONE
    merge: Merge = Merge.TRUST
    required: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing the hub keeps one golden record of.

    ``key`` is the field that identifies it beyond any system; ``aliases`` are fields whose every value ever seen keeps pointing to it;
    ``trust`` ranks the systems, most trusted first.
    """

    name: str
    vi: str
    en: str
    key: str
    fields: tuple[Field, ...]
    aliases: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The field called ``name``; KeyError names the entity and the field."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in order."""
        return tuple(field.name for field in self.fields)


T, D, P, M, N, F, L = Type.TEXT, Type.DATE, Type.PARTIAL_DATE, Type.MOMENT, Type.INTEGER, Type.FLAG, Type.LIST
BASIC, SENSITIVE, LATEST = Privacy.BASIC, Privacy.SENSITIVE, Merge.LATEST

PERSON = Entity(
    "person",
    "Công dân",
    "Person",
    key="personal_number",
    aliases=("personal_number", "old_id_number", "insurance_number"),
    trust=("hotich", "bhxh", "motcua"),
    fields=(
        Field("personal_number", T, "Số định danh cá nhân", "Personal identification number", BASIC, source="NĐ 137/2015 Đ13"),
        Field("old_id_number", T, "Số CMND", "Old identity card number (9 digits)", BASIC),
        Field("insurance_number", T, "Mã số BHXH", "Social insurance number", BASIC),
        Field("full_name", T, "Họ và tên", "Full name", BASIC, required=True),
        Field("birth_date", P, "Ngày sinh", "Date of birth", BASIC),
        Field("sex", T, "Giới tính", "Sex: male or female", BASIC),
        Field("ethnicity", T, "Dân tộc", "Ethnic group, code of QĐ 121-TCTK/PPCĐ", SENSITIVE, source="QĐ 121-TCTK/PPCĐ 1979"),
        Field("nationality", T, "Quốc tịch", "Nationality, ISO 3166-1 alpha-2", BASIC),
        Field("commune_code", T, "Mã xã/phường nơi cư trú", "Commune of residence", BASIC, LATEST, source="QĐ 19/2025/QĐ-TTg"),
        Field("address", T, "Địa chỉ", "Address as given", BASIC, LATEST),
        Field("phone", T, "Số điện thoại", "Telephone, E.164", BASIC, LATEST),
        Field("mother_name", T, "Họ tên mẹ", "Mother's full name", BASIC),
        Field("mother_number", T, "Số định danh của mẹ", "Mother's personal number", BASIC),
        Field("father_name", T, "Họ tên cha", "Father's full name", BASIC),
        Field("father_number", T, "Số định danh của cha", "Father's personal number", BASIC),
    ),
)

ENTERPRISE = Entity(
    "enterprise",
    "Doanh nghiệp",
    "Enterprise",
    key="tax_code",
    aliases=("tax_code",),
    trust=("dkkd",),
    fields=(
        Field("tax_code", T, "Mã số doanh nghiệp", "Enterprise and tax code", required=True, source="TT 105/2020/TT-BTC Đ5; NĐ 168/2025"),
        Field("name", T, "Tên", "Name", required=True),
        Field("short_name", T, "Tên viết tắt", "Short name"),
        Field("foreign_name", T, "Tên nước ngoài", "Name in a foreign language"),
        Field("type", T, "Loại hình", "Legal form"),
        Field("legal_status", T, "Tình trạng pháp lý", "Legal status 1–7", source="NĐ 168/2025 Đ35"),
        Field("suspended_from", D, "Tạm ngừng từ", "Suspended from"),
        Field("suspended_to", D, "Tạm ngừng đến", "Suspended to"),
        Field("founded_on", D, "Ngày đăng ký lần đầu", "First registered"),
        Field("amended_on", D, "Ngày đăng ký thay đổi", "Last amended"),
        Field("amendments", N, "Số lần thay đổi", "Number of amendments"),
        Field("capital", N, "Vốn điều lệ (đồng)", "Charter capital, VND"),
        Field("commune_code", T, "Mã xã/phường trụ sở", "Commune of the head office, current code", merge=LATEST),
        Field("address", T, "Địa chỉ trụ sở", "Head office address", merge=LATEST),
        Field("phone", T, "Điện thoại", "Telephone, E.164", merge=LATEST),
        Field("representative_name", T, "Người đại diện pháp luật", "Legal representative", BASIC),
        Field("representative_number", T, "Số định danh người đại diện", "Representative's personal number", BASIC),
        Field("main_activity", T, "Ngành nghề chính", "Main activity, VSIC code", source="QĐ 27/2018/QĐ-TTg"),
        Field("activities", L, "Ngành nghề", "Activities: code, name, main"),
    ),
)

DOSSIER = Entity(
    "dossier",
    "Hồ sơ thủ tục hành chính",
    "Dossier",
    key="code",
    aliases=("code",),
    trust=("motcua",),
    fields=(
        Field("code", T, "Mã hồ sơ", "Dossier code, owned by the one-stop system", required=True, source="TT 03/2025/TT-VPCP"),
        Field("procedure_code", T, "Mã thủ tục", "Procedure code", required=True),
        Field("procedure_name", T, "Tên thủ tục", "Procedure name"),
        Field("sector_code", T, "Mã lĩnh vực", "Field code"),
        Field("sector_name", T, "Tên lĩnh vực", "Field name"),
        Field("channel", T, "Kênh nộp", "Channel: direct, online or post"),
        Field("applicant_kind", T, "Loại đối tượng", "Applicant: citizen, enterprise, agency or organisation"),
        Field("applicant_name", T, "Chủ hồ sơ", "Owner of the dossier", BASIC, required=True),
        Field("applicant_number", T, "Số định danh chủ hồ sơ", "Owner's personal number, old id number or tax code", BASIC),
        Field("applicant_number_kind", T, "Loại số định danh", "Kind: personal_number, old_id_number or tax_code"),
        Field("phone", T, "Số điện thoại", "Telephone, E.164", BASIC),
        Field("email", T, "Thư điện tử", "E-mail", BASIC),
        Field("summary", T, "Trích yếu", "Summary", BASIC),
        Field("commune_code", T, "Mã xã/phường", "Commune the matter lies in, current code"),
        Field("place", T, "Nơi nộp", "Filed at: national portal or local"),
        Field("receiving_agency", T, "Đơn vị tiếp nhận", "Receiving agency, canonical code", source="QĐ 20/2020/QĐ-TTg"),
        Field("handling_agency", T, "Đơn vị xử lý", "Handling agency, canonical code", source="QĐ 20/2020/QĐ-TTg"),
        Field("submitted_at", M, "Ngày nộp", "Submitted"),
        Field("received_at", M, "Ngày tiếp nhận", "Received"),
        Field("due_at", M, "Ngày hẹn trả", "Due"),
        Field("finished_at", M, "Ngày kết thúc xử lý", "Handling finished"),
        Field("returned_at", M, "Ngày trả", "Result returned"),
        Field("refused_at", M, "Ngày từ chối", "Refused"),
        Field("status", T, "Trạng thái", "Status 1–10 of the national portal", required=True, source="QCVN 120:2019"),
        Field("eid_verified", F, "Tài khoản xác thực VNeID", "Filed with a verified electronic identity"),
        Field("online_payment", T, "Thanh toán trực tuyến", "Payment: none, national, local or direct"),
        Field("components", L, "Thành phần hồ sơ", "Components handed in"),
        Field("steps", L, "Quá trình xử lý", "Handling steps"),
        Field("fees", L, "Lệ phí", "Fees"),
        Field("supplements", L, "Bổ sung", "Requests for supplement"),
        Field("results", L, "Giấy tờ kết quả", "Result papers"),
        Field("linked_databases", L, "CSDL đã kết nối", "Databases consulted: code"),
    ),
)

ENTITIES = (PERSON, ENTERPRISE, DOSSIER)
