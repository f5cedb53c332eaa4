"""Documentation generated from the code it documents: the README's table of flows, and each DAG's page."""

from include.flows import FLOWS, TARGETS, Flow
from mappings.agencies import agency_name
from mappings.apply import Each, Map, Whole


def flow_page(flow: Flow) -> str:
    """Markdown for a DAG: what the dataset is, on what legal basis, and every field."""
    dataset = flow.dataset
    entity = dataset.entity
    rows = "\n".join(
        f"| `{m.field}` | {entity.field(m.field).vi} | `{wires(m)}` | {converter(m)} | {'✓' if m.required else ''} |" for m in dataset.fields
    )
    return (
        f"# {dataset.vi}\n\n{dataset.en}\n\n- Nguồn · Source: {agency_name(dataset.agency)} (`{flow.system}`, `{dataset.dataset}`)\n"
        f"- Căn cứ · Legal basis: {dataset.legal_basis}\n"
        f"- Bản ghi · Record: {entity.vi} (`golden.{entity.name}`)\n- Khóa tại nguồn · Key at the source: `{'|'.join(dataset.key)}`\n\n"
        f"| Trường · Field | Ý nghĩa | Trường nguồn · Wire | Chuyển đổi · Converter | Bắt buộc |\n|---|---|---|---|---|\n{rows}\n"
    )


def wires(one: Map) -> str:
    """The wire path, or paths."""
    return ", ".join(one.wires)


def converter(one: Map) -> str:
    """The converter's name."""
    if isinstance(one.convert, Each):
        return "each: " + ", ".join(f"`{sub.field}`" for sub in one.convert.maps)
    convert = one.convert.convert if isinstance(one.convert, Whole) else one.convert
    return f"`{getattr(convert, '__name__', type(convert).__name__)}`"


def flows_table() -> str:
    """The README's table of flows."""
    head = "| flow | from | system | becomes | then goes to | when |\n|---|---|---|---|---|---|\n"
    rows = []
    for f in FLOWS:
        targets = ", ".join(f"`{t.id}`" for t in TARGETS if t.entity == f.dataset.entity.name)
        rows.append(f"| `{f.id}` | {f.dataset.vi} | `{f.system}` | {f.dataset.entity.en.lower()} | {targets} | `{f.schedule}` |")
    return head + "\n".join(rows) + "\n"


BEGIN, END = "<!-- flows -->\n", "<!-- /flows -->"


def with_flows(readme: str) -> str:
    """The README with today's table of flows between its marks."""
    head, rest = readme.split(BEGIN)
    return head + BEGIN + flows_table() + END + rest.split(END)[1]
