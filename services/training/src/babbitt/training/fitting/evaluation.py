"""How the exported file does on a split, window by window and record by record."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from babbitt.contracts.evaluations import EvaluationSummary
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.splits import SplitName
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.metrics import Scores
from babbitt.training.fitting.onnx_answers import BATCH, OnnxAnswers
from babbitt.training.fitting.windows import Windows


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answers of a file on a split.

    Attributes:
        split: which one.
        class_names: of the columns.
        probabilities: of each record, the mean over its windows [record, class].
        by_record, by_window: the scores.
    """

    split: SplitName
    class_names: tuple[str, ...]
    probabilities: NDArray[np.float64]
    by_record: Scores
    by_window: Scores

    @classmethod
    def of(
        cls, by_window: NDArray[np.float32], windows: Windows, split: SplitName, class_names: tuple[str, ...]
    ) -> Self:
        """What probabilities of windows [window, class] amount to."""
        by_record = windows.vote(torch.from_numpy(by_window).double()).numpy()
        truth, classes = windows.targets.argmax(dim=1), len(class_names)
        return cls(
            split=split,
            class_names=class_names,
            probabilities=by_record,
            by_record=Scores.of(windows.record_targets().argmax(dim=1).numpy(), by_record.argmax(axis=1), classes),
            by_window=Scores.of(truth.numpy(), by_window.argmax(axis=1), classes),
        )

    @classmethod
    def by_module(cls, model: WaveformClassifier, windows: Windows, class_names: tuple[str, ...]) -> Self:
        """What the module itself answers to the test split."""
        chunks = [windows.rows(slice(start, start + BATCH)) for start in range(0, len(windows), BATCH)]
        with torch.no_grad():
            by_window = torch.cat([model(*chunk.values()).probabilities for chunk in chunks]).numpy()
        return cls.of(by_window, windows, "test", class_names)

    def summary(self, manifest: DatasetManifest) -> EvaluationSummary:
        """What TrainCompleted says of it."""
        return EvaluationSummary(
            test_split_sha256=manifest.split_digest(self.split),
            split_kind=manifest.configuration.split.kind,
            split_in_time=manifest.split_in_time,
            accepted_leakage=manifest.configuration.accepted_leakage,
            records=int(self.by_record.support.sum()),
            windows=int(self.by_window.support.sum()),
            record_accuracy=self.by_record.accuracy,
            record_accuracy_apart=self._apart(manifest.split_in_time),
            window_accuracy=self.by_window.accuracy,
            macro_f1=self.by_record.macro_f1,
            per_class={
                name: recall
                for name, recall, records in zip(
                    self.class_names, self.by_record.recall.tolist(), self.by_record.support.tolist(), strict=True
                )
                if records  # a class of which no group was held out was not tested
            },
        )

    def _apart(self, in_time: tuple[str, ...]) -> float | None:
        """The accuracy of the classes that are not divided in time; None: those are all or none."""
        if not in_time:
            return None
        by_group = np.array([name not in in_time for name in self.class_names])
        others = int(self.by_record.support[by_group].sum())
        return float(np.diag(self.by_record.confusion)[by_group].sum()) / others if others else None


def evaluate(path: Path, windows: Windows, split: SplitName, class_names: tuple[str, ...], threads: int) -> Evaluation:
    """Answer every window of a split by the ONNX file at `path`, and vote them into records."""
    return Evaluation.of(OnnxAnswers(path, threads).probabilities(windows.inputs), windows, split, class_names)
