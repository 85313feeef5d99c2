"""A waveform against what the model reads: channels, unit, rate, length, operation. Pure; resampling takes long."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from babbitt.contracts.bearings import Orders
from babbitt.contracts.dataspec import DataSpec, same_rate
from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.waveform import LARGEST_SAMPLE, Encoding
from babbitt.gateway.errors import InvalidInput
from babbitt.gateway.predictions.operation import fault_orders, shaft_speed
from babbitt.gateway.predictions.waveforms import Stored, Waveform
from babbitt.recordings.resampling import resample

STANDARD_GRAVITY = 9.80665
"""m/s2 in one g, by definition."""
_FACTORS = {("g", "m/s2"): STANDARD_GRAVITY, ("m/s2", "g"): 1 / STANDARD_GRAVITY}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A waveform as it goes to inference.

    Attributes:
        samples: [channels, samples] in the model's order, C order, float32, or int16 with the encoding's scale.
        sampling_rate_hz: of the samples now; `resampled_from_hz`: the client's, where that was another.
        shaft_speed_hz, fault_orders: where the client told them.
    """

    samples: Stored
    encoding: Encoding
    sampling_rate_hz: float
    resampled_from_hz: float | None
    shaft_speed_hz: float | None
    fault_orders: Orders | None
    warnings: tuple[str, ...]


def needs_resampling(waveform: Waveform, target: AliasAssigned) -> bool:
    """Whether `prepare` will take long enough to leave the event loop."""
    return not same_rate(waveform.description.sampling_rate_hz, target.data_spec.sampling_rate_hz)


def prepare(waveform: Waveform, target: AliasAssigned) -> Prepared:
    """Fit a waveform to a model.

    Raises:
        InvalidInput: it does not fit; naming the field and what is accepted.
    """
    said, data = waveform.description, target.data_spec
    samples, warnings = _in_order(waveform, data)
    samples, scale = _in_unit(waveform, samples, data)
    _check_range(waveform, samples, scale, data)
    rate_hz, resampled_from_hz = said.sampling_rate_hz, None
    if needs_resampling(waveform, target):
        samples, scale = _at_rate(waveform, samples, scale, data.sampling_rate_hz), None
        resampled_from_hz, rate_hz = rate_hz, data.sampling_rate_hz
        warnings = (*warnings, f"resampled from {resampled_from_hz:g} Hz to {rate_hz:g} Hz")
    _long_enough(waveform, samples.shape[1], target, resampled_from_hz)
    speed_hz, doubts = shaft_speed(waveform, target.model_spec, data)
    orders = fault_orders(waveform, target.model_spec, data)
    samples = np.ascontiguousarray(samples)
    channels, length = samples.shape
    dtype = "<i2" if samples.dtype == np.int16 else "<f4"
    encoding = Encoding(dtype=dtype, shape=(channels, length), scale=scale)
    return Prepared(samples, encoding, rate_hz, resampled_from_hz, speed_hz, orders, warnings + doubts)


def _in_order(waveform: Waveform, data: DataSpec) -> tuple[Stored, tuple[str, ...]]:
    """The model's channels, by name where names were given."""
    samples, wanted = waveform.samples, tuple(channel.name for channel in data.channels)
    if samples.ndim == 1:
        if samples.size % len(wanted):
            detail = f"{samples.size} samples are not {len(wanted)} channels of equal length"
            raise InvalidInput.at(waveform.at("waveform"), detail, f"channels {', '.join(wanted)}")
        samples = samples.reshape(len(wanted), -1)
    if waveform.channels is None:
        if samples.shape[0] != len(wanted):
            accepted = f"{len(wanted)}: {', '.join(wanted)}"
            raise InvalidInput.at(waveform.at("waveform"), f"{samples.shape[0]} channels", accepted)
        return samples, ()
    if len(set(waveform.channels)) != len(waveform.channels):
        raise InvalidInput.at(waveform.at("channels"), "names must differ", ", ".join(wanted))
    missing = [name for name in wanted if name not in waveform.channels]
    if missing:
        raise InvalidInput.at(waveform.at("channels"), f"{', '.join(missing)} is missing", ", ".join(wanted))
    unread = tuple(f"channel {name} is not read by this model" for name in waveform.channels if name not in wanted)
    if waveform.channels == wanted:
        return samples, unread
    return samples[[waveform.channels.index(name) for name in wanted]], unread


def _in_unit(waveform: Waveform, samples: Stored, data: DataSpec) -> tuple[Stored, float | None]:
    """The samples in the unit of each channel, and the scale that is left to apply."""
    unit, scale = waveform.description.unit, waveform.scale
    if unit is None:
        return samples, scale
    factors = [1.0 if unit == channel.unit else _FACTORS.get((unit, channel.unit), 0.0) for channel in data.channels]
    if 0.0 in factors:
        units = ", ".join(sorted({channel.unit for channel in data.channels}))
        raise InvalidInput.at(
            waveform.at("unit"), f"{unit} cannot become {units}", f"{units}; g and m/s2 are converted"
        )
    if set(factors) == {1.0}:
        return samples, scale
    if scale is not None and len(set(factors)) == 1:
        return samples, scale * factors[0]
    with np.errstate(over="ignore"):
        physical = samples.astype(np.float32) * np.float32(1.0 if scale is None else scale)
        return physical * np.asarray(factors, np.float32)[:, np.newaxis], None


def _check_range(waveform: Waveform, samples: Stored, scale: float | None, data: DataSpec) -> None:
    """Let finite samples pass that a sensor could have given."""
    factor = 1.0 if scale is None else scale
    # Two passes without a temporary array; a NaN is minimum and maximum, and no comparison holds for it.
    if float(samples.min()) * factor >= -LARGEST_SAMPLE and float(samples.max()) * factor <= LARGEST_SAMPLE:
        return
    row, place = np.argwhere(~(np.abs(samples.astype(np.float64)) * factor <= LARGEST_SAMPLE))[0]
    channel = data.channels[row]
    detail = f"sample {place} of channel {channel.name} is not finite, or more than anything measures"
    accepted = f"finite numbers between {-LARGEST_SAMPLE:g} and {LARGEST_SAMPLE:g}, in {channel.unit}"
    raise InvalidInput.at(waveform.at("waveform"), detail, accepted)


def _at_rate(waveform: Waveform, samples: Stored, scale: float | None, wanted_hz: float) -> Stored:
    """Samples at the model's rate, in physical units."""
    rate_hz = waveform.description.sampling_rate_hz
    if rate_hz < wanted_hz:
        detail = f"{rate_hz:g} Hz is lower than the model's rate; what is not in a signal cannot be added"
        raise InvalidInput.at(waveform.at("sampling_rate_hz"), detail, f"{wanted_hz:g} or more")
    resampled = resample(samples, rate_hz, wanted_hz)
    return resampled if scale is None else resampled * np.float32(scale)


def _long_enough(waveform: Waveform, length: int, target: AliasAssigned, resampled_from_hz: float | None) -> None:
    needed, rate_hz = target.model_spec.window_samples, target.data_spec.sampling_rate_hz
    if length >= needed:
        return
    detail = f"{length} samples a channel are shorter than one window"
    accepted = f"at least {needed} samples a channel ({needed / rate_hz:g} s)"
    if resampled_from_hz is not None:
        detail = f"{length} samples a channel after resampling are shorter than one window"
        accepted = f"at least {ceil(needed / rate_hz * resampled_from_hz)} samples a channel ({needed / rate_hz:g} s)"
    raise InvalidInput.at(waveform.at("waveform"), detail, accepted)
