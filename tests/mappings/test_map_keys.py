import pytest
import vi_textmatch.tone as tone_oracle
import vn_collate
import vn_text
from hypothesis import given
from hypothesis import strategies as st

from mappings.keys import fold_key, name_key, sort_key

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
words = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà", "Hòa"),
        ("THUÝ", "Thúy"),
        ("Hiệp  Hoà", "hiệp hòa"),
        ("Phúc Hoà", "Phúc Hòa"),
        ("khoẻ", "khỏe"),
        ("H’Mông", "H'Mông"),
        ("Thuỷ", "Thủy"),
        ("Nguyễn\u00a0An", "Nguyễn An"),
        ("Ðặng", "Đặng"),
        ("hoè", "hòe"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hà", "Hạ"), ("Quý", "Qúy"), ("Toàn", "Tòan"), ("Đức", "Dức"), ("Lý", "Lí"), ("An", "Ân"), ("Hoàng", "Hòang"), ("Anh Thư", "AnhThư")],
)
def test_different_names_have_different_keys(one: str, other: str):
    assert name_key(one) != name_key(other)


@given(words)
def test_tones_are_placed_as_the_oracle_places_them(name: str):
    placer = next(
        value for key, value in vars(tone_oracle).items() if callable(value) and key.startswith(("normalize", "to_", "move", "place", "rewrite"))
    )
    assert name_key(name) == name_key(placer(name)) == placer(name.casefold())


@given(words)
def test_name_key_is_idempotent(name: str):
    assert name_key(name_key(name)) == name_key(name)


@given(words)
def test_fold_key_agrees_with_the_oracle(name: str):
    assert fold_key(name) == vn_text.fold(name)


single = st.text(LETTERS + "0123456789", min_size=1, max_size=8)


@given(single, single)
def test_sort_key_orders_as_the_oracle(one: str, other: str):
    ours = (sort_key(one) > sort_key(other)) - (sort_key(one) < sort_key(other))
    oracle = vn_collate.compare(one, other)
    assert ours == (oracle > 0) - (oracle < 0)


def test_a_shorter_word_comes_first_in_a_list_of_names():
    assert sorted(["Anh Thu", "An Thu", "Anh"], key=sort_key) == ["An Thu", "Anh", "Anh Thu"]


def test_alphabet_order_is_vietnamese():
    assert sorted(["Em", "Đinh", "Dũng", "Ân", "Ăn", "An", "Ưng", "Uyên"], key=sort_key) == ["An", "Ăn", "Ân", "Dũng", "Đinh", "Em", "Uyên", "Ưng"]


def test_tones_decide_after_letters():
    assert sorted(["ma", "mạ", "má", "mã", "mả", "mà", "mab"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ", "mab"]
