"""What a faulty sensor makes of a measurement."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

type Samples = NDArray[np.float32]

DROPOUTS = (1, 4)
DROPOUT_SHARE = (0.02, 0.1)
CLIPPED_AT = (0.3, 0.6)
STUCK_FROM = (0.0, 0.5)


def _dropout(samples: Samples, rng: Generator) -> Samples:
    """Zeros for some stretches: a loose contact."""
    heard, length = samples.copy(), samples.shape[1]
    for _ in range(int(rng.integers(*DROPOUTS, endpoint=True))):
        first = int(rng.random() * length)
        heard[:, first : first + int(rng.uniform(*DROPOUT_SHARE) * length) + 1] = 0
    return heard


def _clipping(samples: Samples, rng: Generator) -> Samples:
    """Nothing beyond a share of the largest value: a range that is too small."""
    most = np.float32(rng.uniform(*CLIPPED_AT) * np.abs(samples).max())
    return np.clip(samples, -most, most)


def _stuck(samples: Samples, rng: Generator) -> Samples:
    """From a moment on, always the value of that moment: a converter that hangs."""
    heard, first = samples.copy(), int(rng.uniform(*STUCK_FROM) * samples.shape[1])
    heard[:, first:] = heard[:, first : first + 1]
    return heard


SENSOR_FAULTS: Mapping[str, Callable[[Samples, Generator], Samples]] = {
    "dropout": _dropout,
    "clipping": _clipping,
    "stuck": _stuck,
}
"""By name: what it makes of [channels, samples]; finite, and never the memory that it was given."""
