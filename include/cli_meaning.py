"""Commands about meaning: what a field is, where it comes from, and the generated documents."""

from typing import Annotated

import typer

from include.console import out, show


def explain(
    flow_id: Annotated[str, typer.Argument(help="A flow of ./hub flows.")],
    field: Annotated[str, typer.Argument(help="A canonical field; leave it out to list them.")] = "",
    data: Annotated[bool, typer.Option(help="Also count in the data held.")] = False,
) -> None:
    """Shows where a canonical field comes from, through which converter, with examples of what is taken and refused."""
    from include.explain import explain as ask
    from include.flows import flow as find

    flow = find(flow_id)
    if not field:
        rows = [(m.field, flow.dataset.entity.field(m.field).vi, ", ".join(m.wires)) for m in flow.dataset.fields]
        show(flow.dataset.vi, ("field", "meaning", "wire"), rows, as_json=False)
        tell_schema(flow_id, data=data)
        return
    found = ask(flow, field)
    target, origin = found.field, found.origin
    out.print(f"[bold]{target.vi}[/bold] · {target.en}   [cyan]{flow.dataset.entity.name}.{target.name}[/cyan] ({target.type})")
    law = f", {target.source}" if target.source else ""
    out.print(f"  {'bắt buộc · required, ' if target.required else ''}dữ liệu · privacy {target.privacy}, merge {target.merge}{law}")
    out.print(f"  {origin.system} {origin.dataset}: {', '.join(origin.wires)} → [cyan]{origin.converter}[/cyan]  {origin.what}", highlight=False)
    if found.sample:
        out.print(f"  mẫu · sample: {found.sample.value!r} → {found.sample.result!r}", highlight=False)
    for title, examples in (("nhận · taken", found.accepted[:8]), ("từ chối · refused", found.refused[:8])):
        for one in examples:
            out.print(f"  {title}: {one.value!r} → {one.result or one.refused}", highlight=False)
    for rule in found.rules:
        out.print(f"  quy tắc · rule {rule.id} ({rule.severity}): {rule.vi} · {rule.en}", highlight=False)
    for other in found.others:
        out.print(f"  cũng từ · also from {other.flow}: {', '.join(other.wires)} → {other.converter}", highlight=False)
    for consumer in found.targets:
        out.print(f"  tới · goes to: {consumer}")
    if data:
        tell_data(flow_id, field)


def tell_schema(flow_id: str, *, data: bool) -> None:
    """What follows when the source changes its schema, and what it has changed."""
    from include.cli import connect
    from include.flows import flow as find
    from include.schema import changes
    from quality import schema

    mode = schema.mode(find(flow_id).dataset.id)
    out.print(f"nguồn đổi cấu trúc · schema changes: [cyan]{mode}[/cyan]  {' · '.join(schema.words(mode))}", highlight=False)
    for one in changes(connect(), flow_id) if data else ():
        types = " → ".join(", ".join(one["detail"][when]) for when in ("was", "now") if one["detail"][when])
        place = f"run {one['run']}, page {one['detail']['page']}"
        out.print(f"  {one['code']} {one['field']} {types}  {place}, {one['state']} (/findings/{one['id']})", highlight=False)


def tell_data(flow_id: str, field: str) -> None:
    """How the field fares in the data held."""
    from include.cli import connect
    from include.explain import faring
    from include.flows import flow as find

    found = faring(connect(), find(flow_id), field)
    out.print(f"  trong kho · held: {found.filled:,} có · with, {found.empty:,} không · without; {', '.join(found.examples)}", highlight=False)
    for code, number in found.reasons:
        out.print(f"  đang cách ly · put aside: {code} {number:,}")


def docs() -> None:
    """Writes the generated parts of the documentation anew: README, data contracts, and the pages of meaning."""
    from include.datacontract import as_yaml
    from include.documents import with_flows
    from include.settings import ROOT, Settings
    from include.site.meaning import write
    from mappings.canonical import ENTITIES

    readme = ROOT / "README.md"
    readme.write_text(with_flows(readme.read_text(encoding="utf-8")), encoding="utf-8")
    contracts = ROOT / "docs" / "contracts"
    contracts.mkdir(exist_ok=True)
    for entity in ENTITIES:
        (contracts / f"{entity.name}.odcs.yaml").write_text(as_yaml(entity), encoding="utf-8")
    pages = write(Settings.read().home / "meaning")
    out.print(f"README.md, docs/contracts/ ({len(ENTITIES)}), {pages[0].as_uri()}", soft_wrap=True)


def lineage(flow_id: Annotated[str, typer.Argument(help="A flow of ./hub flows.")]) -> None:
    """Prints an OpenLineage run event with the column lineage of a flow, as JSON."""
    import json
    import uuid

    from include.clock import now
    from include.flows import flow as find
    from include.lineage import openlineage

    out.print_json(json.dumps(openlineage(find(flow_id), str(uuid.uuid4()), now().isoformat()), ensure_ascii=False))
