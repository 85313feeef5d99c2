from typing import cast

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from babbitt.native.cli import app


@pytest.mark.parametrize("command", sorted(cast(TyperGroup, get_command(app)).commands))
def test_every_command_has_help(command):
    said = CliRunner().invoke(app, [command, "--help"])
    assert said.exit_code == 0, said.output
    assert f" {command} " in said.output
    assert "Usage:" in said.output
