import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.contact import email, phone
from mappings.refusal import Refusal
from tests.mappings.said import said


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912000126", "+84912000126"),
        ("+84912000126", "+84912000126"),
        ("84912000126", "+84912000126"),
        ("0084912000126", "+84912000126"),
        ("0912.000.126", "+84912000126"),
        ("0912 000 126", "+84912000126"),
        ("(0222) 3822-000", "+842223822000"),
        ("02043000111", "+842043000111"),
        ("0204300011", "+84204300011"),
        ("+84 (0)912 000 126", "+84912000126"),
        ("0552000126", "+84552000126"),
        ("", None),
        (" ", None),
    ],
)
def test_phone_is_written_in_e164(written: str, number: str | None):
    assert phone(written) == number


@pytest.mark.parametrize(
    "value",
    [
        "912000126",
        "0912",
        "091200012",
        "09120001267",
        "0112000126",
        "19001234",
        "+1 202 555 0123",
        "0912000126/0913000126",
        "không có",
        "０９１２０００１２６",
        "0612000126",
        "00912000126",
        "00376312345",
    ],
)
def test_wrong_phone_is_refused_without_being_told(value: str):
    with pytest.raises(Refusal) as refused:
        phone(value)
    assert refused.value.code == "phone_invalid"
    assert value not in str(refused.value)


@given(st.from_regex(r"0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}", fullmatch=True))
def test_phone_is_idempotent(value: str):
    assert phone(phone(value)) == phone(value) == "+84" + value[1:]


@pytest.mark.parametrize(
    "value",
    [
        "a@b.vn",
        "mau@example.com",
        "van.a+1@bacninh.gov.vn",
        "A_B@x-y.org",
        "x@mail.example.co.uk",
        "1@2.vn",
        "o'neil@example.com",
        "a.b@c.d.e",
        "mau@EXAMPLE.com",
        "x{1}@y.vn",
    ],
)
def test_email_is_kept(value: str):
    assert email(f" {value} ") == value


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "a@b",
        "@b.vn",
        "a@",
        "a b@c.vn",
        "a b@c.vn@d",
        "a@b .vn",
        "a@b.vn c@d.vn",
        "a\u00a0b@c.vn",
        "a@b.vn;c@d.vn",
        "a@b..vn",
        "a@-b.vn",
        "a@b.vn,",
        "không",
        "a@@b.vn",
    ],
)
def test_wrong_email_is_refused(value: str):
    with pytest.raises(Refusal) as refused:
        email(value)
    assert refused.value.code == "email_invalid"


@pytest.mark.parametrize("around", [" ", "\u00a0", "\ufeff", "\u200b", "\t", "\r\n"])
def test_email_loses_the_blanks_around_it_only(around: str):
    assert email(f"{around}mau@example.com{around}") == "mau@example.com"


@pytest.mark.parametrize("blank", [None, "", " ", "\u00a0", "\u200b"])
def test_no_address_and_no_number_say_nothing(blank: str | None):
    assert email(blank) is None
    assert phone(blank) is None


@pytest.mark.parametrize("convert", [email, phone], ids=["email", "phone"])
@given(value=st.one_of(st.text(), st.from_regex(r"[0-9a-z.@+() -]{0,20}", fullmatch=True)))
def test_a_contact_is_refused_untold_or_stays_itself(convert, value: str):
    once, refusal = said(convert, value)
    assert refusal is None or refusal.value is None
    assert convert(once) == once
