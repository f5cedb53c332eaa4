"""Every dataset the hub reads, by id."""

from mappings.apply import Mapping
from mappings.bhxh_participants import PARTICIPANTS
from mappings.dkkd_enterprises import ENTERPRISES
from mappings.hotich_births import BIRTHS
from mappings.motcua_dossiers import DOSSIERS

MAPPINGS: dict[str, Mapping] = {mapping.id: mapping for mapping in (ENTERPRISES, BIRTHS, PARTICIPANTS, DOSSIERS)}
