"""What the state holds of somebody, as SQL: facts of sector databases and digitised papers, each with the span of time it counts in.

Both the resolver (one person, now) and the never-again indicator (everybody, at the moment of filing) read these same statements, over a
relation ``owner(number, subject)``. A holding is
``(number, subject, what, entity, id, version, since, until, status, scope, came_with)``:

* ``what`` is how the catalogue names it: ``fact:marriage``, ``paper:KQ.G15.001193``;
* ``since`` is the moment from which it counts: a day counts from the day after, for nobody knows the hour; null is "cannot be dated";
* ``until`` is the last day; null is without end;
* ``status`` of a paper (only ``approved`` counts), ``scope`` where it counts, ``came_with`` the dossier it was digitised with.
"""

from collections.abc import Iterable

from mappings.canonical import Type, entity
from mappings.requirements import Fact

COLUMNS = "number, subject, what, entity, id, version, since, until, status, scope, came_with"
NATIONAL = "national"


def holdings(facts: Iterable[Fact], *, filled: bool = False) -> str:
    """SQL for the holdings of every ``owner``. ``filled`` adds ``provenance`` and ``fills``, the values forms are filled in with."""
    parts = [_fact(fact, owner, filled) for fact in facts for owner in fact.owners]
    return "\nUNION ALL\n".join([*parts, _papers(filled)])


def _fact(fact: Fact, owner: str, filled: bool) -> str:
    conditions = [f"g.{name} IN ({', '.join(map(_quoted, values))})" for name, values in fact.where]
    more = f", g.provenance, jsonb_build_object({', '.join(f'{_quoted(name)}, g.{name}' for name in fact.fills)}) AS fills" if filled else ""
    return (
        f"SELECT o.number, o.subject, {_quoted(fact.what)}::text AS what, '{fact.entity}'::text AS entity, g.id, g.version, {_since(fact)} AS since,"
        f" {_until(fact)} AS until, 'approved'::text AS status, '{NATIONAL}'::text AS scope, NULL::text AS came_with{more}"
        f" FROM owner o JOIN golden.{fact.entity} g ON g.{owner} = o.number"
        f" WHERE o.subject = '{fact.subject}'" + "".join(f" AND {each}" for each in conditions)
    )


def _papers(filled: bool) -> str:
    more = ", g.provenance, '{}'::jsonb AS fills" if filled else ""
    return (
        "SELECT o.number, o.subject, 'paper:' || g.paper_type AS what, 'paper' AS entity, g.id, g.version, g.digitised_at AS since,"
        f" g.valid_to AS until, g.status, g.scope, g.dossier_code AS came_with{more} FROM owner o JOIN golden.paper g ON g.owner_number = o.number"
    )


def _since(fact: Fact) -> str:
    kind = entity(fact.entity).field(fact.since).type
    day = f"g.{fact.since}" if kind is Type.DATE else _last_day(f"g.{fact.since}")
    moment = f"g.{fact.since}" if kind is Type.MOMENT else f"({day} + 1)::timestamptz"
    if fact.not_before is None:
        return moment
    return f"CASE WHEN g.{fact.since} IS NOT NULL THEN greatest({moment}, '{fact.not_before}'::timestamptz) END"


def _until(fact: Fact) -> str:
    if not fact.until:
        return "NULL::date"
    kind = entity(fact.entity).field(fact.until).type
    return f"rpad(g.{fact.until}, 10, '-01')::date" if kind is Type.PARTIAL_DATE else f"g.{fact.until}::date"


def _last_day(partial: str) -> str:
    """The last day a partial date can mean: ``1990-05`` is 31 May 1990."""
    return (
        f"CASE length({partial}) WHEN 10 THEN {partial}::date WHEN 7 THEN (({partial} || '-01')::date + interval '1 month')::date - 1"
        f" WHEN 4 THEN ({partial} || '-12-31')::date END"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def in_scope(scope: str, agency: str) -> str:
    """SQL: whether a paper of that scope counts at the agency; one that does not say where counts nowhere."""
    return f"coalesce({scope} = '{NATIONAL}' OR {agency} = {scope} OR starts_with({agency}, {scope} || '.'), false)"
