"""Asks for a dataset and, where that is wanted, waits for it with a bar."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from babbitt.client.api.datasets import Dataset
from babbitt.client.cli.dataset_columns import DETAILS, LISTED, why
from babbitt.client.cli.exit_codes import ENDED_BADLY
from babbitt.client.cli.output import console, print_list, print_one
from babbitt.client.clients import Babbitt
from babbitt.client.events import StreamedEvent
from babbitt.contracts.datasets import DatasetConfiguration, DatasetProgressed
from babbitt.contracts.errors import field_problems
from babbitt.contracts.series import leave_one_group_out
from babbitt.contracts.topics import DATASETS_EVENTS

LEAVE_ONE_GROUP_OUT = "leave-one-group-out"

HELD_S = 20.0
"""How long one answer is held at most; then it is asked for again."""


def configuration(
    source: dict[str, Any], split: dict[str, Any], accepted_leakage: str | None = None
) -> DatasetConfiguration:
    """What a dataset is made of.

    Raises:
        typer.BadParameter: naming the first wrong field and what is accepted.
    """
    content = {"source": source, "split": split, "accepted_leakage": accepted_leakage}
    try:
        return DatasetConfiguration.model_validate(content)
    except ValidationError as error:
        wrong = field_problems(error, content)[0]
        raise typer.BadParameter(f"{wrong.pointer}: {wrong.detail}") from error


def split_of(kind: str, validation: float, test: float, hold_out: Sequence[str] | None) -> dict[str, Any]:
    """The split that the options ask for, of a series what its datasets have in common.

    Raises:
        typer.BadParameter: groups are named, and each in its turn is asked for.
    """
    in_series = kind == LEAVE_ONE_GROUP_OUT
    if in_series and hold_out:
        raise typer.BadParameter(f"--hold-out goes with --split group: --split {kind} holds out each group in its turn")
    return {"kind": "group" if in_series else kind, "validation": validation, "test": test, "held_out": hold_out or ()}


def make(babbitt: Babbitt, wanted: DatasetConfiguration, label: str | None, *, wait: bool, as_json: bool) -> None:
    """Ask for a dataset and print what became of it.

    Raises:
        typer.Exit: it was waited for and came to nothing.
    """
    if not wait:
        print_one(babbitt.create_dataset(wanted, label=label), DETAILS, as_json=as_json)
        return
    dataset = _made(babbitt, wanted, label)
    print_one(dataset, DETAILS, as_json=as_json)
    _end_badly_unless_ready([dataset])


def make_series(
    babbitt: Babbitt,
    wanted: DatasetConfiguration,
    groups: Mapping[str, AbstractSet[str]],
    label: str | None,
    *,
    wait: bool,
    as_json: bool,
) -> None:
    """Ask for a dataset for each group that can be held out, and print what became of them.

    Those that were asked for are printed, too, when the gateway refuses the next, or the waiting breaks off.

    Args:
        babbitt: where to ask.
        wanted: what they have in common.
        groups: the classes of each group.
        label: a name for people; the group that is held out is added.
        wait: whether to wait for all of them.
        as_json: as a JSON array.

    Raises:
        typer.BadParameter: no group can be held out.
        typer.Exit: they were waited for, and one came to nothing.
    """
    series = leave_one_group_out(wanted, groups)
    if not series:
        raise typer.BadParameter("no group can be held out: every one is the only one of a class")
    asked: list[Dataset] = []
    try:
        for one in series:
            name = f"{label or 'leave one group out'}: {one.split.held_out[0]}"[:200]
            asked.append(babbitt.create_dataset(one, label=name))
        if wait:
            asked = [_ended(babbitt, dataset) for dataset in asked]
    finally:
        if asked:
            print_list(asked, LISTED, as_json=as_json)
    if wait:
        _end_badly_unless_ready(asked)


def _made(babbitt: Babbitt, wanted: DatasetConfiguration, label: str | None) -> Dataset:
    """A dataset that was asked for, once it has come to an end.

    The stream first: whatever is said of the dataset after it was asked for is in it.
    """
    with babbitt.events(topics=[DATASETS_EVENTS.name], subject=wanted.dataset_id()) as events:
        dataset = babbitt.create_dataset(wanted, label=label)
        if dataset.in_progress:
            _show_until_it_ends(events)
    return _ended(babbitt, dataset)


def _ended(babbitt: Babbitt, dataset: Dataset) -> Dataset:
    while dataset.in_progress:
        dataset = babbitt.dataset(dataset.id, wait_s=HELD_S)
    return dataset


def _end_badly_unless_ready(datasets: Iterable[Dataset]) -> None:
    ended = [dataset for dataset in datasets if dataset.state != "ready"]
    for dataset in ended:
        typer.echo(f"babbitt: the dataset is {dataset.state}: {why(dataset) or ''}".rstrip(": "), err=True)
    if ended:
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
