"""How a model does on a split: scores, intervals, calibration, group by group; and what it answered for each record."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.answers import in_prediction_set
from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.evaluations import EvaluationSummary
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.model_scores import ClassScore, GroupScore, SplitScores
from babbitt.contracts.paired import PairedPredictions, PairedRecord
from babbitt.contracts.splits import SplitName
from babbitt.training.fitting.evaluating.answering import Answering, Answers, LabelledRecords
from babbitt.training.fitting.evaluating.intervals import (
    GROUPS_NEEDED,
    accuracy_interval,
    group_index,
    macro_f1_interval,
)
from babbitt.training.fitting.evaluating.ranking import class_auroc, macro_auroc
from babbitt.training.fitting.evaluating.reliability import calibration_error, reliability
from babbitt.training.fitting.evaluating.scores import (
    Scores,
    answer_names,
    fault_names,
    record_scores,
    window_scores,
)

DECIMALS = 7
"""Of probabilities in a file: as many as float32 has."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answers for the records of a split, and how right they are."""

    records: LabelledRecords
    answers: Answers
    by_record: Scores
    by_window: Scores
    scores: SplitScores

    def summary(
        self, manifest: DatasetManifest, split: SplitName = "test", *, latency_ms: float | None = None
    ) -> EvaluationSummary:
        """What events say of it."""
        scores = self.scores
        return EvaluationSummary(
            test_split_sha256=manifest.split_digest(split),
            split_kind=manifest.configuration.split.kind,
            split_in_time=manifest.split_in_time,
            accepted_leakage=manifest.configuration.accepted_leakage,
            records=scores.records,
            windows=scores.windows,
            record_accuracy=scores.record_accuracy,
            record_accuracy_apart=self._apart(manifest.split_in_time),
            window_accuracy=scores.window_accuracy,
            macro_f1=scores.macro_f1,
            per_class={one.name: one.recall for one in scores.classes if one.support},
            groups=scores.groups,
            record_accuracy_interval=scores.record_accuracy_interval,
            macro_auroc=scores.macro_auroc,
            calibration_error=scores.calibration_error,
            coverage=scores.coverage,
            latency_ms=latency_ms,
        )

    def predictions(self, manifest: DatasetManifest, split: SplitName = "test") -> PairedPredictions:
        """What was answered for every record, paired by its digest with what other versions answered."""
        spec, novelty = self.answers.spec, self.answers.record_novelty()
        rows = zip(
            self.records.entries,
            self.records.targets,
            self.answers.served().round(DECIMALS).tolist(),
            answer_names(self.by_record, spec),
            self.by_record.right.tolist(),
            [None] * len(self.records) if novelty is None else novelty.tolist(),
            strict=True,
        )
        return PairedPredictions(
            test_split_sha256=manifest.split_digest(split),
            class_names=spec.class_names,
            task=spec.task,
            records=tuple(
                PairedRecord(
                    record=entry.record,
                    blake3=entry.blake3,
                    group=entry.group,
                    label=fault_names(true, spec.class_names)[0] if spec.task == "multiclass" else entry.label,
                    probabilities=tuple(probabilities),
                    faults=fault_names(true, spec.class_names) if spec.task == "multilabel" else None,
                    answer=answer,
                    right=right,
                    novelty=score,
                )
                for entry, true, probabilities, answer, right, score in rows
            ),
        )

    def _apart(self, in_time: tuple[str, ...]) -> float | None:
        """The accuracy of the records of classes that are not divided in time; None: those are all or none."""
        others = np.array([entry.label not in in_time for entry in self.records.entries])
        return float(self.by_record.right[others].mean()) if in_time and others.any() else None


def evaluate(answering: Answering, records: LabelledRecords, spec: ModelSpec, *, seed: int = 0) -> Evaluation:
    """Answer every record and see how right that is.

    Args:
        answering: the file that serves.
        records: of one split.
        spec: with the calibration that serves.
        seed: of the resamples that intervals come from.
    """
    answers = records.answered(answering, spec)
    by_record, by_window = record_scores(answers, records.targets), window_scores(answers, records.targets)
    return Evaluation(records, answers, by_record, by_window, _scores(records, answers, by_record, by_window, seed))


def _scores(records: LabelledRecords, answers: Answers, by_record: Scores, by_window: Scores, seed: int) -> SplitScores:
    spec, groups = answers.spec, records.groups
    served, auroc = answers.served(), class_auroc(answers, records.targets)
    bins = reliability(served, records.targets, spec)
    sets = in_prediction_set(served, spec)
    exclusive, novel = spec.task != "multilabel", _novel(answers)
    _, names = group_index(groups)
    return SplitScores(
        records=len(records),
        windows=len(answers.record),
        groups=len(names),
        record_accuracy=by_record.accuracy,
        record_accuracy_interval=accuracy_interval(by_record.right, groups, seed),
        window_accuracy=by_window.accuracy,
        macro_f1=by_record.macro_f1,
        macro_f1_interval=macro_f1_interval(by_record, groups, seed),
        window_macro_f1=by_window.macro_f1,
        macro_auroc=macro_auroc(spec, auroc),
        classes=_classes(by_record, auroc, novel),
        confusion=_counts(by_record) if exclusive else None,
        window_confusion=_counts(by_window) if exclusive else None,
        confusion_names=by_record.names if exclusive else (),
        calibration_error=calibration_error(bins),
        reliability=bins,
        coverage=None if sets is None else float((sets | ~records.targets).all(axis=1).mean()),
        mean_set_size=None if sets is None else float(sets.sum(axis=1).mean()),
        novel=None if novel is None else float(novel.mean()),
        by_group=accuracy_by(groups, records, by_record.right) if len(names) < GROUPS_NEEDED else (),
    )


def accuracy_by(
    names: tuple[str | None, ...], records: LabelledRecords, right: NDArray[np.bool_]
) -> tuple[GroupScore, ...]:
    """Accuracy of the records of each name, such as its group or severity; records without one are left out."""
    found: list[GroupScore] = []
    for name in sorted({name for name in names if name is not None}):
        rows = [row for row, one in enumerate(names) if one == name]
        labels = sorted({records.entries[row].label for row in rows})
        found.append(
            GroupScore(name=name, records=len(rows), record_accuracy=float(right[rows].mean()), labels=tuple(labels))
        )
    return tuple(found)


def _novel(answers: Answers) -> NDArray[np.bool_] | None:
    """Which records are told to be novel [record]; None: nobody knows what is."""
    rule, novelty = answers.spec.novelty, answers.record_novelty()
    return None if rule is None or novelty is None else novelty > rule.threshold


def _classes(scores: Scores, auroc: list[float | None], novel: NDArray[np.bool_] | None) -> tuple[ClassScore, ...]:
    shares = [None if novel is None or not one.any() else float(novel[one].mean()) for one in scores.truth.T]
    columns = zip(scores.names, scores.precision, scores.recall, scores.f1, scores.support, auroc, shares, strict=True)
    return tuple(
        ClassScore(
            name=name,
            precision=float(precision),
            recall=float(recall),
            f1=float(f1),
            support=int(support),
            auroc=area,
            novel=share,
        )
        for name, precision, recall, f1, support, area, share in columns
    )


def _counts(scores: Scores) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in scores.confusion.tolist())
