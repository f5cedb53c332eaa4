"""XML from strangers: parsed without DTDs, entities, networks or surprises, and turned into plain dicts."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from connectors.errors import BadAnswer

Shape = Mapping[str, Any]
"""Which children of an element repeat: ``{tag: (repeats, shape of the child)}``; a tag not in it occurs once and holds text."""


def parse(body: bytes) -> etree._Element:
    """The root of ``body``. Raises BadAnswer on anything but well-formed XML without a DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(body.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer(f"not well-formed XML: {getattr(error, 'msg', None) or type(error).__name__}"[:200]) from None
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        raise BadAnswer("XML with a DTD is refused")
    return root


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(element).localname


def why(schema: etree.XMLSchema) -> str:
    """What a schema last complained of, without the value complained of, which may be personal."""
    error: Any = getattr(schema.error_log, "last_error", None)
    return f"{error.type_name} at {(error.path or '').rsplit('/', 1)[-1]}" if error is not None else "unknown"


def to_dict(element: etree._Element, shape: Shape) -> dict[str, Any]:
    """Children as a dict: text leaves as ``str`` (``""`` when empty), nested elements as dicts, what repeats by ``shape`` as lists."""
    out: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):
            raise BadAnswer("a processing instruction inside a record")
        tag = local(child)
        repeats, inner = shape.get(tag, (False, {}))
        value = nested(child, inner) if len(child) else (child.text or "")
        if repeats:
            out.setdefault(tag, []).append(value)
        elif tag in out:
            raise BadAnswer(f"element {tag} occurs twice")
        else:
            out[tag] = value
    return out


def nested(element: etree._Element, shape: Shape) -> dict[str, Any]:
    """The dict of an element that holds elements. Text beside them would be lost, so it is a BadAnswer."""
    out = to_dict(element, shape)
    if any(text and not text.isspace() for text in (element.text, *(child.tail for child in element))):
        raise BadAnswer(f"element {local(element)} holds text beside elements")
    return out
