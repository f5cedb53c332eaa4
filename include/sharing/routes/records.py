"""Look-up, verify and search: questions about records, by POST, so that no personal number stands in a URL."""

from functools import lru_cache
from typing import Any

import msgspec
from starlette.routing import Route

from include.sharing import statements
from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.datasets import BY_NAME, DATASETS, Dataset
from include.sharing.grants import MOST_PLANS
from include.sharing.inputs import LONGEST, Input, birth, commune, fault, fields_of, identifier, lookup_inputs, read, text
from include.sharing.operations import TEXT, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.endpoint import Handler, endpoint
from include.sharing.schemas import camel, lower, ref
from include.sharing.service import Asked, Service
from mappings.keys import name_key

PERSONS = BY_NAME["person"]
NAME = Input("full_name", text, {"type": "string", "minLength": 1, "maxLength": 200}, "Họ và tên · Full name")
BORN = {"type": "string", "format": "partial-date", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
VERIFY = (
    Input("personal_number", text, {"type": "string", "pattern": "^[0-9]{12}$"}, "Số định danh cá nhân · Personal number"),
    NAME,
    Input("birth_date", birth, BORN, "Ngày sinh · Date of birth"),
)
SEARCH = (
    NAME,
    Input("birth_date", birth, BORN, "Ngày sinh; chỉ năm thì cần thêm xã · Date of birth; a mere year needs the commune"),
    Input("commune_code", commune, {"type": "string", "pattern": "^[0-9]{5}$"}, "Mã xã/phường · Commune", required=False),
    fields_of(PERSONS),
)
inputs_of = lru_cache(lookup_inputs)


class Usual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of nearly every look-up, read in one step. Any other is read member by member, which tells all that is wrong with it."""

    type: str
    value: str
    fields: tuple[str, ...]


USUAL = msgspec.json.Decoder(Usual)


def usual(call: Call) -> Usual | None:
    """The body, when it is of that kind."""
    if call.headers.raw.get(b"content-type") != b"application/json":
        return None
    try:
        return USUAL.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def lookup(dataset: Dataset) -> Handler:
    """The look-up of a dataset."""
    inputs, keys = inputs_of(dataset), {key.name: key for key in dataset.keys}
    sound: set[tuple[str, ...]] = set()

    async def handle(service: Service, call: Call, caller: Caller) -> Any:
        body = usual(call)
        if body is None or body.fields not in sound or body.type not in keys or not 0 < len(body.value) <= LONGEST or not body.value.isascii():
            given = read(call.json(), inputs)
            body = Usual(given["type"], given["value"], given["fields"])
            if len(sound) < MOST_PLANS:
                sound.add(body.fields)
            as_of = given["as_of"] or ""
        else:
            as_of = ""
        value = identifier(dataset, body.type, body.value)
        if as_of and keys[body.type].many:
            told = "chỉ dùng với số định danh của chính bản ghi · only with an identifier of the record itself"
            raise Problem("invalid", "1 lỗi · fault", [fault("as_of", told)])
        return await service.ask(call, caller, Asked(dataset, keys[body.type], value, body.fields, as_of=as_of))

    return handle


async def verify(service: Service, call: Call, caller: Caller) -> Any:
    """Whether number, name and birth date agree: yes or no, never which of them does not."""
    given = read(call.json(), VERIFY)
    value = identifier(PERSONS, "personal_number", given["personal_number"])
    asked = Asked(PERSONS, PERSONS.keys[0], value, (), operation="verify")
    grant = await service.grant(call, caller, PERSONS, "verify", value)
    rows, _, statement = await service.rows(call, caller, grant, asked)
    name, born = (rows[0][statement.columns[field]] for field in ("full_name", "birth_date"))
    same = bool(name) and name_key(name) == name_key(given["full_name"]) and born == given["birth_date"]
    if not same:
        service.limits.guessed(grant, value)
    return {"match": same, "agreement": f"{grant.agreement}/{grant.version}", "request_id": call.request_id}


async def search(service: Service, call: Call, caller: Caller) -> Any:
    """Persons of a name and birth date. Too many are not counted, only refused."""
    given = read(call.json(), SEARCH)
    if len(given["birth_date"]) < 10 and not given["commune_code"]:
        errors = [fault("birth_date", "cần đủ ngày sinh, hoặc thêm xã · the whole birth date is needed, or the commune too")]
        raise Problem("invalid", "1 lỗi · fault", errors)
    if len(name_key(given["full_name"]).split(" ")) < 2:
        raise Problem("invalid", "1 lỗi · fault", [fault("full_name", "cần họ và tên · surname and given name are needed")])
    return await service.ask(
        call,
        caller,
        Asked(
            PERSONS,
            statements.SEARCH,
            name_key(given["full_name"]),
            given["fields"],
            "search",
            extra=given["birth_date"],
            place=given["commune_code"] or "",
        ),
    )


VERIFIED = of({"match": {"type": "boolean"}, "agreement": TEXT, "request_id": TEXT})


def about_lookup(dataset: Dataset) -> Operation:
    """The look-up of a dataset as described."""
    name = camel(dataset.path)
    return Operation(
        f"lookup{name}", "records", f"Tra cứu {lower(dataset.entity.vi)}", f"Look up {lower(dataset.entity.en)}", "lookup", dataset.name,
        inputs_of(dataset), answer=ref(f"{camel(dataset.name)}Answer"), problems=("fields-not-granted", "not-found", "ambiguous", "narrow"),
    )  # fmt: skip


ABOUT_VERIFY = Operation(
    "verifyPerson", "records", "Xác thực số, họ tên, ngày sinh: có hoặc không", "Whether number, name and birth date agree: yes or no", "verify",
    "person", VERIFY, answer=VERIFIED,
)  # fmt: skip
ABOUT_SEARCH = Operation(
    "searchPersons", "records", "Tìm người theo họ tên và ngày sinh", "Search persons by name and birth date", "search", "person", SEARCH,
    answer=ref("PersonAnswer"), problems=("fields-not-granted", "narrow"),
)  # fmt: skip
ROUTES = [
    *(Route(f"/v1/{each.path}/lookup", endpoint(lookup(each), about_lookup(each)), methods=["POST"]) for each in DATASETS),
    Route("/v1/persons/verify", endpoint(verify, ABOUT_VERIFY), methods=["POST"]),
    Route("/v1/persons/search", endpoint(search, ABOUT_SEARCH), methods=["POST"]),
]
