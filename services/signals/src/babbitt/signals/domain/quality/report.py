"""Puts the quality report together, out of what was measured while the shards were made."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.datasets import DatasetConfiguration
from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.quality import Leakage, Probe, QualityReport, SplitResult
from babbitt.contracts.splits import SPLITS
from babbitt.signals.domain.importing.remarks import notable
from babbitt.signals.domain.quality.findings import findings_of
from babbitt.signals.domain.quality.probes import Examples, probe
from babbitt.signals.domain.quality.statistics import STATISTICS
from babbitt.signals.domain.quality.tables import balance_of, distributions_of, recorded_as, spectra_of, statistics_of
from babbitt.signals.domain.records import MadeShard, PlacedRecord


@dataclass(frozen=True, slots=True)
class Assessed:
    """A dataset whose shards are all there.

    Attributes:
        dataset_id, configuration, label: what was asked for.
        made: its shards.
        placed: its records, in the shards' order.
        spec: what they are.
        split_in_time: classes with a single group, divided in time.
        notes: what limits what it can tell.
    """

    dataset_id: str
    configuration: DatasetConfiguration
    label: str | None
    made: Sequence[MadeShard]
    placed: Sequence[PlacedRecord]
    spec: DataSpec
    split_in_time: tuple[str, ...]
    notes: tuple[str, ...]


def quality_report(dataset: Assessed, leakage: Leakage) -> QualityReport:
    """The report of a dataset that passed its gates. Takes a second or so for a large one."""
    spec, measured = dataset.spec, _measured(dataset)
    originals = [placed.place in SPLITS for placed in dataset.placed]
    labels = [placed.made.label for placed, original in zip(dataset.placed, originals, strict=True) if original]
    report = QualityReport(
        dataset_id=dataset.dataset_id,
        configuration=dataset.configuration,
        label=dataset.label,
        records=len(dataset.placed),
        seconds=sum(placed.made.samples for placed in dataset.placed) / spec.sampling_rate_hz,
        findings=(),
        split=_split_result(dataset),
        leakage=leakage,
        balance=balance_of(dataset.placed, spec),
        recorded=recorded_as(dataset.placed, spec),
        remarks=notable(remark for shard in dataset.made for remark in shard.remarks),
        notes=dataset.notes,
        data_spec=spec,
    )
    if measured is not None:
        report = report.model_copy(
            update={
                "probes": _probes(dataset, measured),
                "distributions": distributions_of(labels, measured[originals], spec),
                "spectra": spectra_of(dataset.made, spec),
                "measured": statistics_of(dataset.placed, measured, spec),
            }
        )
    return report.model_copy(update={"findings": findings_of(report, dataset.placed, measured)})


def _measured(dataset: Assessed) -> NDArray[np.float64] | None:
    """The statistics of all records, [records, channels, FIELDS]; None: some were made before any were measured."""
    kept = [shard.quality.statistics for shard in dataset.made if shard.quality is not None]
    return np.concatenate(kept).astype(np.float64) if len(kept) == len(dataset.made) else None


def _split_result(dataset: Assessed) -> SplitResult:
    split, groups, tested = dataset.configuration.split, defaultdict[str, set[str]](set), set[str]()
    for placed in dataset.placed:
        if placed.place in SPLITS:
            groups[placed.place].add(placed.made.group)
        if placed.place == "test":
            tested.add(placed.made.label)
    return SplitResult(
        kind=split.kind,
        in_time=dataset.split_in_time,
        held_out=split.held_out,
        untested=tuple(label for label in dataset.spec.class_names if label not in tested),
        groups={name: len(groups[name]) for name in SPLITS},
    )


def _probes(dataset: Assessed, measured: NDArray[np.float64]) -> tuple[Probe, ...]:
    """Of the statistics by channel, of the recorded rate and the length of the recording."""
    classes, placed = dataset.spec.class_names, dataset.placed
    seconds: defaultdict[str, float] = defaultdict(float)
    for record in placed:
        if record.place in SPLITS:
            seconds[record.made.recording] += record.made.samples / dataset.spec.sampling_rate_hz
    rates = [record.made.recorded_at_hz or dataset.spec.sampling_rate_hz for record in placed]
    features: Mapping[str, NDArray[np.floating]] = {
        name: measured[:, :, STATISTICS.index(name)] for name in STATISTICS
    } | {
        "recorded_rate": np.array(rates)[:, np.newaxis],
        "recording_length": np.array([round(seconds[record.made.recording], 3) for record in placed])[:, np.newaxis],
    }
    channels = tuple(channel.name for channel in dataset.spec.channels)
    numbers = np.array([classes.index(record.made.label) for record in placed], dtype=np.intp)
    train, test = (np.array([record.place == split for record in placed]) for split in ("train", "test"))
    groups = _independent(dataset)
    probes = (
        probe(
            name,
            Examples(values[train], numbers[train], groups[train]),
            Examples(values[test], numbers[test], groups[test]),
            classes=classes,
            channels=channels if name in STATISTICS else (None,),
        )
        for name, values in features.items()
    )
    return tuple(found for found in probes if found is not None)


def _independent(dataset: Assessed) -> NDArray[np.intp]:
    """The number of each record's group; of its recording, where the split does not go by group: [records]."""
    by_group = dataset.configuration.split.kind == "group"
    names = [placed.made.group if by_group else placed.made.recording for placed in dataset.placed]
    return np.unique(names, return_inverse=True)[1]
