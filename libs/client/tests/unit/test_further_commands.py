from typer.testing import CliRunner

from babbitt.client.cli import app, further_commands


def run(*arguments):
    return CliRunner().invoke(app, arguments, env={"NO_COLOR": "1", "COLUMNS": "200"})


def test_a_command_that_another_distribution_brings_is_listed_and_run():
    assert "fleet" in run("--help").stdout
    helped = run("fleet", "simulate", "--help")
    assert helped.exit_code == 0
    assert "--machines" in helped.stdout


def test_where_its_distribution_is_absent_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(further_commands, "entry_points", lambda group: ())
    missing = run("fleet", "simulate")
    assert missing.exit_code == 2
    assert "fleet comes with babbitt-signals" in missing.stderr
    assert "fleet" not in run("--help").stdout
    assert "No such command 'flet'" in run("flet").stderr
