"""What is shown of a dataset."""

from babbitt.client.api.datasets import Dataset
from babbitt.client.cli.output import Column, size


def records(dataset: Dataset) -> int | None:
    """How many records it has, once it is ready."""
    return sum(sum(classes.values()) for classes in dataset.counts.values()) if dataset.counts else None


def splits(dataset: Dataset) -> str | None:
    """How many records each split has: `train 70, validation 15, test 15`."""
    counts = dataset.counts or {}
    known = [name for name in ("train", "validation", "test") if name in counts]
    return ", ".join(f"{name} {sum(counts[name].values())}" for name in known)


def why(dataset: Dataset) -> str | None:
    """Why it came to nothing, or why the last request about it did."""
    return dataset.problem.detail if dataset.problem else dataset.reason


LISTED: tuple[Column[Dataset], ...] = (
    Column("id", lambda one: one.id),
    Column("label", lambda one: one.label),
    Column("state", lambda one: one.state),
    Column("source", lambda one: one.source_kind),
    Column("split", lambda one: one.split_kind),
    Column("records", records, right=True),
    Column("classes", lambda one: len(one.data_spec.class_names) if one.data_spec else None, right=True),
    Column("size", lambda one: size(one.size_bytes), right=True),
    Column("created", lambda one: one.created_at),
)
DETAILS: tuple[Column[Dataset], ...] = (
    Column("id", lambda one: one.id),
    Column("label", lambda one: one.label),
    Column("state", lambda one: one.state),
    Column("reason", why),
    Column("source", lambda one: one.source_kind),
    Column("split", lambda one: f"by {one.split_kind}" if one.split_kind else None),
    Column("divided in time", lambda one: ", ".join(one.split_in_time)),
    Column("records", splits),
    Column("classes", lambda one: ", ".join(one.data_spec.class_names) if one.data_spec else None),
    Column("sampling rate", lambda one: f"{one.data_spec.sampling_rate_hz:g} Hz" if one.data_spec else None),
    Column("size", lambda one: size(one.size_bytes)),
    Column("findings", lambda one: "\n".join(one.findings)),
    Column("needed by", lambda one: ", ".join(one.needed_by)),
    Column("last used", lambda one: one.used_at),
    Column("requested by", lambda one: one.requested_by),
    Column("created", lambda one: one.created_at),
)
