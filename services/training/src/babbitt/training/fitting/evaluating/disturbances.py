"""Curves: how answers get worse while something else does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.model_reports import Curve, CurvePoint
from babbitt.training.fitting.evaluating.answering import Answering, Floats, LabelledRecords, Waveforms
from babbitt.training.fitting.evaluating.ranking import class_auroc, macro_auroc
from babbitt.training.fitting.evaluating.scores import record_scores

SPEED = "shaft_speed_hz"
FEWEST = 50
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Disturbances:
    """What is tried.

    Attributes:
        snr_db: signal-to-noise ratios at each record's own level.
        healthy_rms: levels of the same noise on every record, in multiples of healthy records'.
        speed_errors: shares by which a shaft speed is wrong, half of the records upwards and half down.
        records: of how many records at most, evenly among all.
        seconds: how long all of it should take; slow models are asked about fewer records.
    """

    snr_db: tuple[float, ...] = (20.0, 15.0, 10.0, 5.0, 0.0)
    healthy_rms: tuple[float, ...] = (1.0, 3.0, 10.0)
    speed_errors: tuple[float, ...] = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)
    records: int = 600
    seconds: float = 60.0

    @classmethod
    def within(cls, left_s: float) -> Self:
        """All that is usually tried, where so much time is left."""
        return cls(seconds=max(0.0, min(cls().seconds, left_s)))

    def affordable(self, record_ms: float) -> int:
        """How many records there is time for, where one takes so long; never fewer than 50."""
        levels = len(self.snr_db) + len(self.healthy_rms) + len(self.speed_errors)
        return min(self.records, max(FEWEST, int(1000.0 * self.seconds / max(record_ms * levels, TINY))))


def curves(
    answering: Answering,
    records: LabelledRecords,
    spec: ModelSpec,
    seed: int,
    tried: Disturbances,
    record_ms: float = 0.0,
) -> tuple[Curve, ...]:
    """All curves that say something of such a model on such records, one of which takes it `record_ms`."""
    step = max(1, -(-len(records) // tried.affordable(record_ms)))
    some = records.chosen(range(0, len(records), step))
    return tuple(curve for curve in _curves(answering, some, spec, seed, tried) if curve.points)


class Noisy:
    """Records in white noise of these levels [channel], each made when it is asked for.

    The same draws for every level, so that points of a curve differ by the level alone.
    """

    def __init__(self, waveforms: Waveforms, rms: Sequence[NDArray[np.float64]], seed: int) -> None:
        self._waveforms, self._rms, self._seed = waveforms, rms, seed

    def __getitem__(self, row: int, /) -> Floats:
        """One of them, float32 [channel, sample]."""
        waveform, draw = self._waveforms[row], np.random.default_rng((self._seed, row))
        noise = draw.standard_normal(waveform.shape, dtype=np.float32)
        return (waveform + self._rms[row][:, None] * noise).astype(np.float32)


def level(waveform: Floats) -> NDArray[np.float64]:
    """RMS about the mean of each channel [channel]."""
    return waveform.std(axis=1, dtype=np.float64)


def _curves(
    answering: Answering, records: LabelledRecords, spec: ModelSpec, seed: int, tried: Disturbances
) -> Iterator[Curve]:
    def point(value: float, changed: LabelledRecords) -> CurvePoint:
        answers = changed.answered(answering, spec)
        return CurvePoint(
            level=value,
            record_accuracy=record_scores(answers, changed.targets).accuracy,
            macro_auroc=macro_auroc(spec, class_auroc(answers, changed.targets)),
        )

    def noisy(rms: Sequence[NDArray[np.float64]]) -> LabelledRecords:
        return replace(records, waveforms=Noisy(records.waveforms, rms, seed))

    own = [level(records.waveforms[row]) for row in range(len(records))]
    yield Curve(
        kind="record_snr_db",
        records=len(records),
        points=tuple(point(snr, noisy([one * 10 ** (-snr / 20) for one in own])) for snr in tried.snr_db),
    )
    if records.healthy.any():
        reference = np.median([own[row] for row in np.flatnonzero(records.healthy)], axis=0)
        yield Curve(
            kind="healthy_rms",
            records=len(records),
            reference_rms=tuple(reference.tolist()),
            points=tuple(point(times, noisy([times * reference] * len(records))) for times in tried.healthy_rms),
        )
    if SPEED in records.said:
        yield Curve(
            kind="speed_error",
            records=len(records),
            points=tuple(point(error, wrong_speed(records, error)) for error in tried.speed_errors),
        )


def wrong_speed(records: LabelledRecords, error: float) -> LabelledRecords:
    """The same records, each said to turn faster or, every other one, slower by this share."""
    factor = 1.0 + error * np.where(np.arange(len(records)) % 2, -1.0, 1.0)
    return replace(records, said=dict(records.said) | {SPEED: (records.said[SPEED] * factor).astype(np.float32)})
