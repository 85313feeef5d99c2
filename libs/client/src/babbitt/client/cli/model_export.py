"""`babbitt models export`: a version told to an MLflow tracking server."""

import os
from dataclasses import asdict
from typing import Annotated

import typer

from babbitt.client.cli.exit_codes import ERROR
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json, console, print_json
from babbitt.client.cli.promotions import Name, Number
from babbitt.client.frames import MissingExtra
from babbitt.client.mlflow_export import EXPERIMENT, export_to_mlflow

QUIETLY = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""Where nobody says otherwise: MLflow tells its makers nothing, prints nothing of its own, and gives up in seconds."""


def export(
    context: typer.Context,
    model: Name,
    version: Number,
    tracking_uri: Annotated[str, typer.Option("--mlflow", metavar="URI", help="Of the tracking server: http://…")],
    experiment: Annotated[str, typer.Option(help="MLflow experiment; made where there is none.")] = EXPERIMENT,
    *,
    as_json: Json = False,
) -> None:
    """Export a version to an MLflow server: settings, metrics, curves, figures, report, and its ONNX file as a model.

    Done again, it finds what is there, and says anew what the gates say. Needs the extra `mlflow`. Credentials are
    read by MLflow itself, from MLFLOW_TRACKING_TOKEN, or …_USERNAME and …_PASSWORD.

    Example: babbitt models export pump 7 --mlflow http://mlflow.example:5000
    """
    if not tracking_uri.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--mlflow: {tracking_uri!r}; http:// or https:// is accepted")
    for name, value in QUIETLY.items():
        os.environ.setdefault(name, value)
    out = console(stderr=True)
    with connect(context) as babbitt, out.status("looking") as status:
        try:
            told = export_to_mlflow(babbitt, model, version, tracking_uri, experiment=experiment, tell=status.update)
        except MissingExtra as error:
            typer.echo(f"babbitt: {error}", err=True)
            raise typer.Exit(ERROR) from error
    if as_json:
        print_json(asdict(told))
        return
    where = f"run {told.run_id} of the experiment {told.experiment}"
    typer.echo(f"{model}@{version} {'is' if told.new else 'was already'} in MLflow: {where}")
    typer.echo(f"models:/{told.registered_model}/{told.registered_version}")
