"""Writes waveform.npy and waveform.f32: 5 s of a journal bearing with oil whirl, simulated, in no dataset."""

import numpy as np

from babbitt.signals.domain.severity import SeverityLevel
from babbitt.signals.domain.simulation import simulate
from babbitt.signals.domain.time_base import TimeBase

time = TimeBase.of(duration_s=5.0, sampling_rate_hz=20_480)
record = simulate("oilwhirl", seed=999_999, record=0, level=SeverityLevel.SEVERE, time=time)
np.save("waveform.npy", record.samples)
record.samples.astype("<f4").tofile("waveform.f32")
