"""What an entity is made of. Tables, checks, documents and API schemas all derive from lists of fields.

A value of a field, everywhere in the hub, is:

==============  ==========================================================================================
type            Python and JSON form
==============  ==========================================================================================
text            ``str``, NFC, no surrounding blanks
date            ``"YYYY-MM-DD"``
partial_date    ``"YYYY"``, ``"YYYY-MM"`` or ``"YYYY-MM-DD"``: as precise as the source was, never padded
moment          ``"YYYY-MM-DDTHH:MM:SS+07:00"``
integer         ``int`` (money: whole đồng)
flag            ``bool``
list            ``list`` of ``dict``, in the order the source gave
==============  ==========================================================================================

``None`` always means "the source did not say".
"""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """The seven types a canonical field can have."""

    TEXT = "text"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    MOMENT = "moment"
    INTEGER = "integer"
    FLAG = "flag"
    LIST = "list"


class Merge(StrEnum):
    """Which source's value survives in the golden record."""

    TRUST = "trust"
    """The most trusted source that has a value; a source may always correct its own."""
    LATEST = "latest"
    """The value with the latest source moment: addresses and telephone numbers move."""


class Privacy(StrEnum):
    """Personal-data class (Luật BVDLCN 91/2025/QH15, Điều 2)."""

    NONE = "none"
    BASIC = "basic"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a canonical entity."""

    name: str
    type: Type
    vi: str
    en: str
    privacy: Privacy = Privacy.NONE
    merge: Merge = Merge.TRUST
    required: bool = False
    source: str = ""
    codes: str = ""
    """The code list its values come from."""
    parts: tuple["Field", ...] = ()
    """What each sub-record of a list holds."""

    @property
    def personal(self) -> bool:
        """Whether the field may say something of a person."""
        return self.privacy is not Privacy.NONE


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing the hub keeps one golden record of.

    ``key`` is the field that identifies it beyond any system; ``aliases`` are fields whose every value ever seen keeps pointing to it;
    ``trust`` ranks the systems, most trusted first; ``domain`` is its place in the national data dictionary (QĐ 2439/QĐ-TTg); ``stage`` is
    the field that says how far it has come, when other fields are filled in only then. New fields go to the end: provenance is kept by
    position.
    """

    name: str
    vi: str
    en: str
    key: str
    fields: tuple[Field, ...]
    aliases: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    domain: str = ""
    stage: str = ""

    def field(self, name: str) -> Field:
        """The field called ``name``; KeyError names the entity and the field."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in order."""
        return tuple(field.name for field in self.fields)


TEXT, DATE, PARTIAL, MOMENT, INTEGER, FLAG, LIST = (
    Type.TEXT,
    Type.DATE,
    Type.PARTIAL_DATE,
    Type.MOMENT,
    Type.INTEGER,
    Type.FLAG,
    Type.LIST,
)
BASIC, SENSITIVE, LATEST = Privacy.BASIC, Privacy.SENSITIVE, Merge.LATEST
