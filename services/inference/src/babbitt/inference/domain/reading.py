"""A record as its model reads it: cut into windows, with what is told beside the waveform."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.operation import FAR_RMS, widened, within
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.waveform import Samples, decode_samples
from babbitt.inference.domain import operation, suitability
from babbitt.inference.domain.outputs import FAULT_ORDERS, SHAFT_SPEED, Inputs
from babbitt.inference.domain.question import Question
from babbitt.inference.domain.windows import cut


class Reading(NamedTuple):
    """A record as its model reads it.

    Attributes:
        windows: [channel, sample] each; views of the record.
        beside: what is told beside the waveform, the same for each window: `shaft_speed_hz` [], `fault_orders` [4].
        far: what lies far outside what the model has learnt from, for people.
    """

    windows: list[Samples]
    beside: Inputs
    far: tuple[str, ...]


def read(question: Question) -> Reading:
    """What a question's model reads of it.

    Raises:
        MalformedMessage: the samples are not what their encoding says.
        UnsuitableWaveform: they hold what nothing measures.
    """
    data, model = question.served.assigned.data_spec, question.served.assigned.model_spec
    waveform = decode_samples(question.samples, question.encoding)
    suitability.check_range(waveform, data)
    return Reading(cut(waveform, model), _beside(question.request, data, model), _far_levels(waveform, data, model))


def told_to_windows(readings: Sequence[Reading]) -> Inputs:
    """What is told beside the waveforms, for each window of some records of one model."""
    names = readings[0].beside
    if not names:
        return {}
    counts = [len(reading.windows) for reading in readings]
    return {name: np.repeat(np.stack([one.beside[name] for one in readings]), counts, axis=0) for name in names}


def _beside(request: PredictionRequested, data: DataSpec, model: ModelSpec) -> Inputs:
    told = {SHAFT_SPEED: operation.shaft_speed_hz, FAULT_ORDERS: operation.fault_orders}
    return {name: np.asarray(told[name](request, data), np.float32) for name in model.inputs if name in told}


def _far_levels(waveform: Samples, data: DataSpec, model: ModelSpec) -> tuple[str, ...]:
    """The channels of [channel, sample] whose RMS about the mean learning saw nothing near to."""
    if model.rms_range is None:
        return ()
    accepted, (lowest, highest) = widened(model.rms_range, FAR_RMS), model.rms_range
    return tuple(
        f"RMS {rms:.3g} {channel.unit} of channel {channel.name} is far from the {lowest:.3g} to {highest:.3g}"
        " of the training data"
        for channel, rms in zip(data.channels, waveform.std(axis=1, dtype=np.float64).tolist(), strict=True)
        if not within(rms, accepted)
    )
