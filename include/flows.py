"""Everything the hub syncs, on one screen. A new source is one entry here, one mapping module, and a fixture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.page import Endpoint, Sink, Source
from include import sources
from include.clock import HANOI
from mappings.apply import Mapping as Dataset
from mappings.bhxh_participants import PARTICIPANTS
from mappings.dkkd_enterprises import ENTERPRISES
from mappings.hotich_births import BIRTHS
from mappings.motcua_citizen import cong_dan
from mappings.motcua_dossiers import DOSSIERS
from mappings.motcua_enterprise import doanh_nghiep
from mappings.portal_dossier import ho_so, tien_do


@dataclass(frozen=True, slots=True)
class Target:
    """A system that receives the golden records of one entity.

    ``payload`` turns a canonical record into what the system takes; it raises ``Refusal`` for a record that may not be sent.
    """

    id: str
    entity: str
    system: str
    vi: str
    en: str
    sink: Callable[[Endpoint], Sink]
    payload: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    reference: str
    """The canonical field that names the record in receipts; ``id`` is the golden id."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A dataset that comes in: read from ``system`` with ``source``, understood by ``dataset``."""

    id: str
    system: str
    dataset: Dataset
    source: Callable[[Endpoint], Source]
    start: datetime
    """A full read begins here."""
    overlap: timedelta
    """An incremental read begins this much before the last one ended: late commits are not lost, repeats are recognised."""
    schedule: str
    owner: str
    after: tuple[str, ...] = ()
    """Flows whose golden records this one links to."""
    max_bad: float = 0.2
    """The gate closes when a larger share of a run is quarantined."""


def since(year: int, month: int, day: int) -> datetime:
    """Midnight of a day in Việt Nam."""
    return datetime(year, month, day, tzinfo=HANOI)


FLOWS: tuple[Flow, ...] = (
    Flow(
        "enterprises",
        "lgsp",
        ENTERPRISES,
        sources.enterprises,
        start=since(2024, 11, 1),
        overlap=timedelta(days=1),
        schedule="0 1 * * *",
        owner="so-tai-chinh",
    ),
    Flow(
        "births",
        "lgsp",
        BIRTHS,
        sources.births,
        start=since(2024, 11, 1),
        overlap=timedelta(days=1),
        schedule="0 2 * * *",
        owner="so-tu-phap",
    ),
    Flow(
        "insurance",
        "bhxh",
        PARTICIPANTS,
        sources.participants,
        start=since(2024, 11, 1),
        overlap=timedelta(minutes=10),
        schedule="0 3 * * *",
        owner="bhxh-tinh",
        after=("births",),
    ),
    Flow(
        "dossiers",
        "motcua",
        DOSSIERS,
        sources.dossiers,
        start=since(2024, 11, 1),
        overlap=timedelta(minutes=10),
        schedule="*/15 * * * *",
        owner="vp-ubnd",
        after=("enterprises", "insurance"),
    ),
)

TARGETS: tuple[Target, ...] = (
    Target("portal_dossiers", "dossier", "dvcqg", "Hồ sơ và tiến độ lên Cổng DVC quốc gia", "Dossiers and progress to the national portal",
           sources.portal, lambda dossier: {"HoSo": ho_so(dossier), "TienDo": tien_do(dossier)}, reference="code"),
    Target("onestop_citizens", "person", "motcua", "Công dân về hệ thống một cửa", "Citizens to the one-stop system",
           sources.onestop_citizens, lambda person: cong_dan(person, person["id"]), reference="id"),
    Target("onestop_enterprises", "enterprise", "motcua", "Doanh nghiệp về hệ thống một cửa", "Enterprises to the one-stop system",
           sources.onestop_enterprises, lambda enterprise: doanh_nghiep(enterprise, enterprise["id"]), reference="id"),
)  # fmt: skip


def flow(flow_id: str) -> Flow:
    """The flow called ``flow_id``; LookupError lists those there are."""
    for each in FLOWS:
        if each.id == flow_id:
            return each
    raise LookupError(f"no flow {flow_id!r}; there are {', '.join(each.id for each in FLOWS)}")


def target(target_id: str) -> Target:
    """The target called ``target_id``; LookupError lists those there are."""
    for each in TARGETS:
        if each.id == target_id:
            return each
    raise LookupError(f"no target {target_id!r}; there are {', '.join(each.id for each in TARGETS)}")
