"""The champion on the test split of a new version, so that the registry can compare them."""

from babbitt.contracts.dataspec import DataSpec, ModelSpec, same_rate
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.files import write_model
from babbitt.training.fitting.laid_out import LaidOut
from babbitt.training.fitting.layout import CHAMPION_PREDICTIONS
from babbitt.training.fitting.progress import TestedChampion
from babbitt.training.fitting.testing import Testing


def champion_result(bases: Bases, testing: Testing, data: DataSpec, spec: ModelSpec) -> TestedChampion | None:
    """How it does there; None: there is none, it names other classes, or reads what the dataset does not tell.

    Args:
        bases: holds the champion.
        testing: of the new version.
        data: what that reads.
        spec: its own.
    """
    champion = next(iter(bases.of("champion")), None)
    if champion is None or not _comparable(champion, data, spec):
        return None
    try:
        records = testing.records(data, champion.model_spec)
    except DatasetUnusable:  # it reads a speed or a bearing that this dataset does not tell
        return None
    evaluation = testing.evaluated(bases.path(champion), records, champion.model_spec)
    manifest = testing.dataset.manifest
    return TestedChampion(
        version=champion.version,
        artifact_sha256=champion.sha256,
        evaluation=evaluation.summary(manifest),
        predictions=write_model(evaluation.predictions(manifest), testing.out / CHAMPION_PREDICTIONS),
    )


def _comparable(champion: LaidOut, data: DataSpec, spec: ModelSpec) -> bool:
    return (
        champion.data_spec.channels == data.channels
        and same_rate(champion.data_spec.sampling_rate_hz, data.sampling_rate_hz)
        and champion.model_spec.class_names == spec.class_names
        and champion.model_spec.task == spec.task
        and champion.model_spec.window_samples <= data.record_samples
    )
