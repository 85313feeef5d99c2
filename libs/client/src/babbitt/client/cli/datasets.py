"""`babbitt datasets`: made, looked at, cared for."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from babbitt.client.cli.dataset_catalogue import delete, list_, records, show
from babbitt.client.cli.dataset_making import configuration, make
from babbitt.client.cli.dataset_options import Label, Test, Validation, Wait
from babbitt.client.cli.dataset_prune import prune
from babbitt.client.cli.dataset_simulate import simulate
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json
from babbitt.client.cli.recordings_folder import matching_files, send
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.mapping import parse_mapping


class SplitKind(StrEnum):
    """How records are kept apart."""

    GROUP = "group"
    RECORD = "record"
    TIME = "time"


SPLIT = SplitSpec()

app = typer.Typer(help="Make datasets, look at them, care for them.", no_args_is_help=True)
app.command()(simulate)
app.command("list")(list_)
app.command()(show)
app.command()(records)
app.command()(delete)
app.command()(prune)


@app.command("import")
def import_(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the recordings lie.", exists=True, file_okay=False)
    ],
    mapping: Annotated[
        Path, typer.Option(metavar="FILE.yaml", help="What the recordings are.", exists=True, dir_okay=False)
    ],
    split: Annotated[SplitKind, typer.Option(help="What is kept apart; `time` is optimistic.")] = SplitKind.GROUP,
    validation: Validation = SPLIT.validation,
    test: Test = SPLIT.test,
    label: Label = None,
    *,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Make a dataset of recordings: uploads the files of FOLDER that a rule of the mapping matches.

    Example: babbitt datasets import recordings/ --mapping cwru.yaml --split time --test 0.3 --wait
    """
    rules = parse_mapping(mapping.read_text(encoding="utf-8"))
    files = matching_files(folder, rules)
    with connect(context) as babbitt:
        sent = send(babbitt, files)
        source = {"kind": "imported", "files": [file.model_dump() for file in sent], "mapping": rules.model_dump()}
        wanted = configuration(source, {"kind": split.value, "validation": validation, "test": test})
        make(babbitt, wanted, label, wait=wait, as_json=as_json)
