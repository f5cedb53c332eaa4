"""The site as a process of its own."""

from typing import Annotated, Literal

import typer

from include.cli_params import Port
from include.console import out

site = typer.Typer(help="The auditors' site.")


@site.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen; put a TLS proxy before anything but this machine.")] = "127.0.0.1",
    port: Port = 8600,
    https: Annotated[bool, typer.Option(help="Behind TLS: cookies never travel without it.")] = False,
) -> None:
    """Serves the site until it is interrupted."""
    if context.invoked_subcommand:
        return
    import uvicorn

    from include.cli import connect
    from include.sharing.server import listen
    from include.site.app import create
    from include.unexpected import Placed

    listener = listen(host, port)
    app = Placed(create(connect(), https=https))
    out.print(f"http://{host}:{listener.getsockname()[1]}")
    uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[listener])


@site.command("account")
def account(
    name: str,
    role: Annotated[Literal["auditor", "staff", "agency"], typer.Option(help="What it may see and do.")] = "auditor",
    agency: Annotated[str, typer.Option(help="Whose sources an agency's account sees, such as so-tu-phap.")] = "",
) -> None:
    """Adds an account, or gives it a new password; prints the password, which is kept nowhere."""
    from include.settings import Settings
    from include.site.accounts import Role, add

    out.print(add(Settings.read(), name, Role(role), agency), soft_wrap=True)
