"""Writes build/waveform.npy and build/waveform.f32: 5 s of a bearing with oil whirl, simulated, in no dataset."""

from pathlib import Path

import numpy as np

from babbitt.signals.domain.journal.severity import SeverityLevel
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.time_base import TimeBase

time = TimeBase.of(duration_s=5.0, sampling_rate_hz=20_480)
record = Simulator(999_999, time).make("oilwhirl", record=0, level=SeverityLevel.SEVERE)
folder = Path("build")
folder.mkdir(exist_ok=True)
np.save(folder / "waveform.npy", record.samples)
record.samples.astype("<f4").tofile(folder / "waveform.f32")
