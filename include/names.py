"""What agencies and procedures are called, by code."""

from include.hub import Hub
from mappings.requirements import catalogue


def agencies(hub: Hub) -> dict[str, str]:
    """Those of the portal's catalogue."""
    return dict(hub.db.rows("SELECT code, name FROM golden.agency"))


def procedures(hub: Hub) -> dict[str, str]:
    """Those of the portal's catalogue; where the catalogue of requirements has a name, that one."""
    return dict(hub.db.rows("SELECT code, name FROM golden.procedure")) | {one.procedure: one.name for one in catalogue().requirements}
