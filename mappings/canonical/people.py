"""People, and what the state wrote down about them."""

from mappings.canonical.model import BASIC, DATE, INTEGER, LATEST, PARTIAL, SENSITIVE, TEXT, Entity, Field

PERSON = Entity(
    "person",
    "Công dân",
    "Person",
    key="personal_number",
    aliases=("personal_number", "old_id_number", "insurance_number"),
    trust=("hotich", "bhxh", "motcua"),
    domain="DOM-HUMAN",
    fields=(
        Field("personal_number", TEXT, "Số định danh cá nhân", "Personal identification number", BASIC, source="NĐ 137/2015 Đ13"),
        Field("old_id_number", TEXT, "Số CMND", "Old identity card number (9 digits)", BASIC),
        Field("insurance_number", TEXT, "Mã số BHXH", "Social insurance number", BASIC),
        Field("full_name", TEXT, "Họ và tên", "Full name", BASIC, required=True),
        Field("birth_date", PARTIAL, "Ngày sinh", "Date of birth", BASIC),
        Field("sex", TEXT, "Giới tính", "Sex: male or female", BASIC, codes="sex"),
        Field(
            "ethnicity", TEXT, "Dân tộc", "Ethnic group, code of QĐ 121-TCTK/PPCĐ", SENSITIVE, source="QĐ 121-TCTK/PPCĐ 1979", codes="ethnic_groups"
        ),
        Field("nationality", TEXT, "Quốc tịch", "Nationality, ISO 3166-1 alpha-2", BASIC),
        Field("commune_code", TEXT, "Mã xã/phường nơi cư trú", "Commune of residence", BASIC, LATEST, source="QĐ 19/2025/QĐ-TTg", codes="communes"),
        Field("address", TEXT, "Địa chỉ", "Address as given", BASIC, LATEST),
        Field("phone", TEXT, "Số điện thoại", "Telephone, E.164", BASIC, LATEST),
        Field("mother_name", TEXT, "Họ tên mẹ", "Mother's full name", BASIC),
        Field("mother_number", TEXT, "Số định danh của mẹ", "Mother's personal number", BASIC),
        Field("father_name", TEXT, "Họ tên cha", "Father's full name", BASIC),
        Field("father_number", TEXT, "Số định danh của cha", "Father's personal number", BASIC),
        Field("died_on", PARTIAL, "Ngày chết", "Date of death", BASIC, source="Luật Hộ tịch 60/2014/QH13 Đ32"),
    ),
)


CIVIL_EVENT = Entity(
    "civil_event",
    "Sự kiện hộ tịch",
    "Civil status event",
    key="code",
    aliases=("code",),
    trust=("hotich",),
    domain="DOM-HUMAN",
    fields=(
        Field("code", TEXT, "Mã đăng ký", "Registration code of the register", required=True, source="Luật Hộ tịch 60/2014/QH13"),
        Field("kind", TEXT, "Loại sự kiện", "birth, death, marriage or divorce", required=True, codes="civil_event_kind"),
        Field("book", TEXT, "Quyển số", "Register book"),
        Field("number", TEXT, "Số đăng ký", "Number in the book"),
        Field("registered_on", DATE, "Ngày đăng ký", "Registered on"),
        Field("registered_at", TEXT, "Nơi đăng ký", "Commune of registration, current code", source="QĐ 19/2025/QĐ-TTg", codes="communes"),
        Field("event_on", PARTIAL, "Ngày xảy ra", "Day of the event", BASIC),
        Field("place", TEXT, "Nơi xảy ra", "Place of the event", BASIC),
        Field("person_name", TEXT, "Họ và tên", "Born, dead or first spouse", BASIC, required=True),
        Field("person_number", TEXT, "Số định danh", "Personal number of that person", BASIC, source="NĐ 137/2015 Đ13"),
        Field("person_birth", PARTIAL, "Ngày sinh", "Date of birth of that person", BASIC),
        Field("person_sex", TEXT, "Giới tính", "Sex of that person", BASIC, codes="sex"),
        Field("other_name", TEXT, "Họ tên người kia", "Second spouse; for a birth the mother", BASIC),
        Field("other_number", TEXT, "Số định danh người kia", "Personal number of the second spouse or the mother", BASIC),
        Field("other_birth", PARTIAL, "Ngày sinh người kia", "Date of birth of the second spouse or the mother", BASIC),
        Field("cause", TEXT, "Nguyên nhân chết", "Cause of death", SENSITIVE),
        Field("decision", TEXT, "Bản án, quyết định", "Judgment that ended the marriage", BASIC),
        Field("ended_on", DATE, "Ngày chấm dứt hôn nhân", "Marriage ended on", BASIC),
    ),
)

INSURANCE_PARTICIPATION = Entity(
    "insurance_participation",
    "Quá trình tham gia BHXH",
    "Insurance participation",
    key="code",
    aliases=("code",),
    trust=("bhxh",),
    domain="DOM-HUMAN",
    fields=(
        Field("code", TEXT, "Mã quá trình", "Insurance number, unit and first day, joined by |", BASIC, required=True),
        Field("insurance_number", TEXT, "Mã số BHXH", "Social insurance number", BASIC, required=True, source="CV 1804/BHXH-QLT"),
        Field("personal_number", TEXT, "Số định danh cá nhân", "Personal number", BASIC, source="NĐ 137/2015 Đ13"),
        Field("full_name", TEXT, "Họ và tên", "Full name", BASIC, required=True),
        Field("unit_code", TEXT, "Mã đơn vị", "Unit that pays"),
        Field("unit_name", TEXT, "Tên đơn vị", "Name of the unit"),
        Field("begins_on", DATE, "Từ ngày", "First day"),
        Field("ends_on", DATE, "Đến ngày", "Last day; open when missing"),
    ),
)

SOCIAL_BENEFICIARY = Entity(
    "social_beneficiary",
    "Đối tượng bảo trợ xã hội",
    "Social beneficiary",
    key="file_number",
    aliases=("file_number",),
    trust=("btxh",),
    domain="DOM-HUMAN",
    fields=(
        Field("file_number", TEXT, "Số hồ sơ", "File number of the beneficiary", required=True, source="NĐ 20/2021/NĐ-CP"),
        Field("personal_number", TEXT, "Số định danh cá nhân", "Personal number", BASIC, source="NĐ 137/2015 Đ13"),
        Field("full_name", TEXT, "Họ và tên", "Full name", BASIC, required=True),
        Field("birth_date", PARTIAL, "Ngày sinh", "Date of birth", BASIC),
        Field("sex", TEXT, "Giới tính", "Sex: male or female", BASIC, codes="sex"),
        Field("commune_code", TEXT, "Mã xã/phường", "Commune, current code", BASIC, source="QĐ 19/2025/QĐ-TTg", codes="communes"),
        Field("address", TEXT, "Địa chỉ", "Address as given", BASIC),
        Field(
            "category",
            TEXT,
            "Diện trợ cấp",
            "Category of NĐ 20/2021",
            SENSITIVE,
            required=True,
            source="NĐ 20/2021/NĐ-CP Đ5",
            codes="social_category",
        ),
        Field("decision", TEXT, "Số quyết định", "Decision number", BASIC),
        Field("decided_on", DATE, "Ngày quyết định", "Decided on"),
        Field("begins_on", DATE, "Hưởng từ", "Paid from"),
        Field("ends_on", DATE, "Hưởng đến", "Paid until"),
        Field("monthly_amount", INTEGER, "Mức trợ cấp tháng (đồng)", "Monthly amount, VND", SENSITIVE),
    ),
)
