"""A job's curves, drawn in the terminal: all of its runs over one another."""

from collections.abc import Callable

import numpy as np
import typer

from babbitt.client.api.training_jobs import Curves, Epoch
from babbitt.client.cli.drawing import curves
from babbitt.client.cli.output import console

ROWS = 8
WIDEST = 100

SERIES: tuple[tuple[str, Callable[[Epoch], float | None]], ...] = (
    ("train loss", lambda one: one.train_loss),
    ("validation loss", lambda one: one.validation_loss),
    ("accuracy", lambda one: one.validation_accuracy),
)


def draw(found: Curves) -> None:
    """Print losses and accuracy, each with its range and where it ended."""
    if not (runs := found.by_run()):
        return
    last = max(run[-1].epoch for run in runs)
    columns = min(console().width, WIDEST) - 1
    for name, value_of in SERIES:
        told = [run for run in runs if value_of(run[-1]) is not None]
        if not told:
            continue
        drawn = [
            (np.array([one.epoch for one in run]), np.array([value_of(one) for one in run], np.float64)) for run in told
        ]
        values = np.concatenate([values for _, values in drawn])
        ends = ", ".join(f"{run[-1].run_name or 'last'} {value_of(run[-1]):.4g}" for run in told)
        typer.echo(f"\n{name}: {values.min():.4g} to {values.max():.4g}; {ends}")
        for line in curves(drawn, columns=columns, rows=ROWS):
            typer.echo(line)
        typer.echo("1" + f"epoch {last}".rjust(columns - 1))
