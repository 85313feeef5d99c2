"""Datasets: ask for one, read what became of it. A dataset's id follows from its configuration."""

from datetime import datetime
from typing import Literal

from babbitt.client.calls import Answer, Call, answer_of, get, path_of
from babbitt.client.pages import Page, list_call
from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference, ReportReference
from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.problems import Problem


class Dataset(Answer):
    """What is known of a dataset.

    Attributes:
        state: how far it is; see `in_progress`.
        configuration: what it is made of; None where it was asked for elsewhere than at the gateway.
        shards_done, shards: parts made, and to be made.
        split_kind: how test records are kept apart; `time` is optimistic.
        counts: records by split and class, once it is ready.
        split_in_time: classes with a single group, divided in time though the others are split by group: optimistic.
        report: its quality report, see `dataset_report`.
        findings: what the report found that people should know, in sentences.
        size_bytes: of all its objects together, once it is ready.
        needed_by: versions of models in use that were trained on it, such as `pump@3`: it is not deleted before they
            are retired.
        used_at: when it was last made or asked for, or a training job on it was last heard of.
        reason: why it failed.
        problem: why the last request about it was refused.
    """

    id: str
    state: Literal["requested", "building", "ready", "failed", "cancelled", "deleted", "refused"] | str
    label: str | None = None
    source_kind: str | None = None
    configuration: DatasetConfiguration | None = None
    shards_done: int | None = None
    shards: int | None = None
    split_kind: str | None = None
    counts: dict[str, dict[str, int]] | None = None
    data_spec: DataSpec | None = None
    manifest: ObjectReference | None = None
    report: ReportReference | None = None
    findings: tuple[str, ...] = ()
    split_in_time: tuple[str, ...] = ()
    size_bytes: int | None = None
    needed_by: tuple[str, ...] = ()
    used_at: datetime | None = None
    reason: str | None = None
    problem: Problem | None = None
    requested_by: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def in_progress(self) -> bool:
        """Whether it is still being made."""
        return self.state in {"requested", "building"}


def create_dataset(
    configuration: DatasetConfiguration, *, label: str | None = None, wait_s: float | None = None
) -> Call[Dataset]:
    """Ask for a dataset; the same configuration is answered by the dataset that exists.

    Args:
        configuration: simulated, or imported from files that were uploaded.
        label: a name for people.
        wait_s: seconds that the answer is held until the dataset is there; None: answered at once.
    """
    content = configuration.model_dump(mode="json") | ({"label": label} if label else {})
    call = Call("POST", path_of("datasets"), answer_of(Dataset), json=content, repeatable=True)
    return call.held(wait_s)


def dataset(dataset_id: str, *, wait_s: float | None = None) -> Call[Dataset]:
    """One dataset; with `wait_s` the answer is held so many seconds while it is being made."""
    return get(Dataset, "datasets", dataset_id).held(wait_s)


def datasets(
    *, state: str | None = None, source: str | None = None, label: str | None = None, class_name: str | None = None
) -> Call[Page[Dataset]]:
    """Datasets, the newest first.

    Args:
        state: only those in it, such as `ready`.
        source: only `simulated` or `imported` ones.
        label: only those with this in their label.
        class_name: only those with this class.
    """
    query = {"state": state, "source": source, "label": label, "class": class_name}
    return list_call(path_of("datasets"), Dataset, **query)


def delete_dataset(dataset_id: str, *, wait_s: float | None = None) -> Call[Dataset]:
    """Ask for a dataset's end: one that is being made is cancelled, another one deleted, unless models need it.

    Args:
        dataset_id: its id.
        wait_s: seconds that the answer is held until it has ended, or the request is refused.

    Raises:
        Conflict (when sent): it has ended already; or it was waited for, and models need it: the problem names them.
    """
    return Call("DELETE", path_of("datasets", dataset_id), answer_of(Dataset)).held(wait_s)
