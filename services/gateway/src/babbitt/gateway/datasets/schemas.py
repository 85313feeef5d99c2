"""Datasets as the API takes and gives them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, computed_field

from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference, ReportReference, Source
from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.names import Label, Reason
from babbitt.contracts.problems import Problem
from babbitt.contracts.splits import SplitSpec
from babbitt.gateway.texts import Body

type State = Literal["requested", "building", "ready", "failed", "cancelled", "deleted", "refused"]

IN_PROGRESS = ("requested", "building")


class NewDataset(Body):
    """A dataset to be made: its configuration, and a label for people, which is no part of its identity."""

    source: Source
    split: SplitSpec = SplitSpec()
    accepted_leakage: Reason | None = None
    label: Label | None = None

    def configuration(self) -> DatasetConfiguration:
        """What it is made of."""
        return DatasetConfiguration(source=self.source, split=self.split, accepted_leakage=self.accepted_leakage)


class Dataset(BaseModel):
    """A dataset.

    Attributes:
        id: SHA-256 of its configuration: the same configuration is the same dataset.
        configuration: null where it was asked for elsewhere.
        shards_done, shards: how far it is made.
        counts: records by split and class.
        split_kind: how test records were kept apart; `time` is optimistic.
        split_in_time: classes with a single group, divided in time though the others are split by group: optimistic.
        report: its quality report, which is read at `report_path`, as JSON or as a page.
        findings: what the report found that people should know, in sentences.
        size_bytes: of all its objects together; as all that tells what it holds, null unless it is ready.
        needed_by: versions of models in use that were trained on it, such as `pump@3`: while there are any, it is not
            deleted.
        used_at: when it was last made or asked for, or a training job on it was last heard of.
        reason: why it failed; `problem`: why the last request was refused.
    """

    id: str
    state: State
    label: str | None
    source_kind: str | None
    configuration: dict[str, Any] | None
    shards_done: int | None
    shards: int | None
    split_kind: str | None
    split_in_time: tuple[str, ...]
    counts: dict[str, dict[str, int]] | None
    data_spec: DataSpec | None
    manifest: ObjectReference | None
    report: ReportReference | None
    findings: tuple[str, ...]
    size_bytes: int | None
    needed_by: tuple[str, ...]
    used_at: datetime
    reason: str | None
    problem: Problem | None
    requested_by: str | None
    created_at: datetime
    updated_at: datetime

    @computed_field
    @property
    def report_path(self) -> str | None:
        """Where the quality report is read; null: there is none."""
        return f"/v1/datasets/{self.id}/report" if self.report else None

    def end(self) -> Problem | None:
        """Why it came to nothing; None: it did not."""
        if self.state == "refused":
            return self.problem
        if self.state in {"failed", "cancelled", "deleted"}:
            title = f"The dataset was {self.state}" if self.state != "failed" else "The dataset cannot be made"
            return Problem.of(f"dataset-{self.state}", 409, title, self.reason or title)
        return None
