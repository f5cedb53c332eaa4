"""Masks: answers (Python) and exports (SQL) show the same of every text, and never more than the mask promises."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.sharing.masks import MASKS, SQL, in_sql

pytestmark = pytest.mark.postgres
LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
CANONICAL = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: text == text.strip())
"""What a golden text may be: no control characters, no blanks around it."""
EXAMPLES = (
    "a",
    "ab",
    "abc",
    "024085000037",
    "+84912345678",
    "1990-03-02",
    "1990",
    "Nguyễn Văn A",
    "Đỗ  Thị   Ư",
    "H’Hen Niê",
    "𠮷野 x",
    "\\1 \\2",
    "[] {}",
)


@pytest.fixture(scope="module")
def connection(server: str) -> psycopg.Connection:
    with psycopg.connect(server.replace("/template_hub?", "/postgres?"), autocommit=True) as made:
        yield made


def both(connection: psycopg.Connection, mask: str, text: str) -> tuple[object, object]:
    query = f"SELECT {in_sql(mask, 't.x')} FROM (SELECT %s::text AS x) t"
    row = connection.execute(query, [text]).fetchone()  # type: ignore[arg-type]
    return MASKS[mask](text), row[0] if row else None


def test_both_have_the_same_masks() -> None:
    assert set(MASKS) == set(SQL)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("text", EXAMPLES)
def test_answers_and_exports_mask_alike(connection: psycopg.Connection, mask: str, text: str) -> None:
    python, sql = both(connection, mask, text)
    assert python == sql


@pytest.mark.parametrize("mask", MASKS)
def test_they_do_so_for_any_text(connection: psycopg.Connection, mask: str) -> None:
    @given(CANONICAL)
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    def alike(text: str) -> None:
        python, sql = both(connection, mask, text)
        assert python == sql

    alike()


@pytest.mark.parametrize(("mask", "count"), [("last3", 3), ("last4", 4)])
@given(text=CANONICAL)
@settings(database=None, derandomize=True)
def test_the_end_that_is_shown_is_short_and_never_more_than_half(mask: str, count: int, text: str) -> None:
    shown = MASKS[mask](text)
    assert len(shown) == len(text)
    kept = min(count, len(text) // 2)
    assert shown[: len(text) - kept] == "*" * (len(text) - kept)


def test_nothing_stays_nothing(connection: psycopg.Connection) -> None:
    for mask in MASKS:
        query = f"SELECT {in_sql(mask, 't.x')} FROM (SELECT NULL::text AS x) t"
        assert connection.execute(query).fetchone() == (None,)  # type: ignore[arg-type]
