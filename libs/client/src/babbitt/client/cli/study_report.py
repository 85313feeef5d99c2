"""What a tuning came to, for people."""

import math

import typer

from babbitt.client.api.studies import Study
from babbitt.client.cli.output import Column, cell, print_list
from babbitt.contracts.study_reports import TrialReport

TRIALS: tuple[Column[TrialReport], ...] = (
    Column("trial", lambda one: one.number, right=True),
    Column("state", lambda one: one.state),
    Column("validation loss", lambda one: one.validation_loss, right=True),
    Column("epochs", lambda one: len(one.validation_losses), right=True),
    Column("settings", lambda one: ", ".join(f"{name}={cell(value)}" for name, value in one.settings.items())),
)


def print_study(told: Study) -> None:
    """Print its trials, the best first."""
    rows = sorted(told.trials, key=_place)
    print_list(rows, TRIALS, as_json=False)
    typer.echo("")
    for name, share in sorted(told.importance.items(), key=lambda one: -one[1]):
        typer.echo(f"{name} explains {share:.0%} of the variation of the losses")
    typer.echo(f"job {told.job} trained trial {told.best_trial} once more")


def _place(trial: TrialReport) -> tuple[bool, float]:
    return trial.state != "completed", math.inf if trial.validation_loss is None else trial.validation_loss
