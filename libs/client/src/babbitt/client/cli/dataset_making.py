"""Asks for a dataset and, where that is wanted, waits for it with a bar."""

from collections.abc import Iterable
from typing import Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from babbitt.client.cli.dataset_columns import DETAILS, why
from babbitt.client.cli.exit_codes import ENDED_BADLY
from babbitt.client.cli.output import console, print_one
from babbitt.client.clients import Babbitt
from babbitt.client.events import StreamedEvent
from babbitt.contracts.datasets import DatasetConfiguration, DatasetProgressed
from babbitt.contracts.errors import field_problems
from babbitt.contracts.topics import DATASETS_EVENTS

HELD_S = 20.0
"""How long one answer is held at most; then it is asked for again."""


def configuration(source: dict[str, Any], split: dict[str, Any]) -> DatasetConfiguration:
    """What a dataset is made of.

    Raises:
        typer.BadParameter: naming the first wrong field and what is accepted.
    """
    content = {"source": source, "split": split}
    try:
        return DatasetConfiguration.model_validate(content)
    except ValidationError as error:
        wrong = field_problems(error, content)[0]
        raise typer.BadParameter(f"{wrong.pointer}: {wrong.detail}") from error


def make(babbitt: Babbitt, wanted: DatasetConfiguration, label: str | None, *, wait: bool, as_json: bool) -> None:
    """Ask for a dataset and print what became of it.

    Raises:
        typer.Exit: it was waited for and came to nothing.
    """
    if not wait:
        print_one(babbitt.create_dataset(wanted, label=label), DETAILS, as_json=as_json)
        return
    # The stream first: whatever is said of the dataset after it was asked for is in it.
    with babbitt.events(topics=[DATASETS_EVENTS.name], subject=wanted.dataset_id()) as events:
        dataset = babbitt.create_dataset(wanted, label=label)
        if dataset.in_progress:
            _show_until_it_ends(events)
    while dataset.in_progress:
        dataset = babbitt.dataset(dataset.id, wait_s=HELD_S)
    print_one(dataset, DETAILS, as_json=as_json)
    if dataset.state != "ready":
        typer.echo(f"babbitt: the dataset is {dataset.state}: {why(dataset) or ''}".rstrip(": "), err=True)
        raise typer.Exit(ENDED_BADLY)


def _show_until_it_ends(events: Iterable[StreamedEvent]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("making shards", total=None)
        for event in events:
            match event.message:
                case DatasetProgressed() as said:
                    bar.update(task, completed=said.shards_done, total=said.shards)
                case None:
                    pass  # of a later version, or the stream's own
                case _:
                    return
