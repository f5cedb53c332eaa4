"""An agency's own page: its agreements, what it used, what was refused and why, keys and certificates, and a form to try look-ups with."""

from typing import Any

import msgspec
from starlette.routing import Route

from include.sharing import links
from include.sharing.auth.caller import Caller
from include.sharing.call import WORD, Call, Headers, parameters
from include.sharing.datasets import BY_NAME, DATASETS
from include.sharing.operations import TEXT, Operation, of
from include.sharing.pages import page
from include.sharing.problems import KINDS, Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.doors import door
from include.sharing.routes.endpoint import Endpoint, endpoint
from include.sharing.routes.records import lookup
from include.sharing.service import Service
from include.sharing.terms import DOSSIER_RULES, OPERATIONS
from include.sharing.terms import read as terms_of

VERSIONS = """SELECT v.agreement, v.version, a.dataset, v.state, v.terms::text AS terms, v.due_on, v.reason FROM hub.agreement_version v
JOIN hub.agreement a ON a.id = v.agreement WHERE a.client = $1 ORDER BY v.state = 'active' DESC, v.agreement, v.version DESC LIMIT 50"""
USED = """SELECT (hour AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, u.agreement, sum(answered)::bigint AS answered, sum(refused)::bigint AS refused
FROM hub.usage_hour u JOIN hub.agreement a ON a.id = u.agreement WHERE a.client = $1 AND hour > now() - interval '14 days'
GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT 100"""
REFUSED = """SELECT outcome, operation, dataset, count(*) AS times, max(at) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS latest FROM hub.access
WHERE client = $1 AND outcome >= 400 AND at > now() - interval '7 days' GROUP BY 1, 2, 3 ORDER BY times DESC LIMIT 30"""
KEYS = "SELECT kid, not_after, revoked_at FROM hub.client_key WHERE client = $1 ORDER BY revoked_at NULLS FIRST, kid"
CERTIFICATES = "SELECT subject, thumbprint, not_after, revoked_at FROM hub.client_certificate WHERE client = $1 ORDER BY not_after DESC"
HOOKS = "SELECT w.url, w.state, w.last_status FROM hub.webhook w JOIN hub.agreement a ON a.id = w.agreement WHERE a.client = $1"
STATES = {
    "requested": ("chờ chủ dữ liệu trả lời", "waiting for the owner's answer"),
    "approved": ("đã đồng ý", "approved"),
    "signed": ("đã ký", "signed"),
    "active": ("đang hiệu lực", "in force"),
    "refused": ("bị từ chối", "refused"),
    "revoked": ("đã thu hồi", "revoked"),
    "expired": ("đã hết hạn", "expired"),
    "superseded": ("đã thay bằng bản mới", "superseded"),
}
ASKING = {dataset.name: lookup(dataset) for dataset in DATASETS}


async def ask(service: Service, _: Call, caller: Caller) -> Answer:
    """A link for an officer of the agency, who has logged in at its own system."""
    return Answer({"url": links.link(service.master, service.tokens.issuer, "agency", caller.client.id)}, 201)


async def shown(service: Service, call: Call) -> Answer:
    """The page."""
    return await made(service, call, {})


async def made(service: Service, call: Call, tried: dict[str, Any]) -> Answer:
    """The page, with what a trial answered."""
    try:
        given = links.session(service, "agency", call)
        client = links.caller(service, given).client
    except Problem as problem:
        return page(call, "door.html", problem.status, text=problem.detail)
    found = {
        name: await service.pool.fetch(query, client.id)
        for name, query in (
            ("versions", VERSIONS),
            ("used", USED),
            ("refused", REFUSED),
            ("keys", KEYS),
            ("certificates", CERTIFICATES),
            ("hooks", HOOKS),
        )
    }
    agreements = [(row, terms_of(msgspec.json.decode(row["terms"])), BY_NAME[row["dataset"]].entity) for row in found.pop("versions")]
    mine = {grant.dataset.name: grant for grant in service.registry.held_by(client.id) if "lookup" in grant.terms.operations}
    return page(
        call, "agency.html", client=client, agreements=agreements, states=STATES, operations=OPERATIONS, rules=DOSSIER_RULES, tried=tried,
        csrf=links.token(service, given), mine=mine, today=service.registry.today, kinds=KINDS, issuer=service.tokens.issuer, **found,
    )  # fmt: skip


async def attempt(service: Service, call: Call) -> Answer:
    """A look-up from the form, for accounts of the sandbox: through the same door as any other, audit row included."""
    try:
        given = links.session(service, "agency", call)
        caller = links.caller(service, given)
        form = parameters(call.body.decode("utf-8", "replace"))
    except Problem as problem:
        return page(call, "door.html", problem.status, text=problem.detail)
    if form.get("csrf") != links.token(service, given) or not caller.client.sandbox:
        return page(
            call, "door.html", 403, text="biểu mẫu đã hết hạn, hoặc đây không phải tài khoản thử nghiệm · the form is over, or no trial account"
        )
    answer = await answered(service, caller, form, call.request_id)
    return await made(service, call, form | {"answer": msgspec.json.format(answer).decode()})


async def answered(service: Service, caller: Caller, form: dict[str, str], request_id: str) -> bytes:
    """What the service says to the form's question: an answer or a problem."""
    grant = next((each for each in service.registry.held_by(caller.client.id) if each.dataset.name == form.get("dataset")), None)
    if grant is None:
        return Problem("not-granted").body(request_id)
    body = {"type": form.get("type", ""), "value": form.get("value", ""), "fields": list(grant.terms.fields)}
    asked = Call(
        "POST", "/agency/try", "/agency/try", {}, Headers({b"content-type": b"application/json"}), msgspec.json.encode(body), request_id,
        purpose=grant.terms.purposes[0], dossier=form.get("dossier", ""), officer="thu-nghiem",
    )  # fmt: skip
    if asked.dossier and not WORD.fullmatch(asked.dossier):
        return Problem("invalid", "Dossier-Id").body(request_id)
    try:
        return msgspec.json.encode(await ASKING[grant.dataset.name](service, asked, caller))
    except Problem as problem:
        return problem.body(request_id)


ABOUT = Operation(
    "linkAgencyPage",
    "metadata",
    "Liên kết một lần tới trang của cơ quan",
    "A one-time link to the agency's own page",
    answer=of({"url": TEXT}),
    status=201,
)
PAGE = Operation("agencyPage", "", "", "", open=True, same_as="linkAgencyPage")
ROUTES = [
    Route("/v1/agency-page-links", endpoint(ask, ABOUT), methods=["POST"]),
    Route("/agency", Endpoint(shown, PAGE), methods=["GET"]),
    Route("/agency/try", Endpoint(attempt, PAGE), methods=["POST"]),
    Route("/agency/{link}", Endpoint(door("agency"), PAGE), methods=["GET"]),
]
