"""Everything the site has. To add pages: a module in ``include/site/views`` with ``PAGES`` and ``MENU``, and its name here."""

from types import ModuleType

from include.site.view import Entry, Page
from include.site.views import (
    compare,
    conflicts,
    desks,
    dossier,
    fields,
    findings,
    indicator,
    indicators,
    log,
    months,
    once,
    overview,
    procedures,
    quarantine,
    reconcile,
    row,
    rules,
    runs,
    schema,
    search,
    sources,
    warned,
)

MODULES: tuple[ModuleType, ...] = (
    overview,
    indicators,
    reconcile,
    indicator,
    once,
    procedures,
    desks,
    dossier,
    conflicts,
    sources,
    schema,
    fields,
    runs,
    warned,
    rules,
    quarantine,
    row,
    findings,
    compare,
    search,
    months,
    log,
)


def pages() -> list[Page]:
    """Every page, in the order in which addresses are tried."""
    return [page for module in MODULES for page in module.PAGES]


def menu() -> list[Entry]:
    """The menu, top to bottom."""
    return [entry for module in MODULES for entry in module.MENU]
