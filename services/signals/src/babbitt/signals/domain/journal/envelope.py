"""What multiplies a signature over a record: s(t), how far the fault has gone, times m(t), how the machine ran."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from babbitt.signals.domain.journal.severity import Severity
from babbitt.signals.domain.journal.transients import TRANSIENTS, Transient
from babbitt.signals.domain.time_base import FloatSamples, TimeBase

type Factor = FloatSamples
"""[samples], or [1] where it is constant."""


class Envelopes:
    """The envelopes on one time base; whatever does not change from record to record is worked out once."""

    def __init__(self, time: TimeBase) -> None:
        self._progress, self._transients = _curves(time)
        self._product = np.empty_like(self._progress)

    def of(self, severity: Severity, transient: Transient | None) -> Factor:
        """s(t) m(t). Overwritten by the next one."""
        if severity.end == severity.start and transient is None:
            return np.array([severity.start], np.float32)
        np.multiply(self._progress, np.float32(severity.end - severity.start), out=self._product)
        self._product += np.float32(severity.start)
        if transient is not None:
            self._product *= self._transients[transient]
        return self._product


@lru_cache(maxsize=1)
def _curves(time: TimeBase) -> tuple[FloatSamples, Mapping[Transient, FloatSamples]]:
    """The progress, and each transient: the same for all shards of a dataset."""
    return time.progress().astype(np.float32), {one: one(time).astype(np.float32) for one in TRANSIENTS}
