"""How much of a record a model reads at once, and which tasks a family can do."""

from typing import Literal

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.errors import UnsuitableData

type Task = Literal["multiclass", "multilabel", "one_class"]

CLASSIFICATION: tuple[Task, ...] = ("multiclass", "multilabel")


def windowed(
    preset: str, data: DataSpec, longest_s: float, shortest_samples: int, tasks: tuple[Task, ...] = CLASSIFICATION
) -> ModelSpec:
    """One window a record up to `longest_s`, else windows side by side, the last aligned to the end.

    Raises:
        UnsuitableData: records are shorter than `shortest_samples`, or the task is none of `tasks`.
    """
    samples = min(data.record_samples, round(longest_s * data.sampling_rate_hz))
    if samples < shortest_samples:
        raise UnsuitableData(data, f"a window of at least {shortest_samples} is needed")
    return ModelSpec(
        family=preset,
        window_samples=samples,
        hop_samples=samples,
        class_names=data.class_names,
        task=task_among(tasks, preset, data),
    )


def task_among(tasks: tuple[Task, ...], preset: str, data: DataSpec) -> Task:
    """The data's task.

    Raises:
        UnsuitableData: it is none of `tasks`.
    """
    if data.targets.fault not in tasks:
        raise UnsuitableData(data, f"{preset} does not learn the task {data.targets.fault!r} but {' or '.join(tasks)}")
    return data.targets.fault
