"""`babbitt models reproduce`: a version made again."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from babbitt.client.cli.exit_codes import ENDED_BADLY, ERROR
from babbitt.client.cli.folder_bar import shown
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json, print_json
from babbitt.client.cli.promotions import Name, Number
from babbitt.client.reproduction import MADE, DatasetGone, NotTrainedHere, Outcome, Reproduction, decisive, reproduction


def reproduce(
    context: typer.Context,
    model: Name,
    version: Number,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where all that it is made of is written.", file_okay=False)
    ],
    *,
    run: Annotated[bool, typer.Option("--run", help="Run the command, too; needs babbitt-training here.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch what a version was made of, tell the one command that makes it again, and compare what came out.

    Run again after that command, or with --run, it shows whether the weights are the same, bit for bit.

    Example: babbitt models reproduce pump 7 --out pump-7 --run
    """
    if run and find_spec("babbitt.training") is None:
        raise typer.BadParameter("--run: babbitt-training is not installed here; without --run the command is told")
    try:
        with connect(context) as babbitt:
            found = reproduction(babbitt, model, version, out)
            found.fetch(babbitt, shown)
    except NotTrainedHere as error:
        _fail(str(error))
    except DatasetGone as error:
        _fail(f"{error}; a dataset that is asked for with the same configuration gets the same id and content")
    if run and (status := _run(found)):
        _fail(f"the training ended with {status}")
    outcome = found.outcome()
    if as_json:
        print_json(_told(found, outcome))
    else:
        _tell(found, outcome)
    if outcome and not outcome.equal:
        raise typer.Exit(ENDED_BADLY)


def _fail(reason: str) -> NoReturn:
    typer.echo(f"babbitt: {reason}", err=True)
    raise typer.Exit(ERROR)


def _run(found: Reproduction) -> int:
    """What the training says goes to standard error, a line of JSON each."""
    with subprocess.Popen([sys.executable, *found.arguments], stdout=subprocess.PIPE, text=True) as fit:  # noqa: S603
        for line in fit.stdout or ():
            typer.echo(line, nl=False, err=True)
    return fit.returncode


def _tell(found: Reproduction, outcome: Outcome | None) -> None:
    typer.echo("These have to be equal, or the last bits may differ:")
    for name, value in decisive(found.report.provenance).items():
        typer.echo(f"  {name}: {value}")
    typer.echo(f"\n{found.command}\n")
    if outcome is None:
        weights = found.version.weights
        if weights:
            typer.echo(f"{MADE}/weights.pt then has the SHA-256 {weights.sha256}: this command, run again, compares it")
        return
    typer.echo(f"{outcome.file} has the SHA-256 {outcome.found}:")
    if outcome.equal:
        typer.echo("  the same as the version's, bit for bit")
        return
    typer.echo(f"  the version's has {outcome.expected}")
    for name, (there, here) in outcome.different.items():
        typer.echo(f"  {name} differs: {there} there, {here} here")
    if not outcome.different:
        typer.echo("  although nothing that is known differs")


def _told(found: Reproduction, outcome: Outcome | None) -> dict[str, object]:
    made = found.report.provenance
    told = outcome and {
        "file": outcome.file, "expected": outcome.expected, "found": outcome.found, "equal": outcome.equal,
        "different": outcome.different,
    }  # fmt: skip
    return {
        "command": found.command,
        "equal": decisive(made),
        "data": {"dataset": made.dataset, "splits": made.splits},
        "outcome": told,
    }
