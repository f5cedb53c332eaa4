"""The token endpoint, in the forms of RFC 6749: a form in, JSON out, errors in OAuth's own words."""

from starlette.routing import Route

from include.clock import now
from include.sharing.auth import assertions, certificates
from include.sharing.auth.tokens import LIFE
from include.sharing.call import Call, parameters
from include.sharing.openapi import PROBLEM
from include.sharing.operations import JSON, TEXT, WHOLE, Operation, of
from include.sharing.problems import KINDS, Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.endpoint import Endpoint
from include.sharing.service import Service

WORDS = {400: "invalid_request", 401: "invalid_client", 503: "temporarily_unavailable"}


async def token(service: Service, call: Call) -> Answer:
    """An access token for a client's assertion."""
    if call.media_type != "application/x-www-form-urlencoded":
        raise Problem("media-type", "application/x-www-form-urlencoded")
    form = {name: value for name, value in parameters(call.body.decode("ascii", "replace")).items() if value}
    thumbprint = certificates.thumbprint_of(call.headers, service.doorman.proxy)
    bearer = await assertions.bearer_of(form, service.registry.sight(), service.tokens, service.pool, now(), thumbprint)
    return Answer({"access_token": service.tokens.issue(bearer), "token_type": "Bearer", "expires_in": LIFE})


def refused(problem: Problem, request_id: str, headers: dict[bytes, bytes]) -> Answer:
    """The problem in OAuth's words, RFC 9457's beside them; as application/json, the type RFC 6749 asks for, unless the caller wants the other."""
    words = {"error": WORDS.get(problem.status, "invalid_request"), "error_description": problem.detail or KINDS[problem.kind].title}
    media = PROBLEM if b"problem+json" in headers.get(b"accept", b"") else JSON
    return Answer(words | problem.document(request_id), problem.status, problem.headers(), media)


FORM = of(
    {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "client_assertion_type": {"type": "string", "enum": [assertions.TYPE]},
        "client_assertion": {"type": "string", "maxLength": assertions.LARGEST, "description": "JWT (RFC 7523), ES256 / PS256, ≤ 300 s, jti"},
        "client_id": TEXT,
        "purpose": {"type": "string", "description": "Chỉ dùng cho mục đích này · Good for this purpose only"},
        "dossier": {"type": "string", "description": "Chỉ dùng cho hồ sơ này · Good for this dossier only"},
    },
    "client_id",
    "purpose",
    "dossier",
)
ISSUED = of({"access_token": TEXT, "token_type": {"type": "string", "enum": ["Bearer"]}, "expires_in": WHOLE})
ABOUT = Operation(
    "issueToken", "access", "Lấy mã truy cập", "Get an access token", form=FORM, answer=ISSUED,
    problems=("unauthenticated", "media-type", "too-large"), open=True,
)  # fmt: skip
ROUTES = [Route("/oauth2/token", Endpoint(token, ABOUT, refuse=refused), methods=["POST"])]
