"""From a module that has learnt to the files that are told of: graph, weights, report, predictions."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from babbitt.contracts.evaluations import CrossValidation, Lineage, SeedResult
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.evaluation import Evaluation, evaluate
from babbitt.training.fitting.export import measured_parity, write_metadata, write_onnx
from babbitt.training.fitting.files import described, write_json
from babbitt.training.fitting.layout import CHAMPION_PREDICTIONS, MODEL, PREDICTIONS, REPORT, TRAIN_RECORDS, WEIGHTS
from babbitt.training.fitting.learning import Learnt
from babbitt.training.fitting.plan import Plan
from babbitt.training.fitting.progress import Completed, OutputFile, Progress, Progressed, TestedChampion
from babbitt.training.fitting.report import predictions, report
from babbitt.training.fitting.request import weights_digest
from babbitt.training.fitting.subject import Subject
from babbitt.training.fitting.windows import Windows


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of learning.

    Attributes:
        pool, plan: windows of training and validation split, and which of them were used how.
        threads, device: where.
        began: when the fit began, by the monotonic clock.
    """

    learnt: Learnt
    pool: Windows
    plan: Plan
    threads: int
    device: str
    began: float


class Finish:
    """Exports, then reads the test split, once, and evaluates the exported file on it."""

    def __init__(
        self, subject: Subject, dataset: DatasetFolder, bases: Bases, out: Path, tell: Callable[[Progress], None]
    ) -> None:
        self._subject, self._dataset, self._bases, self._out, self._tell = subject, dataset, bases, out, tell

    def __call__(self, outcome: Outcome) -> None:
        """Write all files and tell that there is a model.

        Raises:
            ParityExceeded: the graph answers otherwise than the module.
            DatasetUnusable: the test split cannot be read.
        """
        manifest, subject = self._dataset.manifest, self._subject
        learnt, threads = outcome.learnt, outcome.threads
        self._tell(Progressed(phase="exporting"))
        validation = outcome.pool.chosen([i for i, entry in enumerate(outcome.pool.entries) if entry.split != "train"])
        model = self._out / MODEL
        write_onnx(learnt.model, validation, model)
        parity = measured_parity(learnt.model, model, validation, threads)
        write_metadata(model, self._metadata(parity.model_dump_json()))
        self._tell(Progressed(phase="evaluating"))
        windows = Windows.of(self._dataset.records("test"), subject.data, subject.spec, subject.labelling)
        names = subject.spec.class_names
        test = evaluate(model, windows, "test", names, threads)
        held_out = evaluate(model, validation, "validation", names, threads)
        content = report(subject.request, manifest, test, held_out, parity, learnt, threads, outcome.device)
        self._tell(
            Completed(
                artifact=described(model),
                report=write_json(content, self._out / REPORT),
                predictions=write_json(predictions(manifest, windows, test), self._out / PREDICTIONS),
                data_spec=subject.data,
                model_spec=subject.spec,
                evaluation=test.summary(manifest),
                parity=parity,
                epochs=sum(len(run.history) for run in (*learnt.folds, *learnt.finals)),
                seconds=time.monotonic() - outcome.began,
                device=outcome.device,
                weights=self._weights(outcome),
                champion=self._champion(windows, names, threads),
                seeds=self._seeds(outcome, windows),
                cross_validation=self._pooled(outcome),
                lineage=self._lineage(outcome),
                train_records=self._train_records(outcome),
            )
        )

    def _weights(self, outcome: Outcome) -> OutputFile | None:
        if not outcome.learnt.chosen.weights:
            return None
        path = self._out / WEIGHTS
        torch.save(outcome.learnt.chosen.weights, path)
        return described(path)

    def _champion(self, windows: Windows, names: tuple[str, ...], threads: int) -> TestedChampion | None:
        """The champion's answers on this test split, where it reads the same and names the same classes."""
        subject, manifest = self._subject, self._dataset.manifest
        for champion in self._bases.of("champion"):
            theirs = champion.model_spec
            if (theirs.window_samples, theirs.hop_samples, theirs.inputs) != (
                subject.spec.window_samples,
                subject.spec.hop_samples,
                subject.spec.inputs,
            ):
                windows = Windows.of(self._dataset.records("test"), subject.data, theirs, subject.labelling)
            if theirs.class_names != names or champion.data_spec.channels != subject.data.channels:
                continue
            evaluation = evaluate(self._bases.path(champion), windows, "test", names, threads)
            content = predictions(manifest, windows, evaluation)
            return TestedChampion(
                version=champion.version,
                artifact_sha256=champion.sha256,
                evaluation=evaluation.summary(manifest),
                predictions=write_json(content, self._out / CHAMPION_PREDICTIONS),
            )
        return None

    def _seeds(self, outcome: Outcome, windows: Windows) -> tuple[SeedResult, ...]:
        """How each seed's weights did, by the module: only the chosen ones become a file."""
        learnt = outcome.learnt
        if len(learnt.finals) == 1:
            return ()
        found: list[SeedResult] = []
        for run in learnt.finals:
            model = self._subject.module(run.seed)
            model.load_state_dict(run.weights)
            accuracy = Evaluation.by_module(model.eval(), windows, self._subject.spec.class_names).by_record.accuracy
            found.append(
                SeedResult(
                    seed=run.seed, validation_loss=run.loss, record_accuracy=accuracy, chosen=run is learnt.chosen
                )
            )
        return tuple(found)

    def _pooled(self, outcome: Outcome) -> CrossValidation | None:
        folds = outcome.plan.folds
        if not folds:
            return None
        right = records = 0
        for fold, result in zip(folds, outcome.learnt.folds, strict=True):
            assert result.asked is not None
            truth = outcome.pool.chosen(fold.asked).record_targets().argmax(dim=1)
            right += int((result.asked.argmax(dim=1) == truth).sum())
            records += len(truth)
        return CrossValidation(
            folds=tuple(fold.held_out for fold in folds), records=records, record_accuracy=right / records
        )

    def _lineage(self, outcome: Outcome) -> Lineage:
        request = self._subject.request
        return Lineage(
            base_version=request.base_version,
            members=request.members,
            class_map={
                name: None if to is None else (to,) if isinstance(to, str) else to
                for name, to in request.class_map.items()
            },
            seed=outcome.learnt.chosen.seed,
            threads=outcome.threads,
            quick=request.quick,
        )

    def _train_records(self, outcome: Outcome) -> OutputFile:
        """Digests of all records that the version, and what it is based on, learnt from or was chosen by."""
        digests = {entry.blake3 for entry in outcome.pool.entries} | self._bases.train_records()
        path = self._out / TRAIN_RECORDS
        path.write_text("".join(f"{digest}\n" for digest in sorted(digests)))
        return described(path)

    def _metadata(self, parity: str) -> dict[str, str]:
        manifest, subject = self._dataset.manifest, self._subject
        return {
            "data_spec": subject.data.model_dump_json(),
            "model_spec": subject.spec.model_dump_json(),
            "classes": "\n".join(subject.spec.class_names),
            "dataset_sha256": manifest.dataset_id,
            "train_split_sha256": manifest.split_digest("train"),
            "test_split_sha256": manifest.split_digest("test"),
            "request_sha256": weights_digest(subject.request, subject.bases),
            "parity": parity,
        }
