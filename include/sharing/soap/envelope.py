"""Envelopes, SOAP 1.1 and 1.2, strict both ways: one body, one request of the contract, nothing hidden between; answers are checked too."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.errors import BadAnswer
from connectors.xmlguard import parse
from include.sharing.problems import KINDS, Problem
from include.sharing.soap.contract import NAMESPACE, checker

V11, V12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
MEDIA = {V11: "text/xml", V12: "application/soap+xml"}
MOST_ELEMENTS = 500
XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Fault(Exception):
    """The envelope itself is wrong. ``code`` is VersionMismatch, MustUnderstand or Sender."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the SOAP version's namespace, the operation, its members, and what the ``caller`` header says."""

    version: str
    operation: str
    members: dict[str, Any]
    caller: dict[str, str]


def request(body: bytes, media: str, action: str) -> Asked:
    """The request in an envelope. Raises Fault."""
    try:
        body.decode("utf-8")
        root = parse(body)
    except UnicodeDecodeError:
        raise Fault("Sender", "chỉ nhận UTF-8 · only UTF-8 is taken") from None
    except BadAnswer as wrong:
        raise Fault("Sender", f"XML sai hoặc có DTD · the XML is wrong, or has a DTD: {wrong}") from None
    if root.getroottree().docinfo.encoding not in (None, "UTF-8", "utf-8"):
        raise Fault("Sender", "chỉ nhận UTF-8 · only UTF-8 is taken")
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in MEDIA:
        raise Fault("VersionMismatch", "cần Envelope của SOAP 1.1 hoặc 1.2 · an Envelope of SOAP 1.1 or 1.2 is needed")
    version = str(name.namespace)
    if media != MEDIA[version]:
        raise Fault("Sender", f"Content-Type: {MEDIA[version]}")
    nodes = list(root.iter())
    if len(nodes) > MOST_ELEMENTS or any(not isinstance(node.tag, str) for node in nodes):
        raise Fault("Sender", "quá nhiều phần tử, hoặc có chỉ thị xử lý · too many elements, or a processing instruction")
    parts = [etree.QName(child).text for child in root]
    if parts not in ([f"{{{version}}}Body"], [f"{{{version}}}Header", f"{{{version}}}Body"]):
        raise Fault("Sender", "cần đúng một Body, sau nhiều nhất một Header · just one Body, behind one Header at most")
    if len(root[-1]) != 1:
        raise Fault("Sender", "Body phải có đúng một phần tử · Body holds just one element")
    caller = header(root[0], version) if len(root) == 2 else {}
    asked = root[-1][0]
    checked(asked)
    name = etree.QName(asked)
    if action.strip('"') not in ("", f"{NAMESPACE}:{name.localname}"):
        raise Fault("Sender", "SOAPAction không khớp nội dung · SOAPAction does not fit the body")
    return Asked(version, name.localname, members(asked), caller)


def header(element: Any, version: str) -> dict[str, str]:
    """What the headers say. Raises Fault on one we must understand and do not."""
    found: dict[str, str] = {}
    for each in element:
        if etree.QName(each).text == f"{{{NAMESPACE}}}caller":
            if found:
                raise Fault("Sender", "caller có hai lần · comes twice")
            bare = etree.fromstring(etree.tostring(each, with_tail=False))
            for name in (f"{{{version}}}mustUnderstand", f"{{{version}}}actor", f"{{{version}}}role"):
                bare.attrib.pop(name, "")
            checked(bare)
            found = {etree.QName(child).localname: child.text or "" for child in bare}
        elif each.get(f"{{{version}}}mustUnderstand") in ("1", "true"):
            raise Fault("MustUnderstand", "không hiểu một tiêu đề bắt buộc · a header that must be understood is not")
    return found


def checked(element: Any) -> None:
    """Raises Fault unless the element is as the contract says; what is wrong is told by line and rule, never by value."""
    schema = checker()
    alone = etree.ElementTree(etree.fromstring(etree.tostring(element, with_tail=False)))
    if not schema.validate(alone):
        why = "; ".join(sorted({f"{error.path.rpartition('/')[2]}: {error.type_name}" for error in schema.error_log}))[:500]
        raise Fault("Sender", f"không đúng WSDL · not as the WSDL says: {why}")


def members(element: Any) -> dict[str, Any]:
    """Children by name; ``fields`` is a list."""
    found: dict[str, Any] = {}
    for child in element:
        name = etree.QName(child).localname
        if name == "fields":
            found.setdefault(name, []).append(child.text or "")
        else:
            found[name] = child.text or ""
    return found


def wrapped(version: str, inside: Any) -> bytes:
    """An envelope around an element."""
    envelope = etree.Element(f"{{{version}}}Envelope", nsmap={"env": version, "hub": NAMESPACE, "xsi": XSI})
    etree.SubElement(envelope, f"{{{version}}}Body").append(inside)
    made: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return made


def fault(version: str, error: Fault | Problem, request_id: str) -> tuple[int, bytes]:
    """HTTP status and envelope of a failure: 1.1 always says 500; 1.2 says 400 where the caller is at fault."""
    problem = error if isinstance(error, Problem) else Problem("invalid", str(error))
    told = problem.document(request_id)
    sender = problem.status < 500
    code = error.code if isinstance(error, Fault) else "Sender" if sender else "Receiver"
    made = etree.Element(f"{{{version}}}Fault")
    title = KINDS[problem.kind].title
    if version == V11:
        etree.SubElement(made, "faultcode").text = "env:" + {"Sender": "Client", "Receiver": "Server"}.get(code, code)
        etree.SubElement(made, "faultstring").text = title
        detail = etree.SubElement(made, "detail")
    else:
        etree.SubElement(etree.SubElement(made, f"{{{version}}}Code"), f"{{{version}}}Value").text = f"env:{code}"
        text = etree.SubElement(etree.SubElement(made, f"{{{version}}}Reason"), f"{{{version}}}Text")
        text.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")
        text.text = title
        detail = etree.SubElement(made, f"{{{version}}}Detail")
    about = etree.SubElement(detail, f"{{{NAMESPACE}}}problem")
    for name in ("type", "status", "title", "detail", "request_id"):
        etree.SubElement(about, f"{{{NAMESPACE}}}{name}").text = str(told[name])
    for each in told.get("errors", ()):
        one = etree.SubElement(about, f"{{{NAMESPACE}}}error", pointer=each["pointer"])
        one.text = each["detail"]
    return 400 if version == V12 and sender else 500, wrapped(version, made)


def response(version: str, operation: str, answer: dict[str, Any]) -> bytes:
    """The envelope of an answer, checked against the contract before it leaves."""
    made = etree.Element(f"{{{NAMESPACE}}}{operation}Response", nsmap={"hub": NAMESPACE, "xsi": XSI})
    single: dict[str, Any] = {name: answer[name] for name in ("data", "source", "recorded_at", "version") if name in answer}
    for name, value in answer.items():
        if name == "records":
            for each in value:
                record(made, each)
        elif name == "data":
            record(made, single)
        elif name == "masked":
            for each in value:
                put(made, name, each)
        elif name not in single:
            put(made, name, value)
    checker().assertValid(etree.ElementTree(made))
    return wrapped(version, made)


def record(parent: Any, given: dict[str, Any]) -> None:
    """One record with where its values come from."""
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}record")
    put(made, "data", given["data"])
    for system, names in given["source"].items():
        source = etree.SubElement(made, f"{{{NAMESPACE}}}source", system=system)
        for name in names:
            put(source, "field", name)
    put(made, "recorded_at", given["recorded_at"])
    put(made, "version", given["version"])


def put(parent: Any, name: str, value: Any) -> None:
    """A value as an element: nothing is nil, an object its members, a list its items."""
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if value is None:
        made.set(f"{{{XSI}}}nil", "true")
    elif isinstance(value, dict):
        for inner, each in value.items():
            put(made, inner, each)
    elif isinstance(value, list):
        for each in value:
            put(made, "item", each)
    else:
        made.text = str(value).lower() if isinstance(value, bool) else str(value)
