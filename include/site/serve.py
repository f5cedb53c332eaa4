"""The site as a process of its own."""

from typing import Annotated

import typer

from include.console import out

site = typer.Typer(help="The auditors' site.")


@site.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen; put a TLS proxy before anything but this machine.")] = "127.0.0.1",
    port: int = 8600,
    https: Annotated[bool, typer.Option(help="Behind TLS: cookies never travel without it.")] = False,
) -> None:
    """Serves the site until it is interrupted."""
    if context.invoked_subcommand:
        return
    import uvicorn

    from include.cli import connect
    from include.site.app import create
    from include.unexpected import Placed

    out.print(f"http://{host}:{port}")
    uvicorn.run(Placed(create(connect(), https=https)), host=host, port=port, log_level="warning", server_header=False)


@site.command("account")
def account(
    name: str,
    role: Annotated[str, typer.Option(help="auditor, staff or agency.")] = "auditor",
    agency: Annotated[str, typer.Option(help="Whose sources an agency's account sees, such as so-tu-phap.")] = "",
) -> None:
    """Adds an account, or gives it a new password; prints the password, which is kept nowhere."""
    from include.settings import Settings
    from include.site.accounts import Role, add

    out.print(add(Settings.read(), name, Role(role), agency), soft_wrap=True)
