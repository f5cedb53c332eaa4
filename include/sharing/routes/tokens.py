"""The token endpoint, in the forms of RFC 6749: a form in, JSON out, errors in OAuth's own words."""

from urllib.parse import parse_qsl

from starlette.routing import Route

from include.clock import now
from include.sharing.auth import assertions, certificates
from include.sharing.auth.tokens import LIFE
from include.sharing.call import Call
from include.sharing.problems import Problem
from include.sharing.routes.endpoint import Answer, Endpoint
from include.sharing.service import Service

WORDS = {400: "invalid_request", 401: "invalid_client", 503: "temporarily_unavailable"}


async def token(service: Service, call: Call) -> Answer:
    """An access token for a client's assertion."""
    if call.media_type != "application/x-www-form-urlencoded":
        raise Problem("media-type", "application/x-www-form-urlencoded")
    pairs = parse_qsl(call.body.decode("ascii", "replace"), max_num_fields=20)
    form = dict(pairs)
    if len(form) != len(pairs):
        return refusal(Problem("ambiguous-request", "tham số lặp lại · a parameter comes twice"))
    try:
        thumbprint = certificates.thumbprint_of(call.headers, service.doorman.proxy)
        bearer = await assertions.bearer_of(form, service.registry.sight(), service.tokens, service.pool, now(), thumbprint)
    except Problem as problem:
        return refusal(problem)
    made = {"access_token": service.tokens.issue(bearer), "token_type": "Bearer", "expires_in": LIFE}
    return Answer(made)


def refusal(problem: Problem) -> Answer:
    """The problem in OAuth's words."""
    words = {"error": WORDS.get(problem.status, "invalid_request"), "error_description": problem.detail}
    return Answer(words, problem.status, problem.headers())


ROUTES = [Route("/oauth2/token", Endpoint(token), methods=["POST"])]
