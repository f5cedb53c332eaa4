"""Everything the hub syncs, on one screen. A new source is one entry here, one mapping module, and a fixture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.page import Endpoint, Sink, Source
from include import sources
from include.clock import HANOI
from include.once.marks import marked
from include.store.database import Database
from mappings.apply import Mapping as Dataset
from mappings.bhxh_participants import PARTICIPANTS
from mappings.bhxh_participations import PARTICIPATIONS
from mappings.btxh_beneficiaries import BENEFICIARIES
from mappings.datdai_certificates import CERTIFICATES
from mappings.dkkd_enterprises import ENTERPRISES
from mappings.dvcqg_catalogues import AGENCIES, PROCEDURES, UNITS
from mappings.dvcqg_dossiers import PORTAL_DOSSIERS
from mappings.hkd_households import HOUSEHOLDS
from mappings.hotich_birth_events import BIRTH_EVENTS
from mappings.hotich_births import BIRTHS
from mappings.hotich_deaths import DEATHS, DECEASED
from mappings.hotich_marriages import MARRIAGES
from mappings.kho_papers import PAPERS
from mappings.motcua_citizen import cong_dan
from mappings.motcua_dossiers import DOSSIERS
from mappings.motcua_enterprise import doanh_nghiep
from mappings.onestop_dossier import ho_so_mot_cua
from mappings.portal_dossier import ho_so, tien_do
from mappings.thue_taxpayers import TAXPAYERS
from mappings.xephang_services import ANSWERS, TICKETS

Records = Sequence[Mapping[str, Any]]


def as_they_are(_db: Database, records: Records) -> Records:
    """Golden records go out as they are."""
    return records


@dataclass(frozen=True, slots=True)
class Echo:
    """How a target that is a source too tells a record back: ``dataset`` understands it, ``wire`` is its shape in a payload."""

    dataset: Dataset
    wire: Callable[[Mapping[str, Any]], Mapping[str, Any]]


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
    complete: Callable[[Database, Records], Records] = as_they_are
    """What the hub itself knows of the records, laid over them before they go out: once-only marks."""
    preflight: bool = False
    """Whether the rules of the entity are asked once more before each push (``dossiers.preflight``)."""
    echo: Echo | None = field(default=None, hash=False)
    """For a target that tells such records back: what it only repeats is not its own word (``hub.told``)."""


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
    pages_of: str = ""
    """The flow whose landed pages this one reads for another meaning; the system is not asked again."""
    max_bad: float = 0.2
    """The gate closes when a larger share of a run is quarantined."""
    max_gone: float = 0.0
    """A full read holds every record of the source, so that one it does not hold is gone (``registry.vanishing``); when a larger share is
    missing at once, a person must say so first. 0: full reads of this source do not tell.
    """


def since(year: int, month: int, day: int) -> datetime:
    """Midnight of a day in Việt Nam."""
    return datetime(year, month, day, tzinfo=HANOI)


BEGIN = since(2024, 11, 1)
LONG_AGO = since(2000, 1, 1)
DAY, MINUTES = timedelta(days=1), timedelta(minutes=10)
SOME = 0.02
"""Of a register, more than this does not vanish in a week."""

FLOWS: tuple[Flow, ...] = (
    Flow("units", "dvcqg", UNITS, sources.catalogue("LayDanhMucPhuongXa"), LONG_AGO, DAY, "0 0 * * *", "so-noi-vu"),
    Flow("agencies", "dvcqg", AGENCIES, sources.catalogue("LayDanhMucCoQuan"), LONG_AGO, DAY, "5 0 * * *", "vp-ubnd", after=("units",)),
    Flow("procedures", "dvcqg", PROCEDURES, sources.catalogue("LayDanhSachTTHC"), LONG_AGO, DAY, "10 0 * * *", "vp-ubnd"),
    Flow("enterprises", "lgsp", ENTERPRISES, sources.enterprises, BEGIN, DAY, "0 1 * * *", "so-tai-chinh", max_gone=SOME),
    Flow("households", "lgsp", HOUSEHOLDS, sources.households, BEGIN, MINUTES, "20 1 * * *", "so-tai-chinh", after=("enterprises",), max_gone=SOME),
    Flow("taxpayers", "thue", TAXPAYERS, sources.taxpayers, BEGIN, MINUTES, "40 1 * * *", "thue-tinh",
         after=("enterprises", "households"), max_gone=SOME),
    Flow("births", "lgsp", BIRTHS, sources.civil_status("LTKS"), BEGIN, DAY, "0 2 * * *", "so-tu-phap", max_gone=SOME),
    Flow("birth_events", "lgsp", BIRTH_EVENTS, sources.civil_status("LTKS"), LONG_AGO, MINUTES, "40 2 * * *", "so-tu-phap",
         pages_of="births", max_gone=SOME),
    Flow("insurance", "bhxh", PARTICIPANTS, sources.participants, BEGIN, MINUTES, "0 3 * * *", "bhxh-tinh", after=("births",), max_gone=SOME),
    Flow("participations", "bhxh", PARTICIPATIONS, sources.participants, LONG_AGO, MINUTES, "40 3 * * *", "bhxh-tinh",
         pages_of="insurance", max_gone=SOME),
    Flow("deaths", "lgsp", DEATHS, sources.civil_status("LTKT"), BEGIN, DAY, "0 4 * * *", "so-tu-phap", max_gone=SOME),
    Flow("deceased", "lgsp", DECEASED, sources.civil_status("LTKT"), LONG_AGO, MINUTES, "10 4 * * *", "so-tu-phap",
         pages_of="deaths", after=("insurance",), max_gone=SOME),
    Flow("marriages", "lgsp", MARRIAGES, sources.civil_status("LTKH"), BEGIN, DAY, "20 4 * * *", "so-tu-phap", max_gone=SOME),
    Flow("land", "lgsp", CERTIFICATES, sources.land, BEGIN, MINUTES, "40 4 * * *", "so-nnmt", after=("insurance",), max_gone=SOME),
    Flow("social", "btxh", BENEFICIARIES, sources.social, BEGIN, MINUTES, "0 5 * * *", "so-noi-vu", after=("insurance",)),
    Flow("dossiers", "motcua", DOSSIERS, sources.dossiers, BEGIN, MINUTES, "*/15 * * * *", "vp-ubnd", after=("enterprises", "insurance")),
    Flow("portal_filed", "dvcqg", PORTAL_DOSSIERS, sources.filed, BEGIN, MINUTES, "7-59/15 * * * *", "vp-ubnd", after=("dossiers",)),
    Flow("papers", "lgsp", PAPERS, sources.papers, BEGIN, MINUTES, "*/30 * * * *", "vp-ubnd", after=("dossiers",)),
    Flow("tickets", "lgsp", TICKETS, sources.services("luotGiaoDich"), BEGIN, MINUTES, "50 * * * *", "vp-ubnd"),
    Flow("surveys", "lgsp", ANSWERS, sources.services("phieuDanhGia"), BEGIN, MINUTES, "55 * * * *", "vp-ubnd"),
)  # fmt: skip

TARGETS: tuple[Target, ...] = (
    Target("portal_dossiers", "dossier", "dvcqg", "Hồ sơ và tiến độ lên Cổng DVC quốc gia", "Dossiers and progress to the national portal",
           sources.portal, lambda dossier: {"HoSo": ho_so(dossier), "TienDo": tien_do(dossier)}, reference="code", complete=marked, preflight=True,
           echo=Echo(PORTAL_DOSSIERS, lambda payload: payload["HoSo"])),
    Target("onestop_dossiers", "dossier", "motcua", "Hồ sơ nộp trên Cổng về hệ thống một cửa", "Dossiers filed on the portal to the one-stop system",
           sources.onestop_dossiers, ho_so_mot_cua, reference="code", preflight=True, echo=Echo(DOSSIERS, lambda payload: payload)),
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
