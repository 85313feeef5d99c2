"""Faults of a size never seen: the recordings of Case Western's data centre in three turns.

Each turn learns from two sizes and answers the third. Settings are chosen by leaving one size out among those learnt
from; what those models say of the sizes left out calibrates temperature and sets, for a set is to hold what it promises
of bearings not seen. The healthy machine, of which there is one recording, is learnt from its first 70 % and is an
answer that may be given; its end is told apart.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import torch
from bearing_windows import BearingWindows
from numpy.typing import NDArray
from order_envelope_model import Model, Probabilities, built, exported, features_of

from babbitt.contracts.answers import record_answer, record_novelty, voted
from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.simulations import ROLLING_FAULTS
from babbitt.training.families.classifier import Answer
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig
from babbitt.training.families.order_envelope.module import OrderEnvelope
from babbitt.training.fitting.evaluating.calibration import fit_calibration
from babbitt.training.fitting.evaluating.novelty import fit_novelty

HEALTHY, LEARNT_OF_HEALTHY, LEARNT_WITHIN = 97, 0.7, 0.45
SIZES = {7: (130, 105, 118), 14: (197, 169, 185), 21: (234, 209, 222)}
"""Thousandths of an inch: recordings of the outer race, the inner race, the ball."""
LABELS = {HEALTHY: 0} | {number: label for size in SIZES.values() for label, number in enumerate(size, start=1)}
"""Of each recording, its place among ROLLING_FAULTS."""
WEAK, WRONG_ABOVE = 197, 0.6
SETTINGS = tuple(product((0.01, 0.02), (40.0, 4.0, 0.4)))
"""Slip tolerance and penalty; of equals the first is taken."""
SPEED_ERRORS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)


class Turns:
    """Trains on some recordings and asks about others, with every setting."""

    def __init__(self, windows: BearingWindows) -> None:
        self.windows = windows
        self._features = {
            slip: features_of(built(OrderEnvelopeConfig(slip_tolerance=slip), ROLLING_FAULTS)[0], windows)
            for slip in sorted({slip for slip, _ in SETTINGS})
        }

    def learnt(self, rows: NDArray[np.bool_], slip: float, penalty: float) -> tuple[OrderEnvelope, ModelSpec]:
        """A module that has learnt from some windows."""
        module, spec = built(OrderEnvelopeConfig(slip_tolerance=slip, penalty=penalty), ROLLING_FAULTS)
        features, labels = self._features[slip][torch.from_numpy(rows)], torch.from_numpy(self.windows.labels[rows])
        module.learn(features, labels, 0)
        assert module.novelty is not None
        module.novelty.learn(module.head(features)[1], torch.nn.functional.one_hot(labels))
        return module, spec

    def left_out(self, sizes: tuple[int, ...], slip: float, penalty: float) -> Iterator[tuple[int, Answer]]:
        """What is said of windows by models that learnt from the other ones of these sizes, by recording."""
        recording, ends = self.windows.recording, self.windows.ends
        healthy = (recording == HEALTHY) & (ends > LEARNT_WITHIN) & (ends <= LEARNT_OF_HEALTHY)
        for size in sizes:
            others = self.of_sizes(*(other for other in sizes if other != size))
            module, _ = self.learnt(others & ~healthy, slip, penalty)
            for number in (*SIZES[size], HEALTHY):
                rows = torch.from_numpy(healthy if number == HEALTHY else recording == number)
                with torch.no_grad():
                    yield number, module.answer(self._features[slip][rows])

    def of_sizes(self, *sizes: int) -> NDArray[np.bool_]:
        """The windows of these sizes' recordings, and the beginning of the healthy one."""
        numbers = [number for size in sizes for number in SIZES[size]]
        healthy = (self.windows.recording == HEALTHY) & (self.windows.ends <= LEARNT_OF_HEALTHY)
        return np.isin(self.windows.recording, numbers) | healthy

    def chosen(self, sizes: tuple[int, ...]) -> tuple[float, float]:
        """The setting that is right most often of what was left out, every recording counting once."""

        def right(setting: tuple[float, float]) -> float:
            said = self.left_out(sizes, *setting)
            shares = [np.mean(one.probabilities.numpy().argmax(1) == LABELS[number]) for number, one in said]
            return float(np.mean(shares))

        return max(SETTINGS, key=right)

    def model(self, sizes: tuple[int, ...]) -> tuple[Model, tuple[float, float]]:
        """What came of these sizes alone, calibrated on what it would say of sizes that it had not seen."""
        setting = self.chosen(sizes)
        module, spec = self.learnt(self.of_sizes(*sizes), *setting)
        said = {number: windows for number, windows in self.left_out(sizes, *setting) if number != HEALTHY}
        answers = np.stack([voted(one.probabilities.numpy()) for one in said.values()])
        truth = np.eye(len(ROLLING_FAULTS), dtype=bool)[[LABELS[number] for number in said]]
        groups = [str(number) for number in said]
        scores = np.array([float(one.novelty.double().mean()) for one in said.values() if one.novelty is not None])
        rules = {
            "calibration": fit_calibration(answers, truth, groups, spec),
            "novelty": fit_novelty(scores, groups),
        }
        return exported(module, spec.model_copy(update=rules), self.windows), setting


def unseen_size(windows: BearingWindows) -> dict[str, Any]:
    """Three turns; each recording is answered once, by a model that knows nothing of its size."""
    turns, models, recordings = Turns(windows), dict[int, Model](), list[dict[str, Any]]()
    for size, numbers in SIZES.items():
        models[size], (slip, penalty) = turns.model(tuple(other for other in SIZES if other != size))
        for number in numbers:
            asked = windows.chosen(windows.recording == number)
            said = told(number, models[size](asked), models[size].novelty(asked), models[size].spec)
            recordings.append(said | {"slip": slip, "penalty": penalty})
    healthy = windows.chosen((windows.recording == HEALTHY) & (windows.ends > LEARNT_OF_HEALTHY))
    return {
        "recordings_right": sum(one["right"] for one in recordings),
        "of": len(recordings),
        "window_accuracy": float(np.mean([one["windows_right"] for one in recordings])),
        "healthy_end_novel": [_is_novel(model, healthy) for model in models.values()],
        "healthy_window_accuracy": [float(np.mean(model(healthy).argmax(1) == 0)) for model in models.values()],
        "recordings": recordings,
        "speed_error": {str(error): _at_wrong_speed(models, windows, error) for error in SPEED_ERRORS},
        "window_ms_one_thread": min(model.window_ms(windows) for model in models.values()),
    }


def told(number: int, said: Probabilities, scores: Probabilities, spec: ModelSpec) -> dict[str, Any]:
    """The record-level answer.

    The weak one is right with its truth in the set, or as novel, unless another one is told for sure.
    """
    answer, novelty = record_answer(said, spec), record_novelty(scores, spec)
    assert novelty is not None
    assert spec.novelty is not None
    truth = spec.class_names[LABELS[number]]
    right = answer.fault == truth
    if number == WEAK:
        noticed = novelty.novel or truth in (answer.prediction_set or ())
        right = noticed and (right or answer.confidence <= WRONG_ABOVE)
    return {
        "recording": number,
        "right": right,
        "is": truth,
        "answered": answer.fault,
        "probability": round(answer.confidence, 3),
        "prediction_set": list(answer.prediction_set or ()),
        "novel": novelty.novel,
        "novelty": round(novelty.score, 3),
        "novel_above": round(spec.novelty.threshold, 3),
        "windows_right": float(np.mean(said.argmax(1) == LABELS[number])),
    }


def _is_novel(model: Model, windows: BearingWindows) -> bool:
    novelty = record_novelty(model.novelty(windows), model.spec)
    return novelty is not None and novelty.novel


def _at_wrong_speed(models: dict[int, Model], windows: BearingWindows, error: float) -> float:
    """Share of windows right, where the speed is said wrong by this share."""
    parts = [(model, windows.chosen(np.isin(windows.recording, SIZES[size]))) for size, model in models.items()]
    return float(
        np.mean([np.mean(model(part.at_wrong_speed(error)).argmax(1) == part.labels) for model, part in parts])
    )
