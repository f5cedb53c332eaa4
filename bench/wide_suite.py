"""The suite that stock Great Expectations is dear on: 26 expectations over 25 columns of dossiers, with two rows in a hundred damaged.

Ours: the masks over batches of the canonical columns (whether a code is unique, over all), and one checkpoint on their counts. Stock: the
same expectations on a pandas frame of the same values, its own engine, its default result format. Both must count the same failures. The suite
of a person (``bench.checks``) has more rules on few columns and no dates to compare row by row: stock is cheap there.
"""

import time
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from quality import masks, suites
from quality.rules import Rule

BATCH = 20_000
TODAY = date(2026, 11, 23)
STATES, WAYS, SYSTEMS = ["received", "handling", "done", "refused", "paused"], ["online", "desk", "post"], ["hotich", "datdai", "dkkd", "bhxh"]
DAY, MOMENT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", r"\A[0-9-]{10}T[0-9:]{8}\+07:00\Z"
PROVINCES, GROUPS = [f"{number:02d}" for number in range(1, 97)], [f"{number:02d}" for number in range(1, 55)]


def rule(number: int, field: str, check: str, **args: Any) -> Rule:
    """One rule as ``rules/*.yaml`` would give it."""
    return Rule(f"WID-{number:03d}", ("mapped",), field, field, check, args, "code_unknown", "validity", field, field, "")


CHECKED: list[tuple[str, str, dict[str, Any]]] = [
    *((name, "not_null", {}) for name in ("code", "number", "name", "received", "address")),
    ("code", "unique", {}),
    ("household", "not_null", {}),
    ("number", "regex", {"pattern": r"\A[0-9]{12}\Z"}),
    ("phone", "regex", {"pattern": r"\A0[0-9]{9}\Z"}),
    ("email", "regex", {"pattern": r"\A[0-9a-z.]+@[0-9a-z.]+\.[a-z]+\Z"}),
    ("procedure", "regex", {"pattern": r"\A[0-9]\.[0-9]{6}\Z"}),
    ("commune", "regex", {"pattern": r"\A[0-9]{5}\Z"}),
    ("district", "regex", {"pattern": r"\A[0-9]{3}\Z"}),
    ("fee", "regex", {"pattern": r"\A[0-9]{1,9}\Z"}),
    ("born", "regex", {"pattern": DAY}),
    ("due", "regex", {"pattern": MOMENT}),
    ("sex", "in_set", {"values": ["male", "female"]}),
    ("status", "in_set", {"values": STATES}),
    ("way", "in_set", {"values": WAYS}),
    ("system", "in_set", {"values": SYSTEMS}),
    ("province", "in_set", {"values": PROVINCES}),
    ("ethnic", "in_set", {"values": GROUPS}),
    ("received", "at_most", {"other": "due"}),
    ("received", "at_most", {"other": "finished"}),
    ("issued", "at_most", {"other": "expires"}),
    ("version", "equal", {"other": "edition"}),
]
RULES = [rule(number, field, check, **args) for number, (field, check, args) in enumerate(CHECKED, 1)]


def row(random: Random, number: int) -> dict[str, str | None]:
    """One dossier of 25 columns."""
    day = f"2026-{random.randrange(1, 11):02d}-{random.randrange(1, 29):02d}"
    version = str(random.randrange(1, 50))
    found: dict[str, str | None] = {
        "code": f"000.00.00.H05-260101-{number}", "number": f"0240{number:08d}", "name": f"Nguyễn Văn {number % 9000}",
        "born": f"{random.randrange(1930, 2020)}-{number % 12 + 1:02d}-{number % 28 + 1:02d}", "sex": random.choice(["male", "female"]),
        "ethnic": random.choice(GROUPS), "province": random.choice(PROVINCES), "district": f"{random.randrange(999):03d}",
        "commune": f"{random.randrange(33000):05d}", "address": f"Số {random.randrange(500)}", "phone": f"09{random.randrange(10**8):08d}",
        "email": None if random.random() < 0.3 else f"u{number}@mail.bacninh.gov.vn", "issued": f"20{number % 9 + 16}-03-04",
        "expires": f"20{number % 9 + 26}-03-04", "household": f"HH{number // 4:08d}", "received": f"{day}T08:{number % 60:02d}:00+07:00",
        "due": f"2026-12-{number % 28 + 1:02d}T17:00:00+07:00", "finished": None if random.random() < 0.2 else f"{day}T16:{number % 60:02d}:00+07:00",
        "status": random.choice(STATES), "way": random.choice(WAYS), "procedure": f"1.{random.randrange(3000):06d}",
        "fee": f"{random.randrange(500)}000", "system": random.choice(SYSTEMS), "version": version, "edition": version,
    }  # fmt: skip
    if random.random() < 0.02:
        name = random.choice(list(found))
        found[name] = random.choice([None, "12345", "???", "2090-01-01"])
    return found


def columns(rows: int) -> dict[str, list[Any]]:
    """So many rows, as columns."""
    random = Random(717)
    found = [row(random, number) for number in range(rows)]
    return {name: [one[name] for one in found] for name in found[0]}


def compared(rows: int) -> tuple[float, float]:
    """CPU seconds of ours and of stock on the same rows, imports and suites made before. Raises ValueError when they count differently."""
    few, given = columns(50), columns(rows)
    ours(few), stock(few)
    started = time.process_time()
    mine = ours(given)
    between = time.process_time()
    theirs = stock(given)
    ended = time.process_time()
    if mine != theirs:
        raise ValueError(f"not the same failures: {mine} and {theirs}")
    return between - started, ended - between


def ours(given: dict[str, list[Any]]) -> dict[str, int]:
    """Failures by rule, as a sync finds and concludes them."""
    size = len(given["code"])
    alone = [each for each in RULES if each.check == "unique"]
    others = [each for each in RULES if each.check != "unique"]
    found = dict(
        zip((each.id for each in alone), ((one.rows, one.evaluated, len(one.bad)) for one in masks.evaluate(alone, given, TODAY)), strict=True)
    )
    found |= dict.fromkeys((each.id for each in others), (0, 0, 0))
    for first in range(0, size, BATCH):
        batch = {name: values[first : first + BATCH] for name, values in given.items()}
        for each, one in zip(others, masks.evaluate(others, batch, TODAY), strict=True):
            rows, evaluated, bad = found[each.id]
            found[each.id] = (rows + one.rows, evaluated + one.evaluated, bad + len(one.bad))
    results = {
        each.id: suites.RuleResult(each.id, each.code, each.severity, *found[each.id], "failed" if found[each.id][2] else "passed") for each in RULES
    }
    checkpoint = suites._Checkpoint("wide", [suites._expectation(each) for each in RULES], "mask")
    return failures(checkpoint.run(suites._counts(RULES, results, size)))


def stock(given: dict[str, list[Any]]) -> dict[str, int]:
    """Failures by rule, as Great Expectations finds them on a frame."""
    import great_expectations as gx
    import pandas as pd

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = context.data_sources.add_pandas("frames").add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(gx.ExpectationSuite(name="wide", expectations=[suites._expectation(each) for each in RULES]))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="wide", data=batch, suite=suite))
    found: dict[str, Any] = definition.run(batch_parameters={"dataframe": pd.DataFrame(given)}).to_json_dict()
    return failures(found)


def failures(found: dict[str, Any]) -> dict[str, int]:
    """By rule."""
    results: Sequence[dict[str, Any]] = found["results"]
    return {one["expectation_config"]["meta"]["rule_id"]: one["result"]["unexpected_count"] for one in results}
