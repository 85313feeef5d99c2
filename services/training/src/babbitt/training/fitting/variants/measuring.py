"""How variants answer validation records, and how long they take, side by side."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from babbitt.contracts.answers import decided
from babbitt.training.families.classifier import Task
from babbitt.training.fitting.evaluating.scores import Scores
from babbitt.training.fitting.onnx_answers import OnnxAnswers
from babbitt.training.fitting.windows import Inputs, Windows

ROUNDS, LEAST_ROUNDS, BUDGET_S = 50, 5, 3.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What a file says of records.

    Attributes:
        probabilities: the mean over each record's windows [record, class].
        scores: what it tells of each record, beside the truth.
    """

    probabilities: NDArray[np.float64]
    scores: Scores

    @classmethod
    def of(cls, path: Path, windows: Windows, task: Task, threads: int) -> "Answers":
        """Answer all windows by the file, and vote."""
        by_window = torch.from_numpy(OnnxAnswers(path, threads).probabilities(windows.inputs)).double()
        probabilities = windows.vote(by_window).numpy()
        told = decided(probabilities)
        if task == "multiclass":
            told = np.eye(probabilities.shape[1], dtype=bool)[probabilities.argmax(axis=1)]
        return cls(probabilities, Scores((), decided(windows.record_targets().numpy()), told))

    def flipped(self, other: "Answers") -> int:
        """Records that the two answer otherwise."""
        return int((self.scores.answer != other.scores.answer).any(axis=1).sum())

    def lost(self, reference: "Answers", groups: Sequence[str]) -> int:
        """Groups with a record that the reference answers right and this one wrong, by the group of each record."""
        lost = (reference.scores.right & ~self.scores.right).tolist()
        return len({group for group, one in zip(groups, lost, strict=True) if one})

    def max_abs_difference(self, other: "Answers") -> float:
        """Worst difference of a record's probability."""
        return float(np.abs(self.probabilities - other.probabilities).max())


def latencies_ms(paths: Mapping[str, Path], windows: Windows) -> dict[str, float]:
    """Median time of the first record's windows on one thread, of each file.

    The files take turns, so that whatever else the processor does meets all of them alike; what is measured is the
    thread's own time on the processor, without what others took of it.
    """
    inputs: Inputs = windows.chosen([0]).inputs
    sessions = {name: OnnxAnswers(path, threads=1) for name, path in paths.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for session in sessions.values():
        session.probabilities(inputs)
    began = time.thread_time()
    for done in range(ROUNDS):
        if done >= LEAST_ROUNDS and time.thread_time() - began > BUDGET_S:
            break
        for name, session in sessions.items():
            start = time.thread_time()
            session.probabilities(inputs)
            seconds[name].append(time.thread_time() - start)
    return {name: 1e3 * statistics.median(taken) for name, taken in seconds.items()}
