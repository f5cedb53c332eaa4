import itertools
import unicodedata

import pytest
import viparse
import vn_text
from hypothesis import given
from hypothesis import strategies as st

from mappings.refusal import Refusal
from mappings.text import clean, given_name, organisation_name, person_name, text
from tests.mappings.said import said

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
syllables = st.text(VIETNAMESE, min_size=1, max_size=6)
names = st.lists(syllables, min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        ("  Nguyễn   Văn An ", "Nguyễn Văn An"),
        ("Nguyễn\u00a0Văn\u00a0An", "Nguyễn Văn An"),
        ("\ufeffNguyễn Văn An\u200b", "Nguyễn Văn An"),
        ("Nguyễn\r\nVăn\tAn", "Nguyễn Văn An"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), "Nguyễn Thị Hoà"),
        ("Nguye\u0323\u0302n", "Nguyện"),
        ("Nguye\u0302\u0323n", "Nguyện"),
        ("Ðặng Đức", "Đặng Đức"),
        ("ðường ƉINH", "đường ĐINH"),
        ("Guðmundur Þórsson", "Guðmundur Þórsson"),
        ("Số 1, tổ 2", "Số 1, tổ 2"),
        ("Hiệp Hoà", "Hiệp Hoà"),
        ("Hiệp Hòa", "Hiệp Hòa"),
        ("a\x00b\x1fc", "abc"),
    ],
)
def test_text_is_kept_without_dirt(written: str, kept: str):
    assert text(written) == kept


@pytest.mark.parametrize("blank", [None, "", " ", "\u00a0", "\u200b", "\ufeff\t\r\n", "\u200b \u00a0"])
def test_blank_text_says_nothing(blank: str | None):
    assert text(blank) is None
    assert person_name(blank) is None
    assert organisation_name(blank) is None


@given(st.text())
def test_clean_is_idempotent(value: str):
    once = clean(value)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("NGUYỄN VĂN AN", "Nguyễn Văn An"),
        ("nguyễn văn an", "Nguyễn Văn An"),
        ("Nguyễn văn An", "Nguyễn văn An"),
        ("GIÀNG THỊ H'MÔNG", "Giàng Thị H'Mông"),
        ("h’linh niê", "H'Linh Niê"),
        ("NGUYỄN THỊ ANH-THƯ", "Nguyễn Thị Anh-Thư"),
        ("A", "A"),
        ("Ê THỊ Á", "Ê Thị Á"),
        ("THÀNH", "Thành"),
        ("TRẦN VĂN ĐỨC.", "Trần Văn Đức"),
        ("ÐẶNG THỊ HUỆ", "Đặng Thị Huệ"),
        ("JOHN SMITH III", "John Smith III"),
        ("LÊ THỊ VI", "Lê Thị Vi"),
        ("NGUYỄN THỊ HOÀ", "Nguyễn Thị Hoà"),
        ("NGUYỄN THỊ HÒA", "Nguyễn Thị Hòa"),
        ("XÃ NGÃ ÃN", "Xã Ngã Ãn"),
        ("Nguye\u0303\u0302n An", "Nguye\u0303\u0302n An".replace("e\u0303", "ẽ")),
    ],
)
def test_person_name_is_shown_in_title_case_with_its_own_tones(written: str, kept: str):
    assert person_name(written) == kept


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Nguy?n V?n An", "name_lost_letters"),
        ("NGUY?N", "name_lost_letters"),
        ("?inh Th? Hà", "name_lost_letters"),
        ("H?", "name_lost_letters"),
        ("Nguy\ufffdn", "name_lost_letters"),
        ("Nguyá»…n VÄƒn An", "name_mojibake"),
        ("Äáº·ng", "name_mojibake"),
        ("Tráº§n Thá»\u2039", "name_mojibake"),
        ("HÆ°Æ¡ng", "name_mojibake"),
        ("LÃª", "name_mojibake"),
        ("HÃ¹ng", "name_mojibake"),
        ("BÃ¬nh", "name_mojibake"),
    ],
)
def test_damaged_name_is_refused(written: str, code: str):
    for convert in (person_name, organisation_name):
        with pytest.raises(Refusal) as refused:
            convert(written)
        assert refused.value.code == code
        assert written not in str(refused.value)


@given(names)
def test_no_vietnamese_name_is_taken_for_damaged(name: str):
    for written in (name, name.upper(), name.title()):
        assert person_name(written)


@given(names)
def test_person_name_is_idempotent(name: str):
    once = person_name(name)
    assert person_name(once) == once


@given(names)
def test_capitals_and_small_letters_give_one_display_name(name: str):
    assert person_name(name.upper()) == person_name(name.lower())


@pytest.mark.parametrize("letter", sorted(set(VIETNAMESE) - set("abcdeghiklmnopqrstuvxy")))
def test_every_accented_letter_read_with_the_wrong_character_set_is_noticed(letter: str):
    for one in (letter, letter.upper()):
        garbled = "".join(bytes([byte]).decode("cp1252", errors="replace").replace("\ufffd", chr(byte)) for byte in one.encode())
        if "\u00a0" not in garbled:
            with pytest.raises(Refusal, match="character set"):
                person_name(f"Th{garbled}ng")


@pytest.mark.parametrize(
    "name",
    [
        "CÔNG TY TNHH MTV XNK ABC",
        "Cty CP Việt-Hàn",
        "HTX Nông nghiệp  số 1",
        "UBND phường Bắc Giang",
        "DNTN 'Hoà Bình'",
        "CÔNG TY CỔ PHẦN A&B (VIỆT NAM)",
        "SAMSUNG ELECTRONICS VIỆT NAM TNHH",
        "Hộ kinh doanh Nguyễn Văn Mẫu.",
        "công ty mẫu",
        "3M",
    ],
)
def test_organisation_keeps_its_case(name: str):
    assert organisation_name(name) == " ".join(name.split())


def test_given_name_is_the_last_syllable():
    assert [given_name(name) for name in ("Nguyễn Văn An", "Thành")] == ["An", "Thành"]


def test_every_two_capital_vietnamese_letters_are_no_mojibake():
    for a, b in itertools.product(VIETNAMESE.upper(), repeat=2):
        assert person_name(a + b)


@given(names)
def test_clean_gives_the_normal_form_of_the_oracle(name: str):
    decomposed = unicodedata.normalize("NFD", name)
    assert clean(decomposed) == viparse.fix(decomposed, encoding="unicode") == name


@given(names)
def test_eth_is_read_as_the_oracle_reads_it(name: str):
    damaged = name.replace("đ", "ð").replace("Đ", "Ð")
    assert clean(damaged) == vn_text.repair_mojibake(damaged)


@given(st.text())
def test_a_name_is_refused_or_stays_itself(value: str):
    for convert in (person_name, organisation_name):
        once, refusal = said(convert, value)
        assert refusal is None or refusal.code in {"name_lost_letters", "name_mojibake"}
        assert once is None or once.strip()
        assert convert is person_name or organisation_name(once) == once


def test_wrong_character_set_shows_through_invisible_signs():
    for damaged in ("LÃ\u200b\u00aa", "H\ufeffÃ\x1f\u00b9ng"):
        assert said(person_name, damaged)[1].code == "name_mojibake"
