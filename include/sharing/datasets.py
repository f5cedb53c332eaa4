"""What can be shared: one list, from which routes, statements, OpenAPI, WSDL and the checks of agreements follow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from mappings.canonical import DOSSIER, ENTERPRISE, INSURANCE_PARTICIPATION, LAND_CERTIFICATE, PAPER, PERSON, Entity, Privacy
from mappings.identifiers import dossier_code, insurance_number, old_id_number, personal_number, tax_code
from mappings.refusal import Refusal

Reader = Callable[[str], str | None]


def plain(longest: int) -> Reader:
    """A reader of codes that no rule of law describes further: letters, digits and ``-./|`` only."""

    def read(value: str) -> str | None:
        if not value or len(value) > longest or not all(letter.isalnum() or letter in "-./|" for letter in value):
            raise Refusal(
                "code_unknown", f"cần 1 đến {longest} chữ cái, chữ số, - . / hoặc |", f"1 to {longest} letters, digits, - . / or | expected"
            )
        return value

    return read


@dataclass(frozen=True, slots=True)
class Key:
    """An identifier a dataset can be asked by.

    ``find`` is SQL giving ``g.*`` for ``ask.value``; ``many``: one answer may hold several records (the papers of a person).
    """

    name: str
    read: Reader
    find: str
    match: str = "exact"
    many: bool = False


@dataclass(frozen=True)
class Dataset:
    """A golden entity as agencies see it. ``subjects`` are the fields that say whose data a record is; ``commune`` the one row filters look at."""

    path: str
    entity: Entity
    keys: tuple[Key, ...]
    subjects: tuple[str, ...]
    commune: str | None = None
    search: bool = False

    @cached_property
    def name(self) -> str:
        """The entity's name; agreements speak of it."""
        return self.entity.name

    def key(self, name: str) -> Key | None:
        """The identifier called so."""
        for key in self.keys:
            if key.name == name:
                return key
        return None

    @property
    def personal(self) -> bool:
        """Whether any field is personal."""
        return any(field.privacy is not Privacy.NONE for field in self.entity.fields)


def column(name: str, read: Reader, *, many: bool = False, field: str = "") -> Key:
    """Asked by a column of the golden table."""
    return Key(name, read, f"golden.{{table}} g ON g.{field or name} = ask.value", many=many)


def alias(name: str, read: Reader) -> Key:
    """Asked by any identifier the record ever had; several records may answer, which is refused."""
    find = f"hub.identifier a ON a.entity = '{{table}}' AND a.kind = '{name}' AND a.value = ask.value JOIN golden.{{table}} g ON g.id = a.entity_id"
    return Key(name, read, find, match="alias")


DATASETS = (
    Dataset(
        "persons",
        PERSON,
        (column("personal_number", personal_number), alias("old_id_number", old_id_number), alias("insurance_number", insurance_number)),
        ("personal_number",),
        "commune_code",
        search=True,
    ),
    Dataset("enterprises", ENTERPRISE, (column("tax_code", tax_code),), ("representative_number",), "commune_code"),
    Dataset(
        "dossiers",
        DOSSIER,
        (column("code", dossier_code), column("applicant_number", plain(13), many=True)),
        ("applicant_number",),
        "commune_code",
    ),
    Dataset("papers", PAPER, (column("code", plain(60)), column("owner_number", plain(13), many=True)), ("owner_number",)),
    Dataset(
        "land-certificates",
        LAND_CERTIFICATE,
        (column("serial", plain(20)), column("owner_number", plain(13), many=True)),
        ("owner_number", "co_owner_number"),
        "commune_code",
    ),
    Dataset(
        "insurance-participations",
        INSURANCE_PARTICIPATION,
        (column("personal_number", personal_number, many=True), column("insurance_number", insurance_number, many=True)),
        ("personal_number",),
    ),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}
