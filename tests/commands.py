"""The command line, in this process, on a hub of a test."""

import re

from typer.testing import CliRunner

from include.cli import app
from include.hub import Hub


def said(hub: Hub, *arguments: str) -> tuple[int, str]:
    """Exit code and output of ``./hub`` with the arguments; the environment says where the hub is, as for anybody."""
    done = CliRunner(env=hub.settings.environment).invoke(app, list(arguments), terminal_width=250)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def in_a_line(hub: Hub, *arguments: str) -> tuple[int, str]:
    """The same without the frames that are drawn around it."""
    code, told = said(hub, *arguments)
    return code, re.sub(r"[\s│]+", " ", told)
