"""Asked of all at once, an expression answers as asked one by one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.canonical import ENTITIES
from mappings.patterns import matched, unmatched
from quality.rules import rules

OWN = sorted({rule.args["pattern"] for entity in ENTITIES for rule in rules(entity.name) if rule.check in {"regex", "not_regex"}})
ODD = (
    *(
        r"a",
        r"a{2}b|0{3}|1",
        r"a{0}",
        r"a{0}|b",
        r"\Aa\Z",
        r"\Aa|b\Z",
        r"\A(?:a|b)\Z",
        r"^a",
        r"a$",
        r"(a)\1",
        r"\Aa*\Z",
        r"[^a]",
        r"\s",
        r"(?<=a)b",
        r"\bab\b",
        r"\A[^a]+\Z",
        r"",
        r"\A\Z",
    ),
    *(r"\A.*\Z", r"[\^a]b", "a\\Z", r"\A[|]\Z", r"a|b", r"\Aa\|b\Z", r"a*", r"\W", r"\A\D\Z", r"\A(?:a|(?:b|0))1?\Z"),
)
LETTERS = st.text(alphabet="ab01?\u0301ễ９ +\n\r\x85\u2028", max_size=8)
LIKELY = st.sampled_from(
    ["", "024085000126", "+84912345678", "0000000000", "07210", "a", "aa", "ab", "b", "A1", "x?", "Nguy?n", "1.001193", "a|b", "|"]
)


@pytest.mark.parametrize("pattern", [*OWN, *ODD])
@given(values=st.sets(LETTERS | LIKELY, max_size=20))
def test_what_is_said_of_many_is_said_of_each(pattern: str, values: set[str]):
    search = re.compile(pattern).search
    assert sorted(unmatched(pattern, values)) == sorted(value for value in values if search(value) is None)
    assert sorted(matched(pattern, values)) == sorted(value for value in values if search(value) is not None)
