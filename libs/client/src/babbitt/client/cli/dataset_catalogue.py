"""`babbitt datasets list|show|records|delete`: what there is, and its end."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from babbitt.client.cli.dataset_columns import DETAILS, LISTED, why
from babbitt.client.cli.dataset_record import LISTED as RECORDS
from babbitt.client.cli.dataset_record import SAVED, draw, save
from babbitt.client.cli.exit_codes import ENDED_BADLY
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json, print_json, print_list, print_one
from babbitt.client.errors import Conflict

HELD_S = 20.0
"""How long the answer is held at most; then is looked whether it has come."""
LOOK_S = 1.0
ENDED = frozenset({"deleted", "cancelled"})

Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]


class SourceKind(StrEnum):
    """Where records come from."""

    SIMULATED = "simulated"
    IMPORTED = "imported"


def list_(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="Only those in this state, such as ready.")] = None,
    source: Annotated[SourceKind | None, typer.Option(help="Only those from there.")] = None,
    label: Annotated[str | None, typer.Option(help="Only those with this in their label.")] = None,
    class_name: Annotated[str | None, typer.Option("--class", help="Only those with this class.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show all datasets, the newest first."""
    with connect(context) as babbitt:
        found = babbitt.datasets(
            state=state, source=source.value if source else None, label=label, class_name=class_name
        )
        print_list(found, LISTED, as_json=as_json)


def show(
    context: typer.Context,
    dataset_id: Id,
    record: Annotated[str | None, typer.Option(help="Draw this record: waveform and spectrum.")] = None,
    save_to: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Write the record's samples: .npy or .csv.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what is known of one dataset, or one record of it.

    Example: babbitt datasets show 3f9c… --record oilwhirl-00007
    """
    if save_to is not None and (record is None or save_to.suffix not in SAVED):
        raise typer.BadParameter(f"--save goes with --record and a file of {' or '.join(SAVED)}")
    with connect(context) as babbitt:
        if record is None:
            print_one(babbitt.dataset(dataset_id), DETAILS, as_json=as_json)
            return
        found = babbitt.record(dataset_id, record)
    if save_to is not None:
        save(found, save_to)
    if as_json:
        print_json(found.record.model_dump(mode="json") | {"waveform": found.samples.tolist()})
    elif save_to is None:
        draw(found)


def records(context: typer.Context, dataset_id: Id, *, as_json: Json = False) -> None:
    """List the records of a ready dataset."""
    with connect(context) as babbitt:
        print_list(babbitt.records(dataset_id), RECORDS, as_json=as_json)


def delete(
    context: typer.Context,
    dataset_id: Id,
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is gone; exit 3 when that is refused.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a dataset, or cancel it while it is being made. Refused while models in use were trained on it."""
    with connect(context) as babbitt:
        try:
            dataset = babbitt.delete_dataset(dataset_id, wait_s=HELD_S if wait else None)
        except Conflict as refused:
            typer.echo(f"babbitt: {refused}", err=True)
            raise typer.Exit(ENDED_BADLY) from refused
        while wait and dataset.state not in ENDED and dataset.problem is None:
            time.sleep(LOOK_S)
            dataset = babbitt.dataset(dataset_id)
    print_one(dataset, DETAILS, as_json=as_json)
    if wait and dataset.problem is not None:
        typer.echo(f"babbitt: {why(dataset)}", err=True)
        raise typer.Exit(ENDED_BADLY)
