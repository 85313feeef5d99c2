"""How variants answer validation records, and how long they take, side by side."""

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from babbitt.contracts.answers import decided
from babbitt.contracts.simulations import SEVERITIES
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
        novelty: of each record [record]; None: the file has no such output.
        threshold: above which it counts as novel.
        severity_error: mean absolute error in levels of records whose severity is known; None: none is told.
    """

    probabilities: NDArray[np.float64]
    scores: Scores
    novelty: NDArray[np.float64] | None = None
    threshold: float = math.inf
    severity_error: float | None = None

    @classmethod
    def of(cls, path: Path, windows: Windows, task: Task, threads: int, *, threshold: float | None = None) -> "Answers":
        """Answer all windows by the file, and vote.

        Without a threshold it is the highest score of these records. The rule that serves would call one in a hundred
        of them novel, of every file as many; which of those at its margin is chance.
        """
        outputs = OnnxAnswers(path, threads).all_outputs(windows.inputs)
        probabilities, novelty, severity = (
            _by_record(windows, outputs.get(name)) for name in ("probabilities", "novelty", "severity")
        )
        assert probabilities is not None, "every file has them"
        told = decided(probabilities)
        if task == "multiclass":
            told = np.eye(probabilities.shape[1], dtype=bool)[probabilities.argmax(axis=1)]
        scores = Scores((), decided(windows.record_targets().numpy()), told)
        if threshold is None:
            threshold = math.inf if novelty is None else float(novelty.max())
        return cls(probabilities, scores, novelty, threshold, _severity_error(windows, severity))

    @property
    def right(self) -> NDArray[np.bool_]:
        """Of which records it tells what they are, and that they are like what was learnt from [record]."""
        return self.scores.right & (True if self.novelty is None else self.novelty <= self.threshold)

    def flipped(self, other: "Answers") -> int:
        """Records that the two answer otherwise."""
        return int((self.scores.answer != other.scores.answer).any(axis=1).sum())

    def lost(self, reference: "Answers", groups: Sequence[str]) -> int:
        """Groups with a record of which the reference is right and this one is not, by the group of each record."""
        lost = (reference.right & ~self.right).tolist()
        return len({group for group, one in zip(groups, lost, strict=True) if one})

    def max_abs_difference(self, other: "Answers") -> float:
        """Worst difference of a record's probability."""
        return float(np.abs(self.probabilities - other.probabilities).max())


def _by_record(windows: Windows, by_window: NDArray[np.float32] | None) -> NDArray[np.float64] | None:
    return None if by_window is None else windows.vote(torch.from_numpy(by_window).double()).numpy()


def _severity_error(windows: Windows, told: NDArray[np.float64] | None) -> float | None:
    levels = windows.vote(windows.severity_levels().double()).numpy()
    known = levels >= 0
    if told is None or not known.any():
        return None
    return float(np.abs((len(SEVERITIES) - 1) * told[known] - levels[known]).mean())


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
