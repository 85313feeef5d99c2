from collections.abc import Callable, Sequence

import numpy as np
import pytest

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.manifests import RecordEntry
from babbitt.training.fitting.evaluating.answering import LabelledRecords, WindowAnswers

CLASSES = ("healthy", "inner", "outer")
WINDOW = 4


def spec_of(**changed: object) -> ModelSpec:
    return ModelSpec.model_validate(
        {"family": "any_small", "window_samples": WINDOW, "hop_samples": WINDOW, "class_names": CLASSES} | changed
    )


def records_of(
    labels: Sequence[str],
    groups: Sequence[str] | None = None,
    *,
    windows: int = 2,
    severities: Sequence[str | None] | None = None,
    classes: Sequence[str] = CLASSES,
) -> LabelledRecords:
    """Records whose samples are all the place of their label among the classes."""
    groups = groups or [f"g{row}" for row in range(len(labels))]
    severities = severities or [None] * len(labels)
    entries = tuple(
        RecordEntry(
            record=f"r{row}", label=label, split="test", group=group, shard=0, row=row, samples=WINDOW * windows,
            severity=severity, blake3=f"{row:064x}",
        )
        for row, (label, group, severity) in enumerate(zip(labels, groups, severities, strict=True))
    )  # fmt: skip
    return LabelledRecords(
        entries=entries,
        waveforms=[np.full((1, WINDOW * windows), CLASSES.index(label), dtype=np.float32) for label in labels],
        targets=np.array([[label == name for name in classes] for label in labels]),
        healthy=np.array([label == "healthy" for label in labels]),
    )


def answering(probabilities: Sequence[Sequence[float]], novelty: Sequence[float] | None = None):
    """A model that reads a window's first sample as a place in these tables."""
    table = np.array(probabilities, dtype=np.float32)
    scores = None if novelty is None else np.array(novelty, dtype=np.float32)

    def answer(inputs):
        place = np.clip(np.rint(inputs["waveform"][:, 0, 0]), 0, len(table) - 1).astype(int)
        return WindowAnswers(table[place], None if scores is None else scores[place])

    return answer


type Making = Callable[..., LabelledRecords]


@pytest.fixture
def knowing():
    """Right, and 80 % sure."""
    return answering([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
