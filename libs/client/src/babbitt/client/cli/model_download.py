"""`babbitt models download`: a version's file, its card, and a script that needs onnxruntime alone."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from babbitt.client.cli.exit_codes import ERROR
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.model_versions import VersionName, find_version
from babbitt.client.cli.output import Json, print_json
from babbitt.client.portable import CARD_FILE, MODEL_FILE, SCRIPT_FILE, predict_script


def download(
    context: typer.Context,
    version: VersionName,
    folder: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Else ./MODEL-VERSION.", file_okay=False)
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Fetch a version's ONNX file, verified, with its card and a script that runs it.

    Example: babbitt models download pump@7 --to pump
    """
    with connect(context) as babbitt:
        found = find_version(babbitt, version)
        content = babbitt.model_artifact(found.model, found.version)
        card = babbitt.model_card(found.model, found.version)
    if (digest := hashlib.sha256(content).hexdigest()) != found.artifact.sha256:
        typer.echo(f"babbitt: what came has the SHA-256 {digest}, not {found.artifact.sha256}: not kept", err=True)
        raise typer.Exit(ERROR)
    place = folder or Path(f"{found.model}-{found.version}")
    place.mkdir(parents=True, exist_ok=True)
    (place / MODEL_FILE).write_bytes(content)
    (place / CARD_FILE).write_text(card, encoding="utf-8")
    (place / SCRIPT_FILE).write_text(predict_script(found), encoding="utf-8")
    if as_json:
        print_json({"folder": str(place), "sha256": digest, "files": [MODEL_FILE, CARD_FILE, SCRIPT_FILE]})
    else:
        typer.echo(f"{found.model}@{found.version} is in {place}: python {place / SCRIPT_FILE} RECORD.npy")
