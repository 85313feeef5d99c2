"""How a machine ran, against what a model has learnt from: where it was so different that an answer means nothing."""

from babbitt.contracts.dataspec import DataSpec, ModelSpec

FAR_SPEED = 2.0
"""A shaft speed beyond what learning saw by this factor is far outside."""
FAR_RMS = 4.0
"""A level beyond what learning saw by this factor (12 dB) is; less is how a fault grows."""

type Range = tuple[float, float]


def speeds_seen_hz(model: ModelSpec, data: DataSpec) -> Range | None:
    """Lowest and highest shaft speed that a model has learnt from; None: nobody knows."""
    if model.shaft_speed_range_hz is not None:
        return model.shaft_speed_range_hz
    return None if data.shaft_speed_hz is None else (data.shaft_speed_hz, data.shaft_speed_hz)


def widened(seen: Range, factor: float) -> Range:
    """What is not far from what was seen."""
    lowest, highest = seen
    return lowest / factor, highest * factor


def within(value: float, accepted: Range) -> bool:
    """Whether it is; NaN is not."""
    lowest, highest = accepted
    return lowest <= value <= highest
