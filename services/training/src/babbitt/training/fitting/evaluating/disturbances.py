"""Curves: how answers get worse while something else does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.model_reports import Curve, CurvePoint
from babbitt.training.fitting.evaluating.answering import Answering, Floats, LabelledRecords
from babbitt.training.fitting.evaluating.ranking import class_auroc, macro_auroc
from babbitt.training.fitting.evaluating.scores import record_scores

SPEED = "shaft_speed_hz"


@dataclass(frozen=True, slots=True)
class Disturbances:
    """What is tried.

    Attributes:
        snr_db: signal-to-noise ratios at each record's own level.
        healthy_rms: levels of the same noise on every record, in multiples of healthy records'.
        speed_errors: shares by which a shaft speed is wrong, half of the records upwards and half down.
        records: of how many records at most, evenly among all.
    """

    snr_db: tuple[float, ...] = (20.0, 15.0, 10.0, 5.0, 0.0)
    healthy_rms: tuple[float, ...] = (1.0, 3.0, 10.0)
    speed_errors: tuple[float, ...] = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)
    records: int = 600


def curves(
    answering: Answering, records: LabelledRecords, spec: ModelSpec, seed: int, tried: Disturbances | None = None
) -> tuple[Curve, ...]:
    """All curves that say something of such a model on such records."""
    tried = tried or Disturbances()
    step = max(1, -(-len(records) // tried.records))
    some = records.chosen(range(0, len(records), step))
    return tuple(curve for curve in _curves(answering, some, spec, seed, tried) if curve.points)


def disturbed(waveforms: Sequence[Floats], rms: Sequence[NDArray[np.float64]], seed: int) -> list[Floats]:
    """Records in white noise of these levels [channel] each; the same draws for every level, so that curves compare."""
    return [
        (waveform + level[:, None] * np.random.default_rng((seed, row)).standard_normal(waveform.shape)).astype(
            np.float32
        )
        for row, (waveform, level) in enumerate(zip(waveforms, rms, strict=True))
    ]


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
        return _with_waveforms(records, disturbed(records.waveforms, rms, seed))

    own = [level(waveform) for waveform in records.waveforms]
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
    said = dict(records.said) | {SPEED: (records.said[SPEED] * factor).astype(np.float32)}
    return LabelledRecords(records.entries, records.waveforms, records.targets, records.healthy, said)


def _with_waveforms(records: LabelledRecords, waveforms: Sequence[Floats]) -> LabelledRecords:
    return LabelledRecords(records.entries, waveforms, records.targets, records.healthy, records.said)
