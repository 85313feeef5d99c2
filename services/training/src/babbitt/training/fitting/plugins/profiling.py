"""Where a step's time goes: torch's profiler over a few steps."""

from pathlib import Path
from typing import ClassVar

from torch.profiler import ProfilerActivity, profile

from babbitt.training.fitting.layout import PROFILE_TABLE, PROFILE_TRACE
from babbitt.training.fitting.plugins.plugin import Plugin, Training

PASSED_OVER = 2
"""The first steps are not like the others: memory is taken, kernels are chosen."""
ROWS = 40


class Profiling(Plugin):
    """Writes a trace, which Chrome and Perfetto open, and a table of operators; once, of the first run.

    Comes before the plug-ins that tell and save: what they do is no part of the next step.

    Args:
        steps: how many, after the first two; fewer where the training is over before.
        out: folder that the two files are written into.
    """

    name: ClassVar[str] = "profiling"

    def __init__(self, steps: int, out: Path) -> None:
        self._steps, self._out = steps, out
        self._left = PASSED_OVER
        self._profile: profile | None = None

    def step_over(self, training: Training) -> None:
        self._left -= 1
        if self._left > 0:
            return
        if self._profile:
            self._profile.stop()
            self._write(self._profile, training)
        elif self._steps:
            self._profile, self._left = _started(training), self._steps

    def end(self, training: Training) -> None:
        if self._profile is None:
            return
        self._profile.stop()
        if self._left < self._steps:
            self._write(self._profile, training)

    def _write(self, over: profile, training: Training) -> None:
        self._profile, self._steps = None, 0
        self._out.mkdir(parents=True, exist_ok=True)
        over.export_chrome_trace(str(self._out / PROFILE_TRACE))
        time = "self_cuda_time_total" if training.device.type == "cuda" else "self_cpu_time_total"
        table = over.key_averages().table(sort_by=time, row_limit=ROWS)
        (self._out / PROFILE_TABLE).write_text(table)


def _started(training: Training) -> profile:
    activities = [ProfilerActivity.CPU]
    if training.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    started = profile(activities=activities, record_shapes=True, profile_memory=True)
    started.start()
    return started
