"""Parameters that several commands take, checked before anything is done: a name that does not exist is a mistake, not an empty answer."""

from collections.abc import Iterable
from typing import Annotated

import typer

MOST = 40
"""Names told of those there are."""


def there_is(value: str, names: Iterable[str], where: str = "") -> str:
    """The value, when it is empty or one of the names. Raises BadParameter, a usage error, that tells what there is."""
    known = sorted(names)
    if not value or value in known:
        return value
    more = " …" if len(known) > MOST else ""
    told = f"{', '.join(known[:MOST])}{more}" or "không có gì · nothing"
    raise typer.BadParameter(f"không có {value!r}, chỉ có · there is no {value!r}, there are: {told}{where and f' ({where})'}")


def flow(value: str) -> str:
    """The id of a flow."""
    from include.flows import FLOWS

    return there_is(value, (each.id for each in FLOWS))


def code(value: str) -> str:
    """A reason code."""
    from quality.issues import CATALOGUE

    return there_is(value, CATALOGUE)


Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="0: any free one.")]
FlowId = Annotated[str, typer.Argument(help="A flow of ./hub flows.", callback=flow)]
OneFlow = Annotated[str, typer.Argument(help="Only this flow.", callback=flow)]
