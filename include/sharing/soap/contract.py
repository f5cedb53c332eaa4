"""The WSDL of the SOAP interface: written from the same operations and datasets as OpenAPI, kept in ``hub.wsdl``, served as it stands there.

``python -m include.sharing.soap.contract`` writes it anew; a test fails when it is stale.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from include.sharing.datasets import BY_NAME, Dataset
from include.sharing.inputs import Input
from include.sharing.openapi import operations as described
from include.sharing.operations import Operation
from mappings.canonical import Field

NAMESPACE = "urn:vn:bacninh:hub:v1"
PLACE = "https://chia-se.bacninh.example/soap"
"""The address in the file; what is served names the service's own."""
FILE = Path(__file__).parent / "hub.wsdl"
XS = "http://www.w3.org/2001/XMLSchema"
SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"


def operations() -> dict[str, Operation]:
    """What can be asked: questions about records, by name."""
    from include.sharing.routes.records import ROUTES

    return {about.id: about for _, about in described(ROUTES)}


def element(name: str, kind: str = "xs:string", more: str = "") -> str:
    """An element declaration."""
    return f'<xs:element name="{name}" type="{kind}"{more}/>'


def member(each: Input) -> str:
    """An input as an element; a list is the element repeated."""
    listed = each.schema.get("type") == "array"
    options = (each.schema["items"] if listed else each.schema).get("enum")
    least = "" if each.required else ' minOccurs="0"'
    most = f' maxOccurs="{each.schema["maxItems"]}"' if listed else ""
    about = f"<xs:annotation><xs:documentation>{escape(each.about)}</xs:documentation></xs:annotation>"
    facets = (
        "".join(f"<xs:enumeration value={quoteattr(value)}/>" for value in options or ()) or '<xs:minLength value="1"/><xs:maxLength value="200"/>'
    )
    kind = f'<xs:simpleType><xs:restriction base="xs:string">{facets}</xs:restriction></xs:simpleType>'
    return f'<xs:element name="{each.name}"{least}{most}>{about}{kind}</xs:element>'


def value(field: Field) -> str:
    """A field of a record. Every value may be masked, and is a text then; a list holds ``item`` elements, or the text it is masked with."""
    about = f"<xs:annotation><xs:documentation>{escape(f'{field.vi} · {field.en}')}</xs:documentation></xs:annotation>"
    if not field.parts:
        return f'<xs:element name="{field.name}" minOccurs="0" nillable="true" type="xs:string">{about}</xs:element>'
    parts = "".join(value(part) for part in field.parts)
    item = f'<xs:element name="item" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:all>{parts}</xs:all></xs:complexType></xs:element>'
    kind = f'<xs:complexType mixed="true"><xs:sequence>{item}</xs:sequence></xs:complexType>'
    return f'<xs:element name="{field.name}" minOccurs="0" nillable="true">{about}{kind}</xs:element>'


def record(dataset: Dataset) -> str:
    """The type of a dataset's records."""
    fields = "".join(value(field) for field in dataset.entity.fields)
    return f'<xs:complexType name="{dataset.name}"><xs:all>{fields}</xs:all></xs:complexType>'


STALENESS = "".join((element("seconds", "xs:integer", ' nillable="true"'), element("limit_seconds", "xs:integer"), element("stale", "xs:boolean")))
SOURCE = (
    '<xs:element name="source" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>'
    '<xs:element name="field" type="xs:string" maxOccurs="unbounded"/></xs:sequence>'
    '<xs:attribute name="system" type="xs:string" use="required"/></xs:complexType></xs:element>'
)


def answer(about: Operation) -> str:
    """The answer's members."""
    if about.id == "verifyPerson":
        return element("match", "xs:boolean") + element("agreement") + element("request_id")
    own = element("recorded_at") + element("version", "xs:integer")
    records = (
        '<xs:element name="record" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>'
        f'<xs:element name="data" type="hub:{about.dataset}"/>{SOURCE}{own}</xs:sequence></xs:complexType></xs:element>'
    )
    return (
        f"{element('dataset')}{element('agreement')}{element('request_id')}{records}{element('as_of')}{element('match')}"
        f"{element('quality', 'xs:decimal', ' nillable=' + quoteattr('true'))}"
        f'<xs:element name="staleness"><xs:complexType><xs:sequence>{STALENESS}</xs:sequence></xs:complexType></xs:element>'
        f"{element('masked', 'xs:string', ' minOccurs=' + quoteattr('0') + ' maxOccurs=' + quoteattr('unbounded'))}"
    )


def whole(name: str, inside: str) -> str:
    """A global element with a sequence in it."""
    return f'<xs:element name="{name}"><xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType></xs:element>'


def schema() -> Iterator[str]:
    """The types section."""
    yield f'<xs:schema xmlns:xs="{XS}" targetNamespace="{NAMESPACE}" elementFormDefault="qualified">'
    yield from (record(BY_NAME[name]) for name in sorted({about.dataset for about in operations().values()}))
    code = '<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[A-Za-z0-9][A-Za-z0-9._/\\-]{0,63}"/></xs:restriction></xs:simpleType>'
    yield whole("caller", "".join(f'<xs:element name="{name}" minOccurs="0">{code}</xs:element>' for name in ("purpose", "dossier", "officer")))
    fault = "".join((element("type"), element("status", "xs:integer"), element("title"), element("detail"), element("request_id")))
    error = '<xs:element name="error" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">'
    error += '<xs:attribute name="pointer" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>'
    yield whole("problem", fault + error)
    for name, about in operations().items():
        yield whole(name, "".join(member(each) for each in about.inputs))
        yield whole(f"{name}Response", answer(about))
    yield "</xs:schema>"


def binding(version: str) -> Iterator[str]:
    """A binding, document/literal."""
    yield f'<binding name="Hub{version}" type="hub:Hub"><{version}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
    for name in operations():
        header = f'<{version}:header message="hub:caller" part="caller" use="literal"/>'
        body, fault = f'<{version}:body use="literal" parts="parameters"/>', f'<{version}:fault name="problem" use="literal"/>'
        yield f'<operation name="{name}"><{version}:operation soapAction="{NAMESPACE}:{name}" style="document"/>'
        yield f'<input>{header}{body}</input><output><{version}:body use="literal"/></output><fault name="problem">{fault}</fault></operation>'
    yield "</binding>"


def wsdl() -> str:
    """The whole document."""
    lines = [
        f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="{SOAP_11}" xmlns:soap12="{SOAP_12}"'
        f' xmlns:xs="{XS}" xmlns:hub="{NAMESPACE}"'
        f' targetNamespace="{NAMESPACE}" name="Hub"><types>',
        *schema(),
        '</types><message name="caller"><part name="caller" element="hub:caller"/></message>',
        '<message name="problem"><part name="problem" element="hub:problem"/></message>',
    ]
    for name in operations():
        lines += [f'<message name="{name}{end}"><part name="parameters" element="hub:{name}{end}"/></message>' for end in ("", "Response")]
    lines.append('<portType name="Hub">')
    for name, about in operations().items():
        text = f"<documentation>{escape(f'{about.vi} · {about.en}')}</documentation>"
        ends = f'<input message="hub:{name}"/><output message="hub:{name}Response"/><fault name="problem" message="hub:problem"/>'
        lines.append(f'<operation name="{name}">{text}{ends}</operation>')
    lines += ["</portType>", *binding("soap"), *binding("soap12"), '<service name="Hub">']
    lines += [f'<port name="Hub{each}" binding="hub:Hub{each}"><{each}:address location="{PLACE}"/></port>' for each in ("soap", "soap12")]
    lines.append("</service></definitions>")
    tree = etree.fromstring("".join(lines).encode())
    etree.indent(tree)
    made: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    return made.decode() + "\n"


@lru_cache(maxsize=1)
def checker() -> Any:
    """The schema of the file, compiled."""
    [types] = etree.fromstring(FILE.read_bytes()).iter(f"{{{XS}}}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(types)))


if __name__ == "__main__":
    FILE.write_text(wsdl(), encoding="utf-8")
