"""The hub's own errors, named by what the operator does next. The connectors' are in ``connectors.errors``.

::

    HubError
    ├── GateClosed   look at its findings: the rows are kept, and nothing of the run was published; mend the source, or accept what was found
    │   └── SchemaFrozen   call the agency: its source sends another schema than agreed; accept it, or have it mended
    ├── Busy         wait: another process is at the same work
    ├── Lost         nothing: the hub refines the run again from its landed pages
    ├── Unbalanced   call the developers: a row went missing between two steps
    ├── RuleBroken   call the developers: a rule could not be evaluated, and nothing was sent
    ├── Altered      call the auditors: landed bytes are not what was landed (``include.store.objects``)
    ├── NotStarted   read the log: a service of this machine did not start
    ├── SettingMissing   set the variable the message names
    │   └── SettingWrong   mend it: what it holds is of no use
    └── Unexpected   call the developers: nobody foresaw it; the message says where it happened
"""

from collections.abc import Sequence


class HubError(Exception):
    """Something the hub foresees. Messages carry no personal data."""


class GateClosed(HubError):
    """A run may not be published. ``reasons`` are sentences, Vietnamese and English."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("the gate is closed: " + "; ".join(reasons))
        self.reasons = list(reasons)


class SchemaFrozen(GateClosed):
    """A source whose schema may not change by itself has changed it. ``reasons`` name field, source and page."""


class Busy(HubError):
    """Another process is at the same work; it will finish it, or leave it to be taken up again."""


class Lost(HubError):
    """Staged rows are gone: PostgreSQL crashed and emptied its unlogged tables."""


class Unbalanced(HubError):
    """Received ≠ new + changed + unchanged + quarantined."""


class RuleBroken(HubError):
    """A rule asked before a push could not be evaluated: a fault of the hub, never of the records."""


class SettingMissing(HubError):
    """A setting is needed and absent. The message names the variable and what to put there."""


class SettingWrong(SettingMissing):
    """A setting is there and of no use. The message names the variable and what it may hold, and quotes no secret."""


class NotStarted(HubError):
    """A process ended or did not answer in time. The message names its log, or quotes the end of it."""


class Unexpected(HubError):
    """Something nobody foresaw, told by its place: its own words may quote personal data."""
