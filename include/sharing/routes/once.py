"""Once only: what of a procedure need not be asked of somebody, with the evidence of each answer, and the form filled in as far as is granted.

The procedure is the purpose of the question. The look is in the audit log before anything is told, like every other; then ``include.once`` judges and
writes its evidence, and nothing is answered without it. Values of the form are told only of fields that an agreement of the caller shows whole, of
whichever record.
"""

from typing import Any

from starlette.routing import Route

from include.clock import now
from include.once.answers import OUTCOMES, REASONS, FormField, Verdict
from include.once.resolve import NotIdentified, Question
from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.datasets import BY_NAME
from include.sharing.grants import Grant
from include.sharing.inputs import Input, fault, identifier, read, text
from include.sharing.operations import MOMENT, TEXT, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.endpoint import endpoint
from include.sharing.service import Asked, Service
from mappings.requirements import catalogue

INPUTS = (
    Input("value", text, {"type": "string", "maxLength": 14}, "Số định danh cá nhân hoặc mã số thuế · Personal number or tax code"),
    Input("agency", text, {"type": "string", "maxLength": 20}, "Cơ quan giải quyết · The agency in charge, its code"),
)


async def handle(service: Service, call: Call, caller: Caller) -> Any:
    """Answers for the procedure that is the purpose."""
    given = read(call.json(), INPUTS)
    try:
        requirement = catalogue().of(call.purpose, now().date())
    except LookupError as error:
        raise Problem("not-covered", str(error.args[0])) from None
    dataset = BY_NAME[requirement.subject]
    kind = "tax_code" if requirement.subject == "enterprise" else "personal_number"
    value = identifier(dataset, kind, given["value"])
    key = next(key for key in dataset.keys if key.name == kind)
    grant = await service.grant(call, caller, dataset, "resolve", value)
    rows, _, _ = await service.rows(call, caller, grant, Asked(dataset, key, value, (), operation="resolve"))
    if rows[0][2] is None:
        raise Problem("not-found")
    try:
        answer = await service.desk.ask(Question(call.purpose, caller.client.id, given["agency"], value, dossier=call.dossier))
    except NotIdentified as error:
        if error.reason == "agency_unknown":
            raise Problem("invalid", "1 lỗi · fault", [fault("agency", str(error))]) from None
        raise Problem("ambiguous" if error.reason == "several" else "not-found", str(error)) from None
    held = [one for name in BY_NAME for one in service.registry.grants(caller.client.id, name, call.purpose) if tells(one, grant)]
    shown = {(one.dataset.name, field) for one in held for field in one.terms.visible}
    filled = [one for one in answer.form if (one.entity, one.field) in shown]
    return {
        "procedure": answer.requirement.procedure,
        "catalogue": answer.catalogue,
        "evidence": str(answer.request),
        "as_of": answer.at.isoformat(),
        "agreement": f"{grant.agreement}/{grant.version}",
        "request_id": call.request_id,
        "components": [component(one) for one in answer.verdicts],
        "form": [form(one) for one in filled],
        "withheld": [one.vi for one in answer.form if one not in filled],
    }


def tells(one: Grant, judged: Grant) -> bool:
    """Whether an agreement lets values be told here: the one the question was judged by, or one of look-ups that nothing narrows further. Of what
    the form is filled in from nobody looked whether it lies in the communes, or is the applicant's own, as another agreement may demand.
    """
    return one is judged or ("lookup" in one.terms.operations and not one.scope and one.terms.dossier != "applicant")


def component(one: Verdict) -> dict[str, Any]:
    """The answer for one component: what stands in for it, or why nothing does."""
    return {
        "code": one.component.code,
        "name": one.component.name,
        "outcome": one.outcome,
        "outcome_text": " · ".join(OUTCOMES[one.outcome]),
        "need_not_be_asked": one.satisfied,
        "proofs": [proof.document() for proof in one.proofs],
        "failed": [{"what": what, "reason": reason, "text": " · ".join(REASONS[reason])} for failed in one.failed for what, reason in failed.reasons],
    }


def form(one: FormField) -> dict[str, Any]:
    """A field filled in, and where its value comes from."""
    as_of = one.as_of.isoformat() if one.as_of else None
    return {
        "label": one.vi, "value": one.value, "entity": one.entity, "field": one.field, "source": one.source, "as_of": as_of,
        "legal_basis": one.legal_basis, "confidence": one.confidence,
    }  # fmt: skip


NULLABLE = {"type": ["string", "null"]}
PROOF = of({"what": TEXT, "entity": TEXT, "id": TEXT, "version": {"type": "integer"}, "source": TEXT, "as_of": NULLABLE, "since": NULLABLE})
COMPONENT = of({
    "code": TEXT, "name": TEXT, "outcome": {"type": "string", "enum": list(OUTCOMES)}, "outcome_text": TEXT, "need_not_be_asked": {"type": "boolean"},
    "proofs": {"type": "array", "items": PROOF},
    "failed": {"type": "array", "items": of({"what": TEXT, "reason": {"type": "string", "enum": list(REASONS)}, "text": TEXT})},
})  # fmt: skip
FIELD = of({"label": TEXT, "value": {}, "entity": TEXT, "field": TEXT, "source": TEXT, "as_of": NULLABLE, "legal_basis": TEXT, "confidence": TEXT})
ANSWER = of({
    "procedure": TEXT, "catalogue": TEXT, "evidence": TEXT, "as_of": MOMENT, "agreement": TEXT, "request_id": TEXT,
    "components": {"type": "array", "items": COMPONENT}, "form": {"type": "array", "items": FIELD}, "withheld": {"type": "array", "items": TEXT},
})  # fmt: skip
ABOUT = Operation(
    "resolveOnceOnly", "once", "Thành phần hồ sơ nào không phải hỏi người dân, doanh nghiệp", "What of a procedure need not be asked", "resolve", "",
    INPUTS, answer=ANSWER, problems=("not-covered", "not-found", "ambiguous"),
)  # fmt: skip
ROUTES = [Route("/v1/once-only/resolve", endpoint(handle, ABOUT), methods=["POST"])]
