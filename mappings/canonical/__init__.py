"""The canonical entities: everything the hub keeps one golden record of. Tables, checks, documents and API schemas derive from them."""

from mappings.canonical.dossiers import DOSSIER, PAPER, PROCEDURE
from mappings.canonical.land import LAND_CERTIFICATE
from mappings.canonical.model import Entity, Field, Merge, Privacy, Type
from mappings.canonical.organisations import ADMINISTRATIVE_UNIT, AGENCY, ENTERPRISE
from mappings.canonical.people import CIVIL_EVENT, INSURANCE_PARTICIPATION, PERSON, SOCIAL_BENEFICIARY
from mappings.canonical.services import QUEUE_TICKET, SURVEY_ANSWER

ENTITIES = (
    PERSON,
    ENTERPRISE,
    DOSSIER,
    CIVIL_EVENT,
    INSURANCE_PARTICIPATION,
    SOCIAL_BENEFICIARY,
    LAND_CERTIFICATE,
    PAPER,
    PROCEDURE,
    AGENCY,
    ADMINISTRATIVE_UNIT,
    QUEUE_TICKET,
    SURVEY_ANSWER,
)

__all__ = [
    "ADMINISTRATIVE_UNIT",
    "AGENCY",
    "CIVIL_EVENT",
    "DOSSIER",
    "ENTERPRISE",
    "ENTITIES",
    "INSURANCE_PARTICIPATION",
    "LAND_CERTIFICATE",
    "PAPER",
    "PERSON",
    "PROCEDURE",
    "QUEUE_TICKET",
    "SOCIAL_BENEFICIARY",
    "SURVEY_ANSWER",
    "Entity",
    "Field",
    "Merge",
    "Privacy",
    "Type",
]


def entity(name: str) -> Entity:
    """The entity called ``name``; LookupError lists those there are."""
    for each in ENTITIES:
        if each.name == name:
            return each
    raise LookupError(f"no entity {name!r}; there are {', '.join(each.name for each in ENTITIES)}")
