"""The converters of a dossier that look at more than one field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.motcua_dossiers import commune_filed, number_kind, owner_name, owner_number
from mappings.refusal import Refusal

CITIZEN, ENTERPRISE, AGENCY, ORGANISATION = "1", "2", "3", "4"


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("NGUYỄN VĂN MẪU", CITIZEN, "Nguyễn Văn Mẫu"),
        ("nguyễn văn mẫu", " 1 ", "Nguyễn Văn Mẫu"),
        ("H’LINH NIÊ", CITIZEN, "H'Linh Niê"),
        ("Trần Thị Mẫu.", CITIZEN, "Trần Thị Mẫu"),
        ("CÔNG TY TNHH MTV MẪU", ENTERPRISE, "CÔNG TY TNHH MTV MẪU"),
        ("UBND PHƯỜNG BẮC GIANG", AGENCY, "UBND PHƯỜNG BẮC GIANG"),
        ("HTX Mẫu", ORGANISATION, "HTX Mẫu"),
        ("NGUYỄN VĂN MẪU", None, "NGUYỄN VĂN MẪU"),
        ("NGUYỄN VĂN MẪU", "9", "NGUYỄN VĂN MẪU"),
        ("  Cty  CP   X ", ENTERPRISE, "Cty CP X"),
        ("", CITIZEN, None),
        (None, None, None),
    ],
)
def test_owner_is_written_as_its_kind_is_written(name: str | None, kind: str | None, kept: str | None):
    assert owner_name(name, kind) == kept


@pytest.mark.parametrize("kind", [CITIZEN, ENTERPRISE, AGENCY, ORGANISATION, None])
@pytest.mark.parametrize("name", ["Nguy?n An", "?inh", "Nguy\ufffdn", "Nguyá»…n", "HÃ¹ng", "Äáº·ng", "TH?", "C?ng ty", "LÃª", "V?n"])
def test_damaged_owner_is_refused_whatever_its_kind(name: str, kind: str | None):
    with pytest.raises(Refusal) as refused:
        owner_name(name, kind)
    assert name not in str(refused.value)


@pytest.mark.parametrize(
    ("applicant", "declared", "number", "kind"),
    [
        (CITIZEN, "1", "024094000125", "personal_number"),
        (CITIZEN, "2", "123456789", "old_id_number"),
        (CITIZEN, "3", "024094000125", "tax_code"),
        (ENTERPRISE, "3", "2400000128", "tax_code"),
        (ENTERPRISE, "1", "024094000125", "personal_number"),
        (CITIZEN, "", "024094000125", "personal_number"),
        (CITIZEN, None, "123456789", "old_id_number"),
        (CITIZEN, None, "123 456 789", "old_id_number"),
        (CITIZEN, "", "024 094 000125", "personal_number"),
        (ENTERPRISE, "", "2400000128", "tax_code"),
        (" 2 ", " ", "2400000128-001", "tax_code"),
        (CITIZEN, "", "24094000125", "personal_number"),
        (None, None, "123456789", "old_id_number"),
        (CITIZEN, "9", "", None),
        (CITIZEN, "1", "\u200b", None),
        (None, None, None, None),
    ],
)
def test_kind_of_a_number_is_the_declared_one_or_told_by_its_length(applicant, declared, number, kind):
    assert number_kind(applicant, declared, number) == kind


@pytest.mark.parametrize("declared", ["0", "4", "9", "01", "CCCD", "CMND", "personal_number", "-1", "1,2", "１"])
def test_undefined_kind_of_number_is_refused_once(declared: str):
    with pytest.raises(Refusal) as refused:
        number_kind(CITIZEN, declared, "024094000125")
    assert refused.value.code == "code_unknown"
    assert "024094000125" not in str(refused.value)
    assert owner_number(CITIZEN, declared, "024094000125") is None


@pytest.mark.parametrize(
    ("applicant", "declared", "number", "kept"),
    [
        (CITIZEN, "1", "024094000125", "024094000125"),
        (CITIZEN, "1", "024 094 000125", "024094000125"),
        (CITIZEN, "2", "123456789", "123456789"),
        (CITIZEN, "", "123 456 789", "123456789"),
        (CITIZEN, "", "024094000125", "024094000125"),
        (CITIZEN, "3", "024094000125", "024094000125"),
        (ENTERPRISE, "3", "2400000128", "2400000128"),
        (ENTERPRISE, "", "0314409058-002", "0314409058002"),
        (ENTERPRISE, "", "2400000128", "2400000128"),
        (ENTERPRISE, "1", "024094000125", "024094000125"),
        (CITIZEN, "1", "", None),
    ],
)
def test_owner_number_is_read_by_its_kind(applicant, declared, number, kept):
    assert owner_number(applicant, declared, number) == kept


@pytest.mark.parametrize(
    ("applicant", "declared", "number", "code"),
    [
        (CITIZEN, "1", "123456789", "personal_number_invalid"),
        (CITIZEN, "1", "24094000125", "personal_number_lost_zero"),
        (CITIZEN, "", "24094000125", "personal_number_lost_zero"),
        (CITIZEN, "2", "024094000125", "old_id_invalid"),
        (CITIZEN, "2", "12345678", "old_id_invalid"),
        (CITIZEN, "3", "2400000127", "tax_code_invalid"),
        (ENTERPRISE, "3", "123456789", "tax_code_invalid"),
        (ENTERPRISE, "", "2400000127", "tax_code_invalid"),
        (ENTERPRISE, "1", "2400000128", "personal_number_invalid"),
        (None, None, "không có", "personal_number_invalid"),
        (AGENCY, "", "H05.31", "personal_number_invalid"),
    ],
)
def test_owner_number_that_is_not_of_its_kind_is_refused_without_being_told(applicant, declared, number, code):
    with pytest.raises(Refusal) as refused:
        owner_number(applicant, declared, number)
    assert refused.value.code == code
    assert number not in str(refused.value)


digits = st.one_of(st.none(), st.text(max_size=14), st.from_regex(r"[0-9 -]{0,15}", fullmatch=True))


@given(st.sampled_from([None, "", "1", "2", "3", "4"]), st.sampled_from([None, "", "1", "2", "3", "9"]), digits)
def test_a_number_that_is_taken_has_a_kind(applicant, declared, number):
    try:
        taken = owner_number(applicant, declared, number)
    except Refusal:
        return
    if taken is not None:
        assert number_kind(applicant, declared, number) in {"personal_number", "old_id_number", "tax_code"}


@pytest.mark.parametrize(
    ("code", "filed", "changed", "current"),
    [
        ("07201", "20250630235959", "2026-01-01T00:00:00+07:00", "07210"),
        ("07210", "20250701000000", "2026-01-01T00:00:00+07:00", "07210"),
        ("07201", "", "2025-06-30T23:59:59+07:00", "07210"),
        ("07201", "hôm qua", "2025-06-30T23:59:59+07:00", "07210"),
        ("07201", None, "2025-06-30T16:59:59Z", "07210"),
        ("07693", "20241231000000", None, "07682"),
        ("07210", "", "", "07210"),
        (" 07210 ", None, None, "07210"),
        ("\ufeff07210", None, None, "07210"),
        ("07210", "x", "x", "07210"),
        ("", "20260101000000", None, None),
        (None, None, None, None),
    ],
)
def test_commune_of_a_dossier_is_of_the_list_of_its_filing(code, filed, changed, current):
    assert commune_filed(code, filed, changed) == current


@pytest.mark.parametrize(
    ("code", "filed", "changed"),
    [
        ("07201", "20250701000000", "2025-01-01T00:00:00+07:00"),
        ("07201", "", "2025-07-01T00:00:00+07:00"),
        ("07201", "", "2025-06-30T17:00:00Z"),
        ("07201", None, None),
        ("07201", "x", "x"),
        ("7210", "20260101000000", None),
        ("00001", "20260101000000", None),
        ("00001", "20200101000000", None),
        ("24", None, None),
        ("Phường Bắc Giang", None, None),
    ],
)
def test_commune_of_no_list_is_refused(code, filed, changed):
    with pytest.raises(Refusal) as refused:
        commune_filed(code, filed, changed)
    assert refused.value.code == "unit_unknown"
