"""What an agreement says. Terms are data: kept as JSON, read into this, and refused when they promise what does not exist."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from include.sharing.datasets import BY_NAME, Dataset
from include.sharing.masks import MASKS
from mappings.identifiers import procedure_code
from mappings.refusal import Refusal
from mappings.units import CURRENT

OPERATIONS = {
    "lookup": "tra cứu theo số định danh · look-up by identifier",
    "verify": "xác thực có/không · verify, yes or no",
    "search": "tìm kiếm · search",
    "export": "xuất hàng loạt · bulk export",
    "changes": "nhận thay đổi · change feed and webhooks",
    "correct": "đề nghị đính chính · propose a correction",
    "resolve": "chỉ nộp một lần: thành phần nào không phải hỏi · once only: what need not be asked",
    "usage": "ai đã xem dữ liệu của tôi · who looked at my data",
}
DOSSIER_RULES = {
    "none": "không cần hồ sơ · no dossier asked for",
    "named": "phải nêu mã hồ sơ · a dossier code must be given",
    "applicant": "hồ sơ phải có trên trục, đúng thủ tục, đúng chủ hồ sơ · the dossier must be known, of this procedure, and the subject's own",
}
NEVER = -1
WHOLE = frozenset({"export", "changes"})
"""Operations that name no subject."""


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything granted; what is not named is hidden.

    ``masked`` says how each masked field is shown; ``communes`` is the row filter (empty: the whole province); ``per_day`` counts data subjects;
    ``reveal_days`` delays what the citizen sees of it (-1: never, for investigations); ``max_age_hours`` is the freshness promised.
    """

    operations: tuple[str, ...]
    purposes: tuple[str, ...]
    visible: tuple[str, ...]
    act: str
    article: str
    valid_from: date
    valid_to: date
    masked: dict[str, str] = {}
    communes: tuple[str, ...] = ()
    dossier: str = "named"
    per_second: int = 50
    per_day: int = 10_000
    max_hits: int = 10
    max_age_hours: int = 48
    reveal_days: int = 0
    office_hours: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that may be asked for."""
        return (*self.visible, *self.masked)


def read(document: Any) -> Terms:
    """Terms from JSON values. Raises LookupError with what is wrong with their form."""
    try:
        return msgspec.convert(document, Terms)
    except msgspec.ValidationError as error:
        raise LookupError(f"điều khoản không hợp lệ · the terms are not valid: {error}") from None


def faults(terms: Terms, dataset: str) -> list[str]:
    """What is wrong with terms, all of it."""
    known = BY_NAME.get(dataset)
    return list(wrong(terms, known)) if known else [f"{dataset} is not shared; there are {', '.join(BY_NAME)}"]


def wrong(terms: Terms, dataset: Dataset) -> Iterator[str]:
    """Each fault as a sentence."""
    names = set(dataset.entity.names)
    yield from (f"{dataset.name} has no field {name}" for name in terms.fields if name not in names)
    yield from (f"{name} is both visible and masked" for name in terms.visible if name in terms.masked)
    yield from (f"there is no mask {mask}; there are {', '.join(MASKS)}" for mask in terms.masked.values() if mask not in MASKS)
    yield from (f"there is no operation {name}" for name in terms.operations if name not in OPERATIONS)
    yield from (f"{code} is not a commune of the province" for code in terms.communes if code not in CURRENT)
    yield from (f"{code} is not a procedure code" for code in terms.purposes if not is_procedure(code))
    if terms.communes and dataset.commune is None:
        yield f"{dataset.name} lies in no commune: it cannot be filtered by one"
    if terms.dossier not in DOSSIER_RULES:
        yield f"there is no dossier rule {terms.dossier}"
    if terms.dossier == "applicant" and (whole := sorted(WHOLE.intersection(terms.operations))):
        yield f"the dossier rule applicant asks whose dossier it is: it cannot hold for {', '.join(whole)}, which give everybody's records"
    if not terms.purposes or not terms.operations:
        yield "at least one purpose and one operation are needed"
    if not (terms.act.strip() and terms.article.strip()):
        yield "the legal basis needs its act and its article"
    if terms.valid_to < terms.valid_from:
        yield "valid_to lies before valid_from"
    if min(terms.per_second, terms.per_day, terms.max_hits, terms.max_age_hours) < 1 or terms.max_hits > 50 or terms.reveal_days < NEVER:
        yield "limits must be at least 1, max_hits at most 50, reveal_days at least -1"


def is_procedure(code: str) -> bool:
    """Whether a purpose is a national procedure code."""
    try:
        return procedure_code(code) == code
    except Refusal:
        return False
