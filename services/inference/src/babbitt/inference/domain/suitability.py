"""Whether a waveform is what a model reads. The gateway has asked the same; a model may have been swapped since."""

import numpy as np

from babbitt.contracts.dataspec import DataSpec, ModelSpec, same_rate
from babbitt.contracts.operation import FAR_SPEED, speeds_seen_hz, widened, within
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.waveform import LARGEST_SAMPLE, Samples
from babbitt.inference.domain import operation
from babbitt.inference.domain.outputs import FAULT_ORDERS, SHAFT_SPEED
from babbitt.inference.errors import UnsuitableWaveform

_ANY_SPEED_HZ = (1e-3, 1e4)


def check(request: PredictionRequested, shape: tuple[int, int], data: DataSpec, model: ModelSpec) -> None:
    """Check a request for samples of `shape`, [channels, samples].

    Raises:
        UnsuitableWaveform: naming what is wrong and what is accepted.
    """
    channels, samples = shape
    rate_hz = data.sampling_rate_hz
    if not same_rate(request.sampling_rate_hz, rate_hz):
        raise UnsuitableWaveform(f"sampling_rate_hz {request.sampling_rate_hz:g}: the model reads {rate_hz:g}")
    if channels != len(data.channels):
        names = ", ".join(channel.name for channel in data.channels)
        raise UnsuitableWaveform(f"{channels} channels: the model reads {len(data.channels)} ({names})")
    if samples < model.window_samples:
        raise UnsuitableWaveform(f"{samples} samples: the model needs {model.window_samples} at least")
    if SHAFT_SPEED in model.inputs:
        _check_speed(operation.shaft_speed_hz(request, data), data, model)
    if FAULT_ORDERS in model.inputs and operation.fault_orders(request, data) is None:
        raise UnsuitableWaveform("fault_orders: the model reads them, or a bearing, and none is known")


def _check_speed(speed_hz: float | None, data: DataSpec, model: ModelSpec) -> None:
    if speed_hz is None:
        raise UnsuitableWaveform("shaft_speed_hz: the model reads it, and none is known")
    seen = speeds_seen_hz(model, data)
    lowest_hz, highest_hz = _ANY_SPEED_HZ if seen is None else widened(seen, FAR_SPEED)
    if not within(speed_hz, (lowest_hz, highest_hz)):
        raise UnsuitableWaveform(f"shaft_speed_hz {speed_hz:g}: the model reads {lowest_hz:g} to {highest_hz:g}")


def check_range(waveform: Samples, data: DataSpec) -> None:
    """Check finite samples [channels, samples], in the channels' units.

    Raises:
        UnsuitableWaveform: naming the channel that holds more than anything measures.
    """
    if waveform.min() >= -LARGEST_SAMPLE and waveform.max() <= LARGEST_SAMPLE:
        return
    row = int(np.abs(waveform).max(axis=1).argmax())
    name, unit = data.channels[row].name, data.channels[row].unit
    raise UnsuitableWaveform(f"channel {name} holds more than {LARGEST_SAMPLE:g} {unit}, which nothing measures")
