"""Every dataset the hub reads, by id."""

from mappings.apply import Mapping
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
from mappings.motcua_dossiers import DOSSIERS
from mappings.thue_taxpayers import TAXPAYERS
from mappings.xephang_services import ANSWERS, TICKETS

MAPPINGS: dict[str, Mapping] = {
    mapping.id: mapping
    for mapping in (
        UNITS,
        AGENCIES,
        PROCEDURES,
        ENTERPRISES,
        HOUSEHOLDS,
        TAXPAYERS,
        BIRTHS,
        BIRTH_EVENTS,
        DEATHS,
        DECEASED,
        MARRIAGES,
        PARTICIPANTS,
        PARTICIPATIONS,
        CERTIFICATES,
        BENEFICIARIES,
        PAPERS,
        DOSSIERS,
        PORTAL_DOSSIERS,
        TICKETS,
        ANSWERS,
    )
}
