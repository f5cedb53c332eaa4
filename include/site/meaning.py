"""The pages of meaning: data dictionary, lineage, code lists. Generated from the code, so never out of date."""

from collections.abc import Iterator
from pathlib import Path

from include.datacontract import as_yaml
from include.flows import FLOWS, TARGETS
from include.lineage import consumers, origins
from include.site.pages import render
from mappings.canonical import ENTITIES, Entity
from mappings.codes import rows
from quality.issues import CATALOGUE
from quality.rules import rules

PRIVACY = {
    "none": ("không phải dữ liệu cá nhân", "not personal"),
    "basic": ("dữ liệu cá nhân cơ bản", "personal, basic"),
    "sensitive": ("dữ liệu cá nhân nhạy cảm", "personal, sensitive"),
}
TABLES = {
    "communes": ("Xã, phường theo thời gian", "Communes in time"),
    "commune_successors": ("Xã, phường cũ và đơn vị kế thừa", "Former communes and their successors"),
    "ethnic_groups": ("Dân tộc", "Ethnic groups"),
    "religions": ("Tôn giáo", "Religions"),
    "legal_statuses": ("Tình trạng pháp lý doanh nghiệp", "Legal statuses of enterprises"),
    "legal_status_aliases": ("Cách ghi khác của tình trạng pháp lý", "Other wordings of legal statuses"),
    "dossier_statuses": ("Trạng thái hồ sơ và bước chuyển", "Dossier statuses and moves"),
    "vsic_divisions": ("Ngành kinh tế cấp 2 (VSIC 2018)", "Activity divisions (VSIC 2018)"),
    "working_days": ("Ngày nghỉ và ngày làm bù", "Days off and swapped days"),
    "values": ("Danh mục theo nguồn", "Code lists by source"),
}


def dictionary() -> str:
    """Every entity, its key, its fields in number, its sources and consumers."""
    entities = [
        {
            "entity": entity,
            "flows": [flow for flow in FLOWS if flow.dataset.entity is entity],
            "targets": [target for target in TARGETS if target.entity == entity.name],
            "rules": len(rules(entity.name)),
            "personal": sum(field.personal for field in entity.fields),
        }
        for entity in ENTITIES
    ]
    return render("dictionary.html", entities=entities, page="dictionary")


def entity_page(entity: Entity) -> str:
    """Every field of an entity: meaning, type, class, merge rule, origins, rules, consumers."""
    fields = [
        {
            "field": field,
            "privacy": PRIVACY[field.privacy.value],
            "origins": origins(entity.name, field.name),
            "rules": [rule for rule in rules(entity.name) if rule.shown == field.name],
            "targets": consumers(entity.name, field.name),
        }
        for field in entity.fields
    ]
    return render("entity.html", entity=entity, fields=fields, issues=CATALOGUE, page="dictionary")


def lineage() -> str:
    """Source field → converter → canonical field → consumers, flow by flow."""
    flows = [
        {
            "flow": flow,
            "maps": [
                (one.field, flow.dataset.entity.field(one.field), origin, consumers(flow.dataset.entity.name, one.field))
                for one in flow.dataset.fields
                for origin in origins(flow.dataset.entity.name, one.field)
                if origin.flow == flow.id
            ],
        }
        for flow in FLOWS
    ]
    return render("lineage.html", flows=flows, page="lineage")


def code_lists() -> str:
    """Every code list, with its source and validity."""
    lists = [{"name": name, "vi": vi, "en": en, "columns": list(rows(name)[0]), "rows": rows(name)} for name, (vi, en) in TABLES.items()]
    return render("codes.html", lists=lists, page="codes")


def pages() -> Iterator[tuple[str, str]]:
    """(file name, content) of everything."""
    yield "index.html", dictionary()
    yield "lineage.html", lineage()
    yield "codes.html", code_lists()
    for entity in ENTITIES:
        yield f"{entity.name}.html", entity_page(entity)
        yield f"{entity.name}.odcs.yaml", as_yaml(entity)


def write(folder: Path) -> list[Path]:
    """Writes the pages; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, content in pages():
        (folder / name).write_text(content, encoding="utf-8")
        written.append(folder / name)
    return written
