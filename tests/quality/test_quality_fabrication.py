"""Each trick is found where it is played, and honest data stays quiet."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from mappings.canonical import DOSSIER, PERSON
from mappings.dvcqg_dossiers import PORTAL_DOSSIERS
from mappings.motcua_dossiers import DOSSIERS
from quality.fabrication import search
from quality.profile import merged, profile

AGENCIES = ("H05.02", "H05.05", "H05.10")
Rows = list[dict[str, Any]]


def moment(random: Random, day: int) -> str:
    return f"2026-11-{day:02d}T{random.randrange(7, 17):02d}:{random.randrange(60):02d}:{random.randrange(60):02d}+07:00"


def honest(size: int = 600, seed: int = 1) -> Rows:
    """Dossiers as three honest agencies would enter them."""
    random = Random(seed)
    return [
        {
            "code": f"H05.02-261101-{number:05d}",
            "handling_agency": AGENCIES[number % 3],
            "channel": random.choice(["direct", "online", "post"]),
            "applicant_name": f"Nguyễn Văn {number % 97} {number % 13}",
            "applicant_number": f"0270{random.randrange(10**8):08d}",
            "phone": f"+8491{random.randrange(10**7):07d}",
            "submitted_at": moment(random, 1 + number % 20),
            "received_at": moment(random, 1 + number % 20),
            "finished_at": moment(random, 21 + number % 5),
            "components": [{"file_id": f"in{number}"}],
            "results": [{"document_id": f"out{number}", "path": f"/r/{number}"}],
            "linked_databases": [{"code": random.choice("1234567")}],
        }
        for number in range(size)
    ]


def findings(rows: Rows, batches: int = 2, alike: frozenset[str] = frozenset()) -> set[tuple[str, str, str]]:
    """(code, field, agency) of what is found when the rows come in several batches."""
    size = -(-len(rows) // batches)
    profiles = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        columns = {name: [row.get(name) for row in part] for name in DOSSIER.names}
        profiles.append(profile(DOSSIER, columns, range(len(part)), "H05"))
    return {(finding.code, finding.field, finding.agency) for finding in search(DOSSIER, merged(profiles), alike)}


Trick = Callable[[dict[str, Any]], dict[str, Any]]
TRICKS: dict[tuple[str, str], tuple[float, Trick]] = {
    ("constant_value", "phone"): (0.2, lambda row: {"phone": "+84912345678"}),
    ("constant_value", "applicant_name"): (0.3, lambda row: {"applicant_name": "Nguyễn Văn A"}),
    ("constant_value", "linked_databases"): (1, lambda row: {"linked_databases": [{"code": "7"}]}),
    ("constant_value", "channel"): (1, lambda row: {"channel": "online"}),
    ("zero_processing", "finished_at"): (0.15, lambda row: {"finished_at": row["received_at"]}),
    ("round_times", "received_at"): (1, lambda row: {"received_at": row["received_at"][:17] + "00+07:00"}),
    ("round_times", "submitted_at"): (0.4, lambda row: {"submitted_at": row["submitted_at"][:11] + "08:00:00+07:00"}),
    ("result_is_input", "results"): (0.1, lambda row: {"results": [{"document_id": row["components"][0]["file_id"]}]}),
}
"""What is played, in which share of an agency's rows."""


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: "-".join(trick))
def test_a_trick_is_found_at_the_agency_that_plays_it(trick: tuple[str, str]) -> None:
    share, play = TRICKS[trick]
    random = Random(7)
    rows = [row | (play(row) if row["handling_agency"] == "H05.05" and random.random() < share else {}) for row in honest()]
    assert (*trick, "H05.05") in findings(rows)
    assert {agency for _, _, agency in findings(rows)} == {"H05.05"}


def test_what_is_alike_by_nature_is_no_trick() -> None:
    """Whatever was filed on the portal came online; at the one-stop desks the same would be told."""
    online = [row | {"channel": "online"} for row in honest()]
    assert {field for _, field, _ in findings(online, alike=DOSSIERS.alike)} == {"channel"}
    assert findings(online, alike=PORTAL_DOSSIERS.alike) == set()


@pytest.mark.parametrize("seed", range(20))
def test_honest_rows_stay_quiet(seed: int) -> None:
    assert findings(honest(seed=seed)) == set()


def test_a_handful_of_rows_says_nothing() -> None:
    rows = [row | {"channel": "online", "phone": "+84912345678"} for row in honest(100)]
    assert findings(rows) == set()


def test_the_sample_is_small_and_keeps_no_value_of_a_person() -> None:
    names = [f"Nguyễn Thị {number}" for number in range(20_000)]
    columns: dict[str, Any] = {name: [None] * len(names) for name in PERSON.names} | {"full_name": names}
    found = profile(PERSON, columns, range(len(names)), "G15")
    assert found["rows"] == 2000
    assert "Nguyễn" not in str(found)
