"""Words several pages share."""

import re
from collections.abc import Callable
from functools import cache
from urllib.parse import quote

from include.site.table import Cell
from mappings.canonical import ENTITIES
from mappings.codes import DOSSIER_STATUSES
from mappings.refusal import BETWEEN
from quality.consistency import cross_rules
from quality.issues import CATALOGUE
from quality.rules import rules

Say = Callable[[str, str], str]
STATES = {
    "running": ("đang chạy", "running"),
    "held": ("bị giữ ở cổng kiểm", "held at the gate"),
    "failed": ("hỏng", "failed"),
    "done": ("xong", "done"),
}
"""Of a run."""
ROW_STATES = {
    "open": ("chưa xử lý", "open"),
    "assigned": ("đã giao", "assigned"),
    "waived": ("được miễn có hạn", "waived"),
    "fixed": ("đã sửa tại nguồn", "fixed at source"),
    "superseded": ("có dòng mới hơn", "superseded"),
    "replayed": ("đã chạy lại", "replayed"),
}
"""Of a row put aside."""
STEPS = {
    "contract": ("hợp đồng dữ liệu", "contract"),
    "mapped": ("sau ánh xạ", "mapped"),
    "merged": ("sau hợp nhất", "merged"),
    "preflight": ("trước khi gửi", "before sending"),
}
"""Of checking."""
RULE = re.compile(r"[A-Z]+-[0-9]+: ")
"""What the reason of a rule begins with."""
OTHER_RULES = {"RUN": ("Nguồn đến đủ và đúng hẹn", "The source came whole and in time")}


@cache
def rule_titles() -> dict[str, tuple[str, str]]:
    """Every rule there is now, in words."""
    found = {rule.id: (rule.vi, rule.en) for entity in ENTITIES for rule in rules(entity.name)}
    return OTHER_RULES | found | {rule.id: (rule.vi, rule.en) for rule in cross_rules()}


def rule_title(say: Say, rule: str) -> str:
    """A rule in words; ``SRC-`` rules are the source contract's."""
    if rule.startswith("SRC-"):
        return say("Giá trị của nguồn đọc được theo hợp đồng dữ liệu", "The source's value can be read by the data contract")
    return say(*rule_titles().get(rule, (rule, rule)))


def sentence(say: Say, why: str) -> str:
    """A reason in one language. Those of before 2026-11-27 were written in one only, and are shown as they are."""
    halves = why.split(BETWEEN)  # a value quoted in both may hold the sign too
    if len(halves) % 2:
        return why
    vi, en = BETWEEN.join(halves[: len(halves) // 2]), BETWEEN.join(halves[len(halves) // 2 :])
    rule = RULE.match(vi)
    return say(vi, rule[0] + en if rule else en)


def step(say: Say, name: str) -> str:
    """A step of checking in words; one that is no longer there says itself."""
    return say(*STEPS.get(name, (name, name)))


def rule_link(rule: str) -> Cell:
    """A rule's id, leading to its page; rules of the source contract are on the field's page."""
    return Cell(rule, f"/rules/{rule}" if rule in rule_titles() and rule not in OTHER_RULES else "")


def reason(say: Say, code: str) -> str:
    """A reason code in words; one that is no longer in the catalogue says itself."""
    return say(CATALOGUE[code].vi, CATALOGUE[code].en) if code in CATALOGUE else code


def remedy(say: Say, code: str) -> str:
    """What to do about a reason code."""
    return say(CATALOGUE[code].remedy_vi, CATALOGUE[code].remedy_en) if code in CATALOGUE else ""


def status(say: Say, code: str) -> str:
    """A dossier's status in words."""
    return say(DOSSIER_STATUSES[code].vi, DOSSIER_STATUSES[code].en)


def run_link(flow: str, run: str) -> Cell:
    """A run's name, leading to its page."""
    return Cell(run, f"/runs/{flow}/{quote(run, safe='')}")
