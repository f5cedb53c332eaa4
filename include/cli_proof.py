"""``./hub proof``: packs that a single-file verifier accepts."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from include.console import out

proof = typer.Typer(no_args_is_help=True, help="Proof packs: what came, what was checked, what was decided, and that the record of it was signed.")
Out = Annotated[Path, typer.Option("--out", help="Where to write the ZIP.")]
Why = Annotated[str, typer.Option(help="Why; the pack holds personal data, and the log keeps the reason.")]
HERE = Path("proof.zip")


def write(pack: bytes, path: Path) -> None:
    """Writes the pack and says how to verify it."""
    path.write_bytes(pack)
    out.print(f"{path} · {len(pack):,} bytes · python3 include/proof/verify.py {path}", soft_wrap=True)


@proof.command("run")
def of_run(flow: str, run: str, path: Out = HERE) -> None:
    """The proof of a run: its report and the results of its checks. No personal data."""
    from include.cli import connect
    from include.proof import pack

    write(pack.of_run(connect(), getpass.getuser(), flow, run), path)


@proof.command("row")
def of_row(number: int, why: Why, path: Out = HERE) -> None:
    """The proof of a row put aside, with its landed bytes."""
    from include.cli import connect
    from include.proof import pack

    write(pack.of_row(connect(), getpass.getuser(), number, why), path)


@proof.command("record")
def of_record(flow: str, key: str, why: Why, path: Out = HERE) -> None:
    """The proof of a record taken, with its landed bytes."""
    from include.cli import connect
    from include.proof import pack

    write(pack.of_record(connect(), getpass.getuser(), flow, key, why), path)


@proof.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    key: Annotated[str, typer.Option(help="The province's public key, hex; without it the pack's own.")] = "",
) -> None:
    """Verifies a pack, as include/proof/verify.py does without the hub."""
    from include.proof import verify as verifier

    try:
        told = verifier.verify(path.read_bytes(), bytes.fromhex(key) or None)
    except verifier.Refused as refused:
        out.print(f"[red]KHÔNG HỢP LỆ · REFUSED[/red]: {refused}")
        raise typer.Exit(1) from None
    out.print("[green]HỢP LỆ · SOUND[/green]\n" + "\n".join(told), soft_wrap=True)
