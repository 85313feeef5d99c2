"""Jobs beside trainings: test a version, take in a model that was trained elsewhere, tune settings."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from babbitt.client.api.training_jobs import TrainingJob
from babbitt.client.calls import Call, answer_of, path_of
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.names import new_id
from babbitt.contracts.tuning import TuningRequested


def evaluate(
    name: str,
    dataset: str,
    *,
    number: int | None = None,
    class_map: Mapping[str, str | Sequence[str] | None] | None = None,
    budget_minutes: float | None = None,
    job_id: UUID | None = None,
    wait_s: float | None = None,
) -> Call[TrainingJob]:
    """Ask for a test of a version on a dataset's test split; what comes out is the job's `evaluation`.

    Args:
        name: of the model.
        dataset: id of the dataset.
        number: of the version; None: the champion.
        class_map: what becomes of the dataset's classes, by name: see `train`.
        budget_minutes: the job fails when it takes longer.
        job_id: names the job; None: a new one.
        wait_s: as `train`.
    """
    content = {
        "dataset": dataset,
        "version": number,
        "class_map": class_map,
        "budget_minutes": budget_minutes,
        "job_id": _named(job_id),
    }
    return _ask(path_of("models", name, "evaluations"), content, wait_s)


def import_model(
    name: str,
    upload: str,
    *,
    data_spec: DataSpec,
    model_spec: ModelSpec,
    dataset: str,
    origin: str | None = None,
    budget_minutes: float | None = None,
    job_id: UUID | None = None,
    wait_s: float | None = None,
) -> Call[TrainingJob]:
    """Ask for a version of an ONNX file that was trained elsewhere: it is tested, and passes the same gates.

    Args:
        name: of the model that it joins.
        upload: the file's SHA-256, as `upload` gave it.
        data_spec: what it reads; it is held against the file.
        model_spec: what it answers; likewise.
        dataset: on whose test split it is tested.
        origin: where it is from, for people.
        budget_minutes: the job fails when it takes longer.
        job_id: names the job; None: a new one.
        wait_s: as `train`.
    """
    content = {
        "upload": upload,
        "data_spec": data_spec.model_dump(mode="json"),
        "model_spec": model_spec.model_dump(mode="json"),
        "dataset": dataset,
        "origin": origin,
        "budget_minutes": budget_minutes,
        "job_id": _named(job_id),
    }
    return _ask(path_of("models", name, "imports"), content, wait_s)


def tune(study: TuningRequested, *, wait_s: float | None = None) -> Call[TrainingJob]:
    """Ask for a study: trials of settings, then a training with the best ones. `base.job_id` names its job.

    Its trials are `training_jobs(study=…)`; `wait_s` as `train`.
    """
    base = study.base.model_copy(update={"job_id": study.base.job_id or new_id()})
    content = study.model_copy(update={"base": base}).model_dump(mode="json", exclude_unset=True)
    return _ask(path_of("tuning-jobs"), content, wait_s)


def _named(job_id: UUID | None) -> str:
    """Named here, so that a request that is sent again is still one job."""
    return str(job_id or new_id())


def _ask(path: str, content: Mapping[str, object], wait_s: float | None) -> Call[TrainingJob]:
    given = {name: value for name, value in content.items() if value is not None}
    return Call("POST", path, answer_of(TrainingJob), json=given, repeatable=True).held(wait_s)
