"""Rows of bulk SOAP answers, typed as the XSD declares them: a page at once, or a file of any length in flat memory.

Every row is valid by the contract's XSD before it is given out. A dict has the elements that are there: text as ``str``, ``xsd:int`` and its
kin as ``int``, ``decimal`` as ``Decimal``, ``boolean`` as ``bool``, ``date`` and ``dateTime`` as such, nil as None, repeated ones as lists.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from lxml import etree

from connectors.contract import XSD, Contract
from connectors.envelope import check_root, check_understood
from connectors.errors import BadAnswer
from connectors.xmlguard import local, parse, why

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_SIGNED = ("integer", "int", "long", "short", "byte", "nonPositiveInteger", "negativeInteger")
_UNSIGNED = ("nonNegativeInteger", "positiveInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte")
_TEXT = ("string", "normalizedString")
_READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys((*_SIGNED, *_UNSIGNED), int),
    "decimal": Decimal,
    "float": float,
    "double": float,
    "boolean": lambda text: text.strip() in {"1", "true"},
    "date": lambda text: date.fromisoformat(text.strip()[:10]),
    "dateTime": lambda text: datetime.fromisoformat(text.strip()),
    "time": lambda text: time.fromisoformat(text.strip()),
    "base64Binary": base64.b64decode,
}
_CONTAINERS = {f"{XSD}{name}" for name in ("sequence", "all", "choice", "complexType")}


@dataclass(slots=True)
class Plan:
    """How one element is read: a converter for a leaf (None: text as it is), or plans by tag for its children."""

    name: str
    repeats: bool = False
    nillable: bool = False
    convert: Callable[[str], Any] | None = None
    children: dict[str, "Plan"] = field(default_factory=dict)

    def row(self, node: etree._Element) -> dict[str, Any]:
        """The children of a valid element as a dict."""
        out: dict[str, Any] = {}
        children = self.children
        for child in node:
            plan = children[child.tag]
            value: Any
            if plan.nillable and child.get(NIL, "").strip() in {"1", "true"}:
                value = None
            elif plan.children:
                value = plan.row(child)
            else:
                value = child.text or ""
                if plan.convert is not None:
                    value = plan.convert(value)
            if plan.repeats:
                out.setdefault(plan.name, []).append(value)
            else:
                out[plan.name] = value
        return out


class Typed:
    """Reads the ``item`` elements of the answers to one operation."""

    def __init__(self, contract: Contract, operation: str, item: str) -> None:
        self._contract, self._operation = contract, operation
        self._answer = contract.operations[operation].answers
        space = etree.QName(self._answer).namespace or ""
        self._schema = contract.nodes[space]
        wrapper = planned(self._schema, next(node for node in self._schema if node.get("name") == etree.QName(self._answer).localname))
        self._tag = next(tag for tag, plan in wrapper.children.items() if plan.name == item)
        self._plan = wrapper.children[self._tag]
        self._item_schema = alone(self._schema, etree.QName(self._answer).localname, item)

    def page(self, body: bytes) -> list[dict[str, Any]]:
        """The rows of one answer. Raises BadAnswer."""
        root = self._contract.open(body, self._operation)
        return [self._row(node) for node in root.iterchildren(self._tag)]

    def stream(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        """The rows of an answer of any length, read as it comes. Raises BadAnswer where the first fault stands; rows before it were good."""
        events = etree.iterparse(
            file, ("end", "pi"), tag=self._tag, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
        )
        walk = _Walk(self._contract, self._answer)
        valid, read = self._item_schema.validate, self._row
        try:
            for event, node in events:
                if event == "pi":
                    raise BadAnswer("a processing instruction in the envelope")
                walk.met(node)
                if not valid(node):
                    raise BadAnswer(f"{local(node)} breaks the schema: {why(self._item_schema)}")
                yield read(node)
        except etree.XMLSyntaxError as error:
            raise BadAnswer(f"not well-formed XML: {getattr(error, 'msg', None) or 'cut short'}"[:200]) from None
        walk.ended(events.root)

    def _row(self, node: etree._Element) -> dict[str, Any]:
        try:
            return self._plan.row(node)
        except (ValueError, ArithmeticError) as error:
            raise BadAnswer(f"{local(node)} holds a value beyond what can be kept ({type(error).__name__})") from None


class _Walk:
    """Where a stream stands: items only where they belong, and all but the last dropped behind it."""

    def __init__(self, contract: Contract, answer: str) -> None:
        self._contract, self._answer = contract, answer
        self._holder: etree._Element | None = None
        self._before: etree._Element | None = None

    def met(self, node: etree._Element) -> None:
        """An item has been read. Raises BadAnswer unless it stands in the answer element, next to the one before."""
        holder, before = node.getparent(), self._before
        if before is None:
            self._begun(holder)
        elif holder is not self._holder or node.getprevious() is not before or (before.tail or "").strip():
            raise BadAnswer(f"something stands between two {local(node)}")
        elif self._holder is not None:
            self._holder.remove(before)
        self._before = node

    def _begun(self, holder: etree._Element | None) -> None:
        """Looks at what stands around the first item."""
        if holder is None:
            raise BadAnswer("the answer has no envelope")
        if self._standing(holder.getroottree().getroot()) is not holder:
            raise BadAnswer("an item stands outside the answer element")
        self._holder = holder

    def _standing(self, root: etree._Element) -> etree._Element:
        """The answer element of an envelope, as far as it has been read: one Body, one child of the right name, headers understood."""
        check_root(root, self._contract.version)
        if str(getattr(root.getroottree().docinfo, "doctype", "")):
            raise BadAnswer("XML with a DTD is refused")
        space = f"{{{self._contract.version.namespace}}}"
        for header in root.findall(f"{space}Header/*"):
            check_understood(header, self._contract.version, ())
        bodies = root.findall(f"{space}Body")
        if len(bodies) != 1 or len(bodies[0]) != 1 or bodies[0][0].tag != self._answer:
            raise BadAnswer(f"one Body with one {etree.QName(self._answer).localname} was expected")
        return bodies[0][0]

    def ended(self, root: etree._Element) -> None:
        """Raises BadAnswer unless the whole envelope is in order and the answer element, with the last of its items, is valid."""
        done = self._standing(root)
        if wrong := self._contract.complaint(parse(etree.tostring(done, with_tail=False))):
            raise BadAnswer(f"{local(done)} breaks the schema: {wrong}")


def planned(schema: etree._Element, node: etree._Element) -> Plan:
    """The plan of an element declaration. Raises BadAnswer on what this reader does not know: references, groups, extensions, wildcards."""
    plan = Plan(node.get("name", ""), node.get("maxOccurs", "1") != "1", node.get("nillable") in {"true", "1"})
    kind = node.find(f"{XSD}complexType")
    named = node.get("type", "").rpartition(":")[2]
    if kind is None:
        kind = _global(schema, "complexType", named)
    if kind is None:
        plan.convert = converter(schema, node, named)
        return plan
    prefix = f"{{{schema.get('targetNamespace')}}}" if schema.get("elementFormDefault") == "qualified" else ""
    plan.children = {f"{prefix}{child.get('name')}": planned(schema, child) for child in _declared(kind)}
    return plan


def _declared(node: etree._Element) -> Iterator[etree._Element]:
    for child in node:
        if child.tag == f"{XSD}element" and child.get("name"):
            yield child
        elif child.tag in _CONTAINERS:
            yield from _declared(child)
        elif isinstance(child.tag, str) and child.tag not in {f"{XSD}annotation", f"{XSD}attribute", f"{XSD}anyAttribute"}:
            raise BadAnswer(f"the contract uses xsd:{local(child)}, which typed reading does not know")


def _global(schema: etree._Element, tag: str, name: str) -> etree._Element | None:
    return next((node for node in schema.findall(f"{XSD}{tag}") if node.get("name") == name), None) if name else None


def converter(schema: etree._Element, node: etree._Element, named: str) -> Callable[[str], Any] | None:
    """What turns a leaf's text into its value: by the built-in type its own one is derived from. None leaves text as it is."""
    simple = node.find(f"{XSD}simpleType")
    if simple is None:
        simple = _global(schema, "simpleType", named)
    if simple is None:
        return _READ.get(named, None if named in {*_TEXT, ""} else str.strip)
    restriction = simple.find(f"{XSD}restriction")
    if restriction is None:  # a list or a union: text
        return None
    return converter(schema, restriction, restriction.get("base", "").rpartition(":")[2])


def alone(schema: etree._Element, wrapper: str, item: str) -> etree.XMLSchema:
    """The schema with the items of an answer as elements that may stand by themselves, as they do while a stream is read."""
    copy = parse(etree.tostring(schema))  # a deep copy would lose the prefixes that types are named with
    inside = _global(copy, "element", wrapper)
    kind = _global(copy, "complexType", (inside.get("type") or "").rpartition(":")[2]) if inside is not None else None
    holder = kind if kind is not None else inside
    if holder is None:
        raise BadAnswer(f"the contract has no element {wrapper}")
    found = deepcopy(next(node for node in holder.iter(f"{XSD}element") if node.get("name") == item))
    for name in {"minOccurs", "maxOccurs"} & set(found.attrib):
        del found.attrib[name]
    if _global(copy, "element", item) is None:
        copy.append(found)
    return etree.XMLSchema(parse(etree.tostring(copy)))
