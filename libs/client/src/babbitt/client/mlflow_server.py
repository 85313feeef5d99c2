"""An MLflow tracking server, spoken to by MLflow's own client: `pip install babbitt-client[mlflow]`."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from warnings import catch_warnings

import onnx
from mlflow import MlflowClient
from mlflow.entities import Metric as Point
from mlflow.entities import Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.onnx import save_model
from mlflow.types import Schema, TensorSpec
from requests import RequestException

from babbitt.client.errors import TrackingFailed
from babbitt.client.tracked_runs import TrackedRun
from babbitt.contracts.problems import Problem

MODEL = "model"
"""Artifact path of a run's MLflow model."""
PARENT = "mlflow.parentRunId"
MOST_POINTS, MOST_ENTRIES = 1000, 100
"""How much one call may carry by MLflow's own limits: points of metrics; parameters, or tags."""


class MlflowServer:
    """Runs, artifacts and registered models of one server. They raise MlflowException; `put` RequestException, too.

    Args:
        tracking_uri: `http://…`; credentials are read by MLflow's client, from its own variables.
    """

    def __init__(self, tracking_uri: str) -> None:
        self._client = MlflowClient(tracking_uri, registry_uri=tracking_uri)

    def experiment(self, name: str) -> str:
        """The id of an experiment; it is made where there is none."""
        found = self._client.get_experiment_by_name(name)
        return found.experiment_id if found else self._client.create_experiment(name)

    def finished_run(self, experiment: str, tags: Mapping[str, str]) -> str | None:
        """The finished run with these tags. Others with them broke off half way: they are deleted."""
        finished = None
        for run in self._runs(experiment, tags):
            if run.info.status == "FINISHED":
                finished = run.info.run_id
                continue
            for child in self._runs(experiment, {PARENT: run.info.run_id}):
                self._client.delete_run(child.info.run_id)
            self._client.delete_run(run.info.run_id)
        return finished

    def begin(self, experiment: str, run: TrackedRun, at_ms: int, parent: str | None = None) -> str:
        """Write a run, and leave it open; its id.

        Args:
            experiment: its id.
            run: what is told of it.
            at_ms: when its numbers were found, in milliseconds since 1970.
            parent: the run that it is part of.
        """
        tags = dict(run.tags) | ({PARENT: parent} if parent else {})
        run_id = self._client.create_run(experiment, start_time=at_ms, run_name=run.name, tags=tags).info.run_id
        for entries in batched(run.parameters.items(), MOST_ENTRIES):
            self._client.log_batch(run_id, params=[Param(name, value) for name, value in entries])
        for metrics in batched(run.metrics, MOST_POINTS):
            self._client.log_batch(run_id, metrics=[Point(one.name, one.value, at_ms, one.step) for one in metrics])
        return run_id

    def finish(self, run_id: str, at_ms: int) -> None:
        """Nothing more is to come of it."""
        self._client.set_terminated(run_id, end_time=at_ms)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Say it anew."""
        for entries in batched(tags.items(), MOST_ENTRIES):
            self._client.log_batch(run_id, tags=[RunTag(name, value) for name, value in entries])

    def put(self, run_id: str, folder: Path) -> None:
        """Send all files of a folder."""
        self._client.log_artifacts(run_id, str(folder))

    def registered(self, run_id: str, name: str, tags: Mapping[str, str]) -> int:
        """The number that MLflow's registry gives to the model of a run; it is registered where it is not."""
        if found := self._client.search_model_versions(f"run_id='{run_id}'"):
            return int(found[0].version)
        if not self._client.search_registered_models(f"name='{name}'"):
            self._client.create_registered_model(name)
        source = f"{self._client.get_run(run_id).info.artifact_uri}/{MODEL}"
        return int(self._client.create_model_version(name, source, run_id, tags=dict(tags)).version)

    def _runs(self, experiment: str, tags: Mapping[str, str]) -> Iterable[Run]:
        wanted = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
        return self._client.search_runs([experiment], wanted)


def write_model(content: bytes, folder: Path) -> None:
    """Lay an ONNX file out as an MLflow model of the flavours `onnx` and `python_function`."""
    model = onnx.ModelProto.FromString(content)
    requirements = [f"onnx=={onnx.__version__}", "onnxruntime"]
    with catch_warnings(action="ignore"):  # MLflow warns of types of its own, which it loads here
        save_model(
            model, folder, pip_requirements=requirements, signature=_signature(model), save_as_external_data=False
        )
    (folder / "model.onnx").write_bytes(content)  # MLflow writes it anew: the same graph, perhaps of another digest


def _signature(model: onnx.ModelProto) -> ModelSignature:
    return ModelSignature(_schema(model.graph.input), _schema(model.graph.output))


def _schema(values: Iterable[onnx.ValueInfoProto]) -> Schema:
    return Schema(
        [
            TensorSpec(
                onnx.helper.tensor_dtype_to_np_dtype(one.type.tensor_type.elem_type),
                tuple(part.dim_value or -1 for part in one.type.tensor_type.shape.dim),
                one.name,
            )
            for one in values
        ]
    )


@contextmanager
def told_plainly() -> Generator[None]:
    """MLflow's errors as one of ours.

    Raises:
        TrackingFailed: the server does not answer, or takes something not.
    """
    try:
        yield
    except (MlflowException, RequestException) as error:
        detail = f"the MLflow server did not take it: {str(error).partition('\n')[0][:500]}"
        raise TrackingFailed(Problem.of("tracking-failed", 502, "Not exported", detail)) from error
