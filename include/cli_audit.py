"""``./hub audit``: for those who check the hub."""

from typing import Annotated

import typer

from include.console import out, show

audit = typer.Typer(no_args_is_help=True, help="The append-only logs of runs, acts and looks at data: whether anything in them was altered.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@audit.command("verify")
def verify(as_json: Json = False) -> None:
    """Reads every log whole; names the first altered entry of each. Ends with 1 when there is one.

    Covered are the reports of runs (with the hashes of what they landed and checked), the acts of people, and looks at data through the sharing
    service. Landed bytes are compared with their hashes whenever they are read; golden records are followed to them by ./hub proof.
    """
    from include.cli import connect
    from include.proof.audit import verify_all

    found = verify_all(connect())
    rows = []
    for log, (size, findings) in found.items():
        rows += [(log, size, "?" if each.position is None else str(each.position), f"{each.vi} · {each.en}") for each in findings]
        rows += [] if findings else [(log, size, "", "nguyên vẹn · sound")]
    show("Nhật ký · Logs", ("log", "entries", "first altered", "verdict"), rows, as_json)
    if any(findings for _, findings in found.values()):
        raise typer.Exit(1)


@audit.command("heads")
def heads() -> None:
    """Signs and prints the head of every log, and the public key they are signed with: keep them where the hub cannot reach."""
    from include.cli import connect
    from include.proof.keys import public_bytes, signing_key
    from include.proof.log import seal
    from include.proof.logs import LOGS

    hub = connect()
    key = signing_key(hub.settings)
    out.print(f"key {public_bytes(key).hex()}\n", soft_wrap=True)
    for log in LOGS:
        out.print(seal(hub, log).signed(key), soft_wrap=True)
