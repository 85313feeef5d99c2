"""`babbitt models reproduce`: how a version is made again."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from babbitt.client.api.models import Version
from babbitt.client.api.version_files import Report
from babbitt.client.cli.exit_codes import ERROR
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json, print_json
from babbitt.client.cli.promotions import Name, Number
from babbitt.client.clients import Babbitt
from babbitt.client.errors import NotFound
from babbitt.contracts.model_reports import Provenance
from babbitt.contracts.training_requests import TrainRequested

REQUEST, DATA, BASES, MADE = "request.json", "data", "bases", "made"


def reproduce(
    context: typer.Context,
    model: Name,
    version: Number,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where request.json is written.", file_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Write what a version was asked for, and tell the one command that makes it again and what has to be equal.

    Example: babbitt models reproduce pump 7 --out pump-7
    """
    with connect(context) as babbitt:
        found, report = babbitt.version(model, version), babbitt.model_report(model, version)
        manifest = _manifest(babbitt, report.provenance.dataset)
    request = _request(report)
    if request is None:
        typer.echo(f"babbitt: {model}@{version} was not trained here: there is nothing to train again", err=True)
        raise typer.Exit(ERROR)
    out.mkdir(parents=True, exist_ok=True)
    (out / REQUEST).write_text(request.model_dump_json(indent=2) + "\n", encoding="utf-8")
    command, equal, result = _command(out, request, report.provenance), _equal(report.provenance), _result(found)
    if as_json:
        data = {"dataset": report.provenance.dataset, "manifest": manifest, "splits": report.provenance.splits}
        print_json({"command": command, "equal": equal, "data": data, "result": result})
        return
    typer.echo("These have to be equal, or the last bits may differ:")
    for name, value in equal.items():
        typer.echo(f"  {name}: {value}")
    typer.echo(f"\nPut the dataset {report.provenance.dataset} into {out / DATA}:")
    typer.echo(f"  {_told_place(manifest)}")
    if versions := _versions(request):
        typer.echo(f"\nIt reads the versions {versions}: bases.json and their files go into {out / BASES}.")
    typer.echo(f"\n{command}\n")
    for name, digest in result.items():
        typer.echo(f"{name} then has the SHA-256 {digest}")


def _request(report: Report) -> TrainRequested | None:
    try:
        return TrainRequested.model_validate(report.provenance.request)
    except ValidationError:
        return None


def _versions(request: TrainRequested) -> str:
    return ", ".join(str(number) for number in (request.base_version, *request.members) if number)


def _command(out: Path, request: TrainRequested, made: Provenance) -> str:
    words = ["python", "-m", "babbitt.training", "fit", str(out / REQUEST), "--data", str(out / DATA)]
    words += ["--bases", str(out / BASES)] if _versions(request) else []
    return shlex.join([*words, "--out", str(out / MADE), "--threads", str(made.threads), "--device", made.device])


def _equal(made: Provenance) -> dict[str, str]:
    told = {
        "commit": made.commit,
        "SHA-256 of requirements/training.lock": made.lock_sha256,
        "processor": " ".join(part for part in (made.cpu, made.machine) if part),
        "threads": str(made.threads),
        "device": made.device,
        "Python": made.python,
        "packages": ", ".join(f"{name} {version}" for name, version in made.packages.items()),
        "seed": str(made.seed),
    }
    return {name: value or "not known" for name, value in told.items()}


def _manifest(babbitt: Babbitt, dataset: str) -> str | None:
    """Where the dataset lies in the object store; None: it is not there any more."""
    try:
        reference = babbitt.dataset(dataset).manifest
    except NotFound:
        return None
    return reference and reference.key


def _told_place(manifest: str | None) -> str:
    if manifest is None:
        return "it is not there any more; asked for with the same configuration, it gets the same id and content"
    return f"manifest.json and the shards that it names, from {manifest.rpartition('/')[0]}/ of the object store"


def _result(found: Version) -> dict[str, str]:
    """The weights, and the form of the file that serves; which one that is, is measured, and may come out otherwise."""
    told = {} if found.weights is None else {f"{MADE}/weights.pt": found.weights.sha256}
    form = next((one.name for one in found.variants if one.chosen), None)
    return told | {f"{MADE}/model.onnx" + (f" ({form})" if form else ""): found.artifact.sha256}
