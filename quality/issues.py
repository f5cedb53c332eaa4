"""The closed catalogue of reason codes: everything that can be wrong with a record, and what to do about it.

Severity says what happens to the row: ``warn`` is kept and marked, ``quarantine`` is held back, ``stop`` closes the run.
The five criteria and eight error groups are those of the official data quality index (CV 4856/BCA-TTDLQG).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from mappings.apply import Issue
from quality.kind import Criterion, Group, IssueKind, Severity

__all__ = ["CATALOGUE", "Criterion", "Group", "IssueKind", "Severity", "distinct", "held", "severity"]


def _load() -> dict[str, IssueKind]:
    described = yaml.safe_load(Path(__file__).with_name("issues.yaml").read_text(encoding="utf-8"))
    return {code: _kind(code, one) for code, one in described.items()}


def _kind(code: str, one: dict[str, Any]) -> IssueKind:
    return IssueKind(
        code=code,
        vi=one["title"]["vi"],
        en=one["title"]["en"],
        cause_vi=one["cause"]["vi"],
        cause_en=one["cause"]["en"],
        remedy_vi=one["remedy"]["vi"],
        remedy_en=one["remedy"]["en"],
        severity=Severity(one["severity"]),
        criterion=Criterion(one["criterion"]),
        group=Group(one["group"]),
        legal=one.get("legal", ""),
    )


CATALOGUE: dict[str, IssueKind] = _load()


def severity(code: str) -> Severity:
    """The severity of a reason code."""
    return CATALOGUE[code].severity


def distinct(*issues: Iterable[Issue]) -> list[Issue]:
    """All issues in row order, each (row, code, field) once: contract, mapping and suite may see the same fault."""
    seen: dict[tuple[int, str, str], Issue] = {}
    for some in issues:
        for issue in some:
            seen.setdefault((issue.row, issue.code, issue.field), issue)
    return sorted(seen.values(), key=lambda issue: issue.row)


def held(issues: Iterable[Issue]) -> set[int]:
    """The rows that may not be published."""
    return {issue.row for issue in issues if severity(issue.code) is not Severity.WARN}
