"""The OpenAPI 3.1 document, made from the routes' operations, the datasets and, for a known caller, its agreements in force.

Follows the API Design Rules of Logius (NL): the major version in the server's address and the whole one in a header, problem documents for every
error, 400 for whatever is not valid. Spectral with their rules finds nothing (``tests/include/sharing/test_openapi.py``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.routing import Route

from include.sharing.grants import Grant
from include.sharing.inputs import Input
from include.sharing.operations import HEADERS, JSON, TAGS, Operation, Schema
from include.sharing.problems import KINDS
from include.sharing.schemas import components, ref

VERSION = "1.0.0"
BASE = "/v1"
PROBLEM = "application/problem+json"
CONTACT = {"name": "Sở Khoa học và Công nghệ tỉnh Bắc Ninh", "email": "skhcn@bacninh.gov.vn", "url": "https://bacninh.gov.vn"}
ABOUT = (
    "Cơ quan nhà nước tra cứu dữ liệu của tỉnh theo thỏa thuận chia sẻ; mỗi câu trả lời để lại một dòng nhật ký. Không có số định danh trong địa chỉ."
    " · Agencies ask for the province's data under agreements; every answer leaves an entry in the log. No personal number stands in an address."
)
API_VERSION = {"API-Version": {"description": "Phiên bản đầy đủ · The whole version", "schema": {"type": "string"}, "example": VERSION}}


def operations(routes: Iterable[Route]) -> list[tuple[Route, Operation]]:
    """Every route with its operation."""
    found = []
    for route in routes:
        about = getattr(route.endpoint, "about", None)
        if isinstance(about, Operation):
            found.append((route, about))
    return found


def document(issuer: str, routes: Sequence[Route], grants: Sequence[Grant] | None = None, only: str = "") -> dict[str, Any]:
    """The document. ``grants``: only what they allow, with the fields they grant; ``only``: one operation, by its id."""
    paths: dict[str, dict[str, Any]] = {}
    for route, about in operations(routes):
        if about.same_as or (only and about.id != only) or not allowed(about, grants):
            continue
        method = next(iter(sorted((route.methods or {"GET"}) - {"HEAD"})))
        inside = route.path.startswith(BASE + "/")
        item = paths.setdefault(route.path.removeprefix(BASE) if inside else route.path, {})
        if not inside:
            item["servers"] = [{"url": issuer, "description": "Ngoài phiên bản · Outside the versions"}]
        item[method.lower()] = operation(about, grants)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trục tích hợp dữ liệu Bắc Ninh · Data-integration hub of Bắc Ninh",
            "version": VERSION,
            "description": ABOUT,
            "contact": CONTACT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": issuer + BASE, "description": "Dịch vụ chia sẻ · The sharing service"}],
        "tags": [{"name": name, "description": f"{vi} · {en}"} for name, (vi, en) in TAGS.items()],
        "security": [{"oauth2": []}, {"signature": []}, {"certificate": []}],
        "paths": paths,
        "components": {"schemas": components(), "securitySchemes": schemes(issuer)},
    }


def allowed(about: Operation, grants: Sequence[Grant] | None) -> bool:
    """Whether the agreements allow the operation; without agreements every operation is shown."""
    if grants is None or not about.right:
        return True
    return any(about.right in grant.terms.operations and about.dataset in ("", grant.dataset.name) for grant in grants)


def operation(about: Operation, grants: Sequence[Grant] | None) -> dict[str, Any]:
    """An operation object."""
    made: dict[str, Any] = {
        "operationId": about.id,
        "tags": [about.tag],
        "summary": f"{about.vi} · {about.en}",
        "description": needs(about),
        "parameters": parameters(about),
        "responses": responses(about),
    }
    if about.inputs:
        granted = None if grants is None else granted_fields(about, grants)
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": body(about.inputs, granted)}}}
    if about.form:
        made["requestBody"] = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": about.form}}}
    if about.open:
        made["security"] = []
    return made


def needs(about: Operation) -> str:
    """Who may ask."""
    if about.open:
        return "Không cần xác thực · Open to anybody"
    if not about.right:
        return "Mọi bên gọi đã đăng ký · Any registered caller"
    return f"Thỏa thuận phải cho phép `{about.right}` · The agreement must allow `{about.right}`"


def granted_fields(about: Operation, grants: Sequence[Grant]) -> set[str]:
    """The fields the agreements grant for an operation."""
    return {
        name for grant in grants if about.right in grant.terms.operations and about.dataset in ("", grant.dataset.name) for name in grant.terms.fields
    }


def body(inputs: Sequence[Input], granted: set[str] | None = None) -> Schema:
    """The body: only the members listed. ``granted`` leaves the other fields out of the list to choose from."""
    properties: dict[str, Any] = {}
    for each in inputs:
        schema = dict(each.schema) | {"description": each.about}
        if each.name == "fields" and granted is not None:
            known = each.schema["items"].get("enum", ())
            schema["items"] = {"type": "string", "enum": [name for name in known if name in granted] or sorted(granted)}
        properties[each.name] = schema
    required = [each.name for each in inputs if each.required]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def parameters(about: Operation) -> list[Schema]:
    """Headers and the parts of the address."""
    names = ("Purpose-Of-Use", "Dossier-Id", "Officer-Id", *about.headers) if about.right else about.headers
    found: list[Schema] = []
    for name in dict.fromkeys((*names, *(() if about.open else ("X-Request-Id",)))):
        schema, text, required = HEADERS[name]
        found.append({"name": name, "in": "header", "required": required, "description": text, "schema": schema})
    for place, inputs in (("query", about.query), ("path", about.path)):
        found += [{"name": each.name, "in": place, "required": each.required, "description": each.about, "schema": each.schema} for each in inputs]
    return found


def responses(about: Operation) -> dict[str, Any]:
    """The good answer, and one per status of the problems it can end in."""
    made: dict[str, Any] = {str(about.status): {"description": "Trả lời · The answer", "headers": API_VERSION}}
    if about.answer is not None:
        made[str(about.status)]["content"] = {about.media: {"schema": about.answer}}
    if about.accepted is not None:
        made["202"] = {"description": "Đang làm · Under way", "headers": API_VERSION, "content": {JSON: {"schema": about.accepted}}}
    token = about.form is not None
    for status in sorted({KINDS[name].status for name in about.every_problem}):
        names = [name for name in about.every_problem if KINDS[name].status == status]
        text = "; ".join(f"`{name}`: {KINDS[name].title}" for name in names)
        schema = {"schema": ref("TokenProblem" if token else "Problem")}
        content = {PROBLEM: schema} | ({JSON: schema} if token else {})
        made[str(status)] = {"description": text, "headers": API_VERSION, "content": content}
    return made


def schemes(issuer: str) -> dict[str, Any]:
    """The ways to prove who is calling."""
    return {
        "oauth2": {
            "type": "oauth2",
            "description": "client_credentials với private_key_jwt (ES256 hoặc PS256) · client_credentials with private_key_jwt (ES256 or PS256)",
            "flows": {"clientCredentials": {"tokenUrl": f"{issuer}/oauth2/token", "scopes": {}}},
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Signature",
            "description": "Yêu cầu có chữ ký RFC 9421, kèm Signature-Input · A request signed as in RFC 9421, with Signature-Input beside it",
        },
        "certificate": {"type": "mutualTLS", "description": "Chứng thư phía gọi, kiểm ở nginx · A client certificate, checked by nginx"},
    }
