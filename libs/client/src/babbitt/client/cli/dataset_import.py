"""`babbitt datasets import`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from babbitt.client.cli.dataset_making import LEAVE_ONE_GROUP_OUT, configuration, make, make_series, split_of
from babbitt.client.cli.dataset_options import AcceptLeakage, HoldOut, Label, Test, Validation, Wait
from babbitt.client.cli.exit_codes import ERROR
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.import_split import groups_of, told_by_names
from babbitt.client.cli.output import Json, console
from babbitt.client.cli.recordings_source import SourceFile, sorted_out
from babbitt.client.cli.recordings_upload import send
from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.mappings import ImportMapping, RecordingFile
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.mapping import complete, read_mapping

SPLIT = SplitSpec()
NOT_SENT = "0" * 64
"""In place of a file's digest while nothing is sent."""


class SplitKind(StrEnum):
    """How records are kept apart."""

    GROUP = "group"
    RECORD = "record"
    TIME = "time"
    PREDEFINED = "predefined"
    LEAVE_ONE_GROUP_OUT = LEAVE_ONE_GROUP_OUT


def import_(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="A folder with all below it, a file, s3://, gs://, az:// or file://."),
    ],
    mapping: Annotated[
        Path, typer.Option(metavar="FILE.yaml", help="What the recordings are.", exists=True, dir_okay=False)
    ],
    split: Annotated[
        SplitKind | None,
        typer.Option(
            help="What is kept apart; `time` is optimistic; `leave-one-group-out` makes a dataset for each group. "
            "Default: as the mapping says, else by group.",
            show_default=False,
        ),
    ] = None,
    validation: Validation = SPLIT.validation,
    test: Test = SPLIT.test,
    hold_out: HoldOut = None,
    accept_leakage: AcceptLeakage = None,
    label: Label = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be read and ask for what is missing; nothing is sent.")
    ] = False,
    send_again: Annotated[
        bool, typer.Option("--send-again", help="Send what the gateway has already, too: where an upload is damaged.")
    ] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Make a dataset of recordings: uploads the files at SOURCE that a rule of the mapping is for.

    With --dry-run neither a gateway nor a key is needed; it ends with 1 when something is missing or wrong. Its
    last line names what is found only when the dataset is made; so is a dataset of a series that cannot be: beside the
    group held out nothing is left for validation.

    Example: babbitt datasets import recordings/ --mapping cwru.yaml --split time --test 0.3 --wait
    """
    rules = read_mapping(mapping)
    kind = split or _told_by(rules)
    in_series = kind is SplitKind.LEAVE_ONE_GROUP_OUT
    split_as = split_of(kind.value, validation, test, hold_out)
    files, others = sorted_out(source, rules)

    def of(recordings: Sequence[RecordingFile]) -> DatasetConfiguration:
        files_of = [file.model_dump() for file in recordings]
        imported = {"kind": "imported", "files": files_of, "mapping": rules.model_dump()}
        return configuration(imported, split_as, accept_leakage)

    planned = of([RecordingFile(name=file.name, sha256=NOT_SENT) for file in files])
    if dry_run:
        _look(files, others, rules, planned.split, in_series=in_series, as_json=as_json)
        return
    complete(rules)
    with connect(context) as babbitt:
        wanted = of(send(babbitt, files, rules, again=send_again))
        if in_series:
            make_series(babbitt, wanted, groups_of(told_by_names(files, rules)), label, wait=wait, as_json=as_json)
            return
        make(babbitt, wanted, label, wait=wait, as_json=as_json)


def _look(
    files: Sequence[SourceFile],
    others: Sequence[str],
    rules: ImportMapping,
    split: SplitSpec,
    *,
    in_series: bool,
    as_json: bool,
) -> None:
    from babbitt.client.cli.import_columns import show  # noqa: PLC0415 - opens files: SciPy, a second of loading
    from babbitt.client.cli.import_preview import Preview  # noqa: PLC0415 - likewise

    preview, out = Preview(files, rules, split, in_series=in_series), console(stderr=True)
    reading = track(preview.files(), "reading", len(files), console=out, transient=True, disable=not out.is_terminal)
    looked_at = list(reading)
    show(preview, looked_at, others, as_json=as_json)
    if preview.problems:
        raise typer.Exit(ERROR)


def _told_by(rules: ImportMapping) -> SplitKind:
    told = any(rule.split or "{split" in rule.pattern or rule.layout == "jbfd11" for rule in rules.rules)
    return SplitKind.PREDEFINED if told else SplitKind.GROUP
