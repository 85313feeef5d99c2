"""The report's tables: what there is of which class, and how it was recorded."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.quality import Balance, Distribution, Portrait, Recorded, RecordStatistics, Spectra
from babbitt.contracts.splits import SPLITS
from babbitt.signals.domain.quality.measured import ShardQuality
from babbitt.signals.domain.quality.portraits import envelope_axis, spectrum_axis
from babbitt.signals.domain.quality.statistics import STATISTICS, band_edges
from babbitt.signals.domain.records import MadeShard, PlacedRecord

PORTRAITS_A_CLASS = 3
NUMBERS_TOLD = 500_000
"""Of single records; 20,000 records of one channel, 4 MB of the report."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def balance_of(records: Sequence[PlacedRecord], spec: DataSpec) -> tuple[Balance, ...]:
    """Records by place and class: the splits first, then the noisy copies; classes in their order."""
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for placed in records:
        counts[placed.place, placed.made.label][placed.made.severity or ""] += 1
    places = [*SPLITS, *sorted({place for place, _ in counts} - set(SPLITS), key=_by_noise)]
    return tuple(
        Balance(
            place=place,
            label=label,
            records=counts[place, label].total(),
            severities={level: count for level, count in sorted(counts[place, label].items()) if level},
        )
        for place in places
        for label in spec.class_names
        if (place, label) in counts
    )


def recorded_as(records: Sequence[PlacedRecord], spec: DataSpec) -> tuple[Recorded, ...]:
    """Recordings by class and rate, without noisy copies."""
    alike: defaultdict[tuple[str, float], list[PlacedRecord]] = defaultdict(list)
    for placed in records:
        if placed.place in SPLITS:
            alike[placed.made.label, placed.made.recorded_at_hz or spec.sampling_rate_hz].append(placed)
    return tuple(
        Recorded(
            label=label,
            rate_hz=rate_hz,
            recordings=len({placed.made.recording for placed in held}),
            records=len(held),
            seconds=sum(placed.made.samples for placed in held) / spec.sampling_rate_hz,
        )
        for (label, rate_hz), held in sorted(
            alike.items(), key=lambda row: (spec.class_names.index(row[0][0]), row[0][1])
        )
    )


def distributions_of(
    labels: Sequence[str], statistics: NDArray[np.float64], spec: DataSpec
) -> tuple[Distribution, ...]:
    """Quantiles of each statistic, a class and channel.

    Args:
        labels: of the records.
        statistics: [records, channels, FIELDS].
        spec: names channels and classes.
    """
    of_label = np.array(labels)
    return tuple(
        Distribution(
            statistic=name,
            channel=channel.name,
            label=label,
            quantiles=tuple(np.quantile(values[of_label == label], QUANTILES).tolist()),
        )
        for name in STATISTICS
        for number, channel in enumerate(spec.channels)
        for values in (statistics[:, number, STATISTICS.index(name)],)
        for label in spec.class_names
        if label in labels
    )


def statistics_of(records: Sequence[PlacedRecord], measured: NDArray[np.float64], spec: DataSpec) -> RecordStatistics:
    """What was measured of each record, of the first ones where there are many.

    Args:
        records: all.
        measured: [records, channels, FIELDS].
        spec: names the channels.
    """
    told = min(len(records), max(1, NUMBERS_TOLD // (measured.shape[1] * measured.shape[2])))
    channels = {channel.name: measured[:told, number] for number, channel in enumerate(spec.channels)}
    return RecordStatistics(
        records=tuple(placed.made.record for placed in records[:told]),
        statistics={
            channel: {name: _significant(values[:, STATISTICS.index(name)]) for name in STATISTICS}
            for channel, values in channels.items()
        },
        band_edges_hz=_rounded(band_edges(spec.sampling_rate_hz), 3),
        levels_db={
            channel: tuple(map(tuple, np.round(values[:, len(STATISTICS) :], 1).tolist()))
            for channel, values in channels.items()
        },
        left_out=len(records) - told,
    )


def spectra_of(made: Sequence[MadeShard], spec: DataSpec) -> Spectra:
    """Portraits of the first records of each class that were portrayed."""
    portraits: defaultdict[str, list[Portrait]] = defaultdict(list)
    for shard in made:
        for row, (spectrum, envelope) in (shard.quality or _NOTHING).portraits.items():
            record = shard.records[row]
            if len(portraits[record.label]) < PORTRAITS_A_CLASS:
                portraits[record.label].append(
                    Portrait(
                        label=record.label,
                        record=record.record,
                        shaft_speed_hz=record.shaft_speed_hz,
                        spectrum_db=_rounded(spectrum),
                        envelope_db=_rounded(envelope),
                    )
                )
    return Spectra(
        spectrum_hz=_rounded(spectrum_axis(spec.sampling_rate_hz), 3),
        envelope_hz=_rounded(envelope_axis(spec.sampling_rate_hz), 3),
        portraits=tuple(portrait for label in spec.class_names for portrait in portraits[label]),
    )


_NOTHING = ShardQuality(np.empty((0, 1, 1), np.float32), {})


def _rounded(values: NDArray[np.floating], digits: int = 1) -> tuple[float, ...]:
    return tuple(np.round(values.astype(float), digits).tolist())


def _significant(values: NDArray[np.float64]) -> tuple[float, ...]:
    """To five digits: what float32 holds would be written in seventeen."""
    return tuple(float(f"{value:.5g}") for value in values.tolist())


def _by_noise(place: str) -> int:
    """Little noise first."""
    return -int(place.partition("snr")[2] or 0)
