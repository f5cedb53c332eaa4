import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.vn import mst

from mappings.identifiers import (
    agency_code,
    dossier_code,
    insurance_number,
    old_id_number,
    personal_number,
    procedure_code,
    tax_check_digit,
    tax_code,
    tax_code_display,
)
from mappings.refusal import Refusal
from tests.mappings.said import said

FULL_WIDTH = "０２４０８５０００００１"


def refused(convert, value: str) -> Refusal:
    with pytest.raises(Refusal) as found:
        convert(value)
    return found.value


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("024085000001", "024085000001"),
        (" 024085000001 ", "024085000001"),
        ("024 085 000001", "024085000001"),
        ("024\u00a0085000001", "024085000001"),
        ("\ufeff024085000001", "024085000001"),
        ("027185000001", "027185000001"),
        ("024326000123", "024326000123"),
        ("101085000001", "101085000001"),
        ("999999999999", "999999999999"),
        ("001200000000", "001200000000"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_personal_number_is_twelve_digits(written: str | None, number: str | None):
    assert personal_number(written) == number


@pytest.mark.parametrize(
    "value",
    [
        "24085",
        "0240850000011",
        "02408500000",
        "02408500000A",
        "024-085-000001",
        FULL_WIDTH,
        "024085000001.0",
        "2.4085E+10",
        "chưa có",
        "02408500000O",
        "+24085000001",
    ],
)
def test_malformed_personal_number_is_refused_without_being_told(value: str):
    refusal = refused(personal_number, value)
    assert refusal.code == "personal_number_invalid"
    assert value not in str(refusal)
    assert refusal.proposal is None


def test_personal_number_that_lost_its_zero_is_proposed_never_repaired():
    refusal = refused(personal_number, "24085000001")
    assert (refusal.code, refusal.proposal) == ("personal_number_lost_zero", "024085000001")
    assert refusal.why.endswith("11 digits, 12 expected: a leading zero may be lost")


@pytest.mark.parametrize(
    "value",
    ["123456789", " 123456789", "123 456 789", "012345678", "000000001", "120000126", "987654321", "111111111", "123\u00a0456789", "024000001"],
)
def test_old_id_number_is_nine_digits(value: str):
    assert old_id_number(value) == "".join(value.split())


@pytest.mark.parametrize(
    "value", ["12345678", "1234567890", "12345678A", "024085000001", "12-345678", "x", "1.23E+8", "１２３４５６７８９", "?", "12345678.", "1"]
)
def test_malformed_old_id_number_is_refused(value: str):
    assert refused(old_id_number, value).code == "old_id_invalid"


@pytest.mark.parametrize(
    "value",
    [
        "2400000126",
        "024085000001",
        " 2400000126 ",
        "24 0000 0126",
        "0000000001",
        "7912345678",
        "2700000001",
        "0123456789",
        "027185000001",
        "2499999999",
    ],
)
def test_insurance_number_has_ten_digits_or_the_personal_twelve(value: str):
    assert insurance_number(value) == "".join(value.split())


@pytest.mark.parametrize(
    "value",
    [
        "240000012",
        "24000001266",
        "2400000126X",
        "24-0000126",
        "024085000001X",
        "DN4240000012",
        "1",
        "x",
        "２４００００００１１",
        "0240850000011",
        "24.00000126",
    ],
)
def test_malformed_insurance_number_is_refused(value: str):
    assert refused(insurance_number, value).code == "insurance_number_invalid"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0100233488", "0100233488"),
        ("0314409058-002", "0314409058002"),
        ("0314409058002", "0314409058002"),
        ("2300123454", "2300123454"),
        ("2400000128", "2400000128"),
        ("2300000050", "2300000050"),
        (" 2400000128 ", "2400000128"),
        ("2400000128-999", "2400000128999"),
        ("024085000001", "024085000001"),
        ("240 000 0128", "2400000128"),
        ("", None),
    ],
)
def test_tax_code_has_ten_thirteen_or_twelve_digits(written: str, code: str | None):
    assert tax_code(written) == code


@pytest.mark.parametrize(
    "value",
    [
        "2400000127",
        "2300000090",
        "0314409058-000",
        "0314409058000",
        "240000012",
        "24000001280",
        "2400000128-1",
        "2400000128--001",
        "24000001AB",
        "2400000129-001",
        "x",
    ],
)
def test_wrong_tax_code_is_refused(value: str):
    assert refused(tax_code, value).code == "tax_code_invalid"


@pytest.mark.parametrize("value", ["0314409058-00", "24000-00128", "2400000128-", "-2400000128", "2400000128--001", "240000012-8"])
def test_misplaced_dash_of_a_tax_code_is_what_the_sentence_is_about(value: str):
    assert "· a branch has 10 digits, one dash and 3 digits" in str(refused(tax_code, value))


@given(st.text("0123456789-", min_size=1, max_size=16))
def test_sentence_about_a_tax_code_never_expects_what_was_given(value: str):
    _, refusal = said(tax_code, value)
    assert not str(refusal).rpartition(" · ")[2].startswith(("10 digits,", "12 digits,", "13 digits,"))


def test_tax_code_that_lost_its_zero_is_proposed():
    assert refused(tax_code, "100233488").proposal == "0100233488"


@given(st.integers(0, 999_999_999).map("{:09d}".format))
def test_tax_check_digit_agrees_with_the_oracle(base: str):
    ours = tax_check_digit(base)
    valid = [digit for digit in "0123456789" if mst.is_valid(base + digit)]
    assert valid == ([ours] if ours and base[2:9] != "0000000" else [])


@given(st.integers(0, 999_999_999).map("{:09d}".format), st.integers(1, 999).map("{:03d}".format))
def test_tax_code_survives_printing(base: str, branch: str):
    digit = tax_check_digit(base)
    if digit and base[2:9] != "0000000":
        for code in (base + digit, base + digit + branch):
            assert tax_code(tax_code_display(code)) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("000.00.16.H05", "H05.16"),
        ("H05.16", "H05.16"),
        ("000.07.31.H05", "H05.31.07"),
        ("H05.31.07", "H05.31.07"),
        ("000.00.00.H05", "H05"),
        ("H05", "H05"),
        ("000.A0.01.H26", "H26.01.A0"),
        ("H21.217", "H21.217"),
        ("H05.16.00.000", "H05.16"),
        ("000.00.01.K05", "K05.01"),
        ("012.03.04.G22", "G22.04.03.012"),
        (" h05.16 ", "H05.16"),
        ("012.00.04.G22", "G22.04.00.012"),
    ],
)
def test_agency_code_is_written_in_the_new_order(written: str, code: str):
    assert agency_code(written) == code
    assert agency_code(code) == code


@pytest.mark.parametrize(
    "value", ["H5.16", "16.H05", "000.16.H05", "0000.00.16.H05", "H05-16", "H05.", "H05.1", "05H", "H05.16.17.18.19", "Sở Tư pháp", "000.00.16.HH5"]
)
def test_malformed_agency_code_is_refused(value: str):
    assert refused(agency_code, value).code == "agency_code_invalid"


@pytest.mark.parametrize(
    "value",
    [
        "000.00.16.H05-230615-0012",
        "H05.16-250701-0012",
        "H05-250701-00012",
        "H05.31.07-260229-0001".replace("260229", "260228"),
        "H21.217-251231-123456",
        "000.A0.01.H26-240229-0001",
        "K05.01-260101-0001",
        "H05.16-261123-9999",
        "G22-250101-0000",
        "H05.16.01.001-250701-0012",
    ],
)
def test_dossier_code_is_kept_as_its_owner_wrote_it(value: str):
    assert dossier_code(f" {value} ") == value


@pytest.mark.parametrize(
    "value",
    [
        "H05.16-250231-0012",
        "H05.16-251301-0012",
        "H05.16-250700-0012",
        "H05.16-250701-012",
        "H05.16-250701-1234567",
        "H05.16-2507-0012",
        "H05.16/250701/0012",
        "250701-0012",
        "H05.16-250701",
        "H05.16-250229-0001",
        "x",
    ],
)
def test_wrong_dossier_code_is_refused(value: str):
    assert refused(dossier_code, value).code == "dossier_code_invalid"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1.001193", "1.001193"),
        ("2.000815", "2.000815"),
        ("3.000181.000.00.00.H22", "3.000181"),
        ("1.001193.000.00.00.H05", "1.001193"),
        (" 1.001193", "1.001193"),
        ("1.001193 ", "1.001193"),
        ("9.999999", "9.999999"),
        ("0.000001", "0.000001"),
        ("1.001193.000.00.16.H05", "1.001193"),
        ("1.001193.000.00.00.h05", "1.001193"),
    ],
)
def test_procedure_code_is_the_national_one(written: str, code: str):
    assert procedure_code(written) == code


@pytest.mark.parametrize(
    "value", ["1001193", "1.00119", "1.0011933", "1,001193", "A.001193", "1.001193.H05", "1.001193.", ".001193", "1-001193", "x", "1.00119A"]
)
def test_wrong_procedure_code_is_refused(value: str):
    assert refused(procedure_code, value).code == "procedure_code_invalid"


CONVERTERS = [personal_number, old_id_number, insurance_number, tax_code, agency_code, dossier_code, procedure_code]


@pytest.mark.parametrize("convert", CONVERTERS, ids=lambda convert: convert.__name__)
@given(value=st.one_of(st.text(), st.from_regex(r"[0-9A-Z. -]{0,16}", fullmatch=True)))
def test_an_identifier_is_refused_or_stays_itself(convert, value: str):
    try:
        once = convert(value)
    except Refusal:
        return
    assert once is None or convert(once) == once
