"""X-Road message protocol for REST: who asks whom stands in path and headers, faults say whose side they are on, answers echo the question.

Source: X-Road "Message Protocol for REST" (pr-rest) and "Service Metadata Protocol for REST" (pr-mrest). Options of an endpoint: ``client``
and ``service`` as ``instance:class:member:subsystem``, ``userid`` the officer's system, ``represented`` an organisation asked for.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import msgspec
import requests

from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Cursor, Endpoint
from connectors.paging import Pager
from connectors.rest import Reader, RestSource
from connectors.transport import Answer, Auth, Patience, Request, Transport, Verdict, plain_http

_TRY_AGAIN = (
    "networkerror",
    "servicefailed",
    "timeout",
    "maintenancemode",
    "outdatedglobalconf",
    "globalconfoutdated",
    "loggingfailed",
    "timestampingfailed",
    "sslauthenticationfailed",
)
_NEVER = ("accessdenied", "unknownservice", "unknownmember", "servicedisabled", "badrequest", "missing", "invalid", "proxyversionnotsupported")
_OURS = ("badrequest", "missing", "invalid")
_UNHASHED = (
    "transfer-encoding",
    "keep-alive",
    "proxy-",
    "te",
    "trailer",
    "upgrade",
    "connection",
    "user-agent",
    "host",
    "content-length",
    "server",
    "expect",
)
_IDENTIFIER = re.compile(r"[\w'()+,.=?-]+", re.ASCII)
LONGEST_URL = 2000


def identifier(endpoint: Endpoint, option: str) -> list[str]:
    """The parts of a subsystem id. Raises SourceRefused when the option is not one."""
    parts = endpoint.option(option).split(":")
    if not 3 <= len(parts) <= 4 or not all(_IDENTIFIER.fullmatch(part) for part in parts):
        raise SourceRefused(f"{endpoint.system}: option {option} is not instance:class:member:subsystem")
    return parts


def address(endpoint: Endpoint, service: str, path: str = "") -> str:
    """``{server}/r1/{instance}/{class}/{member}/{subsystem}/{service}{path}``, each part percent-encoded by itself (pr-rest §4.1)."""
    parts = [quote(part, safe="") for part in [*identifier(endpoint, "service"), service]]
    rest = "/".join(quote(part, safe="") for part in path.strip("/").split("/")) if path else ""
    return f"{endpoint.url}/r1/{'/'.join(parts)}{'/' + rest if rest else ''}"


def headers(endpoint: Endpoint, message_id: str, issue: str = "") -> dict[str, str]:
    """X-Road headers of a call (pr-rest §4.3). ``issue`` is the dossier it is for."""
    options = dict(endpoint.options)
    optional = {"X-Road-UserId": options.get("userid"), "X-Road-Represented-Party": options.get("represented"), "X-Road-Issue": issue}
    return {
        "X-Road-Client": "/".join(quote(part, safe="") for part in identifier(endpoint, "client")),
        "X-Road-Id": message_id,
        "Accept": "application/json",
        **{name: value for name, value in optional.items() if value},
    }


def verdict(answer: Answer) -> None:
    """X-Road's own faults carry ``X-Road-Error``; without it an error is the provider's own (pr-rest §4.6)."""
    code = answer.headers.get("X-Road-Error", "")
    if code:
        raise fault(code)
    plain_http(answer)


def fault(code: str) -> ConnectorError:
    """What a fault code means. Codes come old (``Server.ServerProxy.NetworkError``) and new (``network_error``), and are read alike."""
    flat = code.replace("_", "").lower()
    last = flat.rsplit(".", 1)[-1]
    side = _side(flat)
    told = f"X-Road {code[:120]} ({side})"
    if any(sign in last for sign in _NEVER):
        return RequestRefused(told) if any(sign in last for sign in _OURS) else SourceRefused(told)
    if any(sign in flat for sign in _TRY_AGAIN):
        return SourceUnavailable(told)
    return RequestRefused(told) if flat.startswith("client.") else SourceRefused(told)


def _side(flat: str) -> str:
    if flat.startswith("client."):
        return "our request"
    if flat.startswith(("server.clientproxy", "clientproxy")):
        return "our security server"
    return "their side" if flat.startswith("server.serverproxy") else "either side"


@dataclass(frozen=True, slots=True)
class Echo:
    """What an answer says of the question. ``hash`` is True or False when it says anything of it; stacks may order headers otherwise."""

    request_id: str
    hash: bool | None


def echoed(endpoint: Endpoint, service: str, request: Request, answer: Answer) -> Echo:
    """Raises BadAnswer unless the answer names our message id, our subsystem and the service asked. The hash is compared, not insisted on.

    A provider's own error passes here too: the security server echoes around it.
    """
    given = {name.lower(): value for name, value in answer.headers.items()}
    wanted = {
        "x-road-id": request.headers["X-Road-Id"],
        "x-road-client": request.headers["X-Road-Client"],
        "x-road-service": "/".join(quote(part, safe="") for part in [*identifier(endpoint, "service"), service]),
    }
    for name, value in wanted.items():
        if given.get(name) != value:
            raise BadAnswer(f"the answer's {name} is not that of the question")
    request_id, stated = given.get("x-road-request-id", ""), given.get("x-road-request-hash")
    return Echo(request_id, stated == request_hash(answer.asked, request_id) if stated and answer.asked else None)


def request_hash(sent: requests.PreparedRequest, request_id: str) -> str:
    """``base64(sha512(sha512(head) + sha512(body)))``, or of the head alone when there is no body (pr-rest §4.3), of a request as it went out."""
    shown = [f"{name}:{value}" for name, value in sent.headers.items() if not name.lower().startswith(_UNHASHED)]
    head = "".join(f"{line}\r\n" for line in [sent.method, sent.path_url, *shown, f"X-Road-Request-Id:{request_id}"])
    digest = hashlib.sha512(head.encode()).digest()
    body = sent.body.encode() if isinstance(sent.body, str) else bytes(sent.body or b"")
    return base64.b64encode(hashlib.sha512(digest + hashlib.sha512(body).digest()).digest() if body else digest).decode()


class Xroad:
    """Calls to the services of one subsystem behind our security server."""

    def __init__(self, endpoint: Endpoint, auth: Auth | None = None, patience: Patience | None = None, also: Verdict | None = None) -> None:
        self.endpoint = endpoint
        self.echo = Echo("", None)
        self._also = also
        self.transport = Transport(self._verdict, auth, patience)

    def _verdict(self, answer: Answer) -> None:
        verdict(answer)
        if self._also:
            self._also(answer)

    def request(self, method: str, service: str, path: str = "", issue: str = "", **more: Any) -> Request:
        """A call under a message id of its own, kept when it is tried again. Raises RequestRefused when its address is too long (pr-rest §4.1)."""
        request = Request(method, address(self.endpoint, service, path), **more)
        if len(request.url) + sum(len(name) + len(value) + 2 for name, value in request.params.items()) > LONGEST_URL:
            raise RequestRefused(f"an address of more than {LONGEST_URL} characters: send it in the body")
        return replace(request, headers={**request.headers, **headers(self.endpoint, str(uuid.uuid4()), issue)})

    def send(self, service: str, request: Request) -> Answer:
        """The answer, bound to its question."""
        answer = self.transport.send(request)
        self.echo = echoed(self.endpoint, service, request, answer)
        return answer

    def services(self, allowed: bool = False) -> list[dict[str, Any]]:
        """The subsystem's services, or those we may call: ``listMethods`` and ``allowedMethods`` (pr-mrest §4)."""
        name = "allowedMethods" if allowed else "listMethods"
        answer = self.send(name, self.request("GET", name))
        try:
            return msgspec.json.decode(answer.body, type=_Methods).service
        except msgspec.DecodeError:
            raise BadAnswer(f"{name} is not a list of services") from None

    def openapi(self, service: str) -> bytes:
        """The OpenAPI document of a service, as its owner gave it (``getOpenAPI``, pr-mrest §5)."""
        return self.send("getOpenAPI", self.request("GET", "getOpenAPI", params={"serviceCode": service})).body

    def close(self) -> None:
        """Closes kept connections."""
        self.transport.close()


class _Methods(msgspec.Struct):
    service: list[dict[str, Any]]


class XroadRestSource(RestSource):
    """A dataset behind one X-Road REST service: ``ask`` gives what a call adds to method and address, ``path`` what follows the service code."""

    def __init__(
        self,
        endpoint: Endpoint,
        service: str,
        ask: Callable[[Cursor], Mapping[str, Any]],
        pager: Pager,
        reader: Reader,
        *,
        method: str = "GET",
        path: str = "",
        also: Verdict | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.xroad = Xroad(endpoint, patience=patience, also=also)
        self.service = service
        super().__init__(self.xroad.transport, lambda cursor: self.xroad.request(method, service, path, **ask(cursor)), pager, reader)

    def fetch(self, cursor: Cursor) -> Answer:
        """One call, its answer held against it."""
        return self.xroad.send(self.service, self.asked(cursor))


def may_call(services: Sequence[Mapping[str, Any]], service: str, method: str, path: str) -> bool:
    """Whether ``allowedMethods`` lets us: by service code, and by endpoint where the owner gave rights on endpoints (``*`` stands for one part,
    ``**`` for any rest)."""
    for one in services:
        if one.get("service_code") != service:
            continue
        ends = one.get("endpoint_list") or [{"method": "*", "path": "/**"}]
        if any(end.get("method") in {"*", method} and _fits(str(end.get("path", "")), path) for end in ends):
            return True
    return False


def _fits(pattern: str, path: str) -> bool:
    if ".." in path.split("/"):  # a path that climbs is allowed nowhere
        return False
    expression = "".join(".*" if part == "**" else "[^/]+" if part == "*" else re.escape(part) for part in re.split(r"(\*\*|\*)", pattern))
    return re.fullmatch(expression, path) is not None
