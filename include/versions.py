"""Which code and which rules judged a run: said in its report, so that they can be taken out of the archive again."""

import hashlib
from functools import cache
from importlib.metadata import version

from include import rulebook
from include.settings import ROOT

PACKAGES = ("connectors", "dags", "include", "mappings", "quality")
KINDS = frozenset({".py", ".yaml", ".csv", ".sql", ".wsdl", ".xsd"})


@cache
def code() -> str:
    """SHA-256 over every file of the hub that says what it does: names and contents, in the order of names."""
    digest = hashlib.sha256()
    for path in sorted(each for package in PACKAGES for each in (ROOT / package).rglob("*") if each.suffix in KINDS):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def versions(entity: str) -> dict[str, str]:
    """Code, rules and libraries."""
    return {"code": code(), "rules": rulebook.fingerprint(entity), "great_expectations": version("great_expectations")}
