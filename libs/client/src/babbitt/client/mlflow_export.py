"""A version told to an MLflow tracking server, where others look for models."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from babbitt.client.api.models import Version
from babbitt.client.api.version_files import Report
from babbitt.client.clients import Babbitt
from babbitt.client.errors import ServiceFault
from babbitt.client.frames import MissingExtra
from babbitt.client.tracked_runs import identity, judged, run_of_version, runs_of_job
from babbitt.contracts.problems import Problem

if TYPE_CHECKING:
    from babbitt.client.mlflow_server import MlflowServer

EXPERIMENT = "babbitt"


@dataclass(frozen=True, slots=True)
class Exported:
    """Where a version is to be found: its run, and the number that MLflow's registry gave it. `new`: since now."""

    experiment: str
    run_id: str
    registered_model: str
    registered_version: int
    new: bool


def export_to_mlflow(
    babbitt: Babbitt,
    model: str,
    number: int,
    tracking_uri: str,
    *,
    experiment: str = EXPERIMENT,
    tell: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Export a version: parameters, metrics, curves, figures, report, card, and its file as a registered MLflow model.

    Done again, it finds what is there and says anew only what the gates say; what broke off half way is replaced.

    Args:
        babbitt: where the version is.
        model: its name.
        number: of the version.
        tracking_uri: of the MLflow server; credentials are read by MLflow's client, from its own variables.
        experiment: the MLflow experiment; it is made where there is none.
        tell: hears what is being done.

    Raises:
        MissingExtra: MLflow's client is not installed.
        TrackingFailed: the server does not answer, or takes something not.
        BabbittError: there is no such version.
    """
    try:
        from babbitt.client.mlflow_server import MlflowServer, told_plainly  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        raise MissingExtra(error.name or "mlflow", extra="mlflow") from error
    version = babbitt.version(model, number)
    with told_plainly():
        server = MlflowServer(tracking_uri)
        place = server.experiment(experiment)
        run_id = server.finished_run(place, identity(version))
        new = run_id is None
        if run_id is None:
            run_id = _written(babbitt, server, place, version, tell)
        else:
            server.tag(run_id, judged(version))
        registered = server.registered(run_id, version.model, identity(version))
    return Exported(experiment, run_id, version.model, registered, new)


def _written(
    babbitt: Babbitt, server: "MlflowServer", place: str, version: Version, tell: Callable[[str], None]
) -> str:
    """A finished run of the version, with those of its job under it."""
    at_ms = int(version.registered_at.timestamp() * 1000)
    report = babbitt.model_report(version.model, version.version)
    with TemporaryDirectory(prefix="babbitt-mlflow-") as folder:
        tell("fetching its files")
        _lay_out(babbitt, version, report, Path(folder))
        tell("parameters, metrics and curves")
        run_id = server.begin(place, run_of_version(version, report), at_ms)
        for run in runs_of_job(version, report):
            server.finish(server.begin(place, run, at_ms, parent=run_id), at_ms)
        tell("the model, figures and the report")
        server.put(run_id, Path(folder))
    server.finish(run_id, at_ms)
    return run_id


def _lay_out(babbitt: Babbitt, version: Version, report: Report, folder: Path) -> None:
    """The artifacts as they are to lie in the run."""
    from babbitt.client.mlflow_server import MODEL, write_model  # noqa: PLC0415 - an extra, and slow

    name, number = version.model, version.version
    content = babbitt.model_artifact(name, number)
    if (digest := hashlib.sha256(content).hexdigest()) != version.artifact.sha256:
        detail = f"what came of {name}@{number} has the SHA-256 {digest}, not {version.artifact.sha256}"
        raise ServiceFault(Problem.of("unexpected-answer", 500, "Unexpected answer", detail))
    write_model(content, folder / MODEL)
    (folder / "report.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
    (folder / "card.md").write_text(babbitt.model_card(name, number), encoding="utf-8")
    (folder / "figures").mkdir()
    for figure in version.figures:
        (folder / "figures" / f"{figure}.png").write_bytes(babbitt.model_figure(name, number, figure))
