"""From a module that has learnt to the files that are told of: graph, variants, weights, report, predictions."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.evaluations import Parity
from babbitt.contracts.learnt import LearntRecords
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.build import code_digests
from babbitt.training.fitting.champion import champion_result
from babbitt.training.fitting.comparing import Comparing, answers_of_folds
from babbitt.training.fitting.dataset_folder import DatasetFolder, Records
from babbitt.training.fitting.evaluating.answering import LabelledRecords
from babbitt.training.fitting.evaluating.labelled import labelled
from babbitt.training.fitting.evaluating.onnx_answering import OnnxAnswering
from babbitt.training.fitting.export import measured_parity, write_metadata, write_onnx
from babbitt.training.fitting.files import described, write_model
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.layout import MODEL, TRAIN_RECORDS, VARIANTS, WEIGHTS
from babbitt.training.fitting.learning import Learnt
from babbitt.training.fitting.plan import Plan
from babbitt.training.fitting.progress import Completed, MeasuredVariant, OutputFile, Progress, Progressed
from babbitt.training.fitting.request import weights_digest
from babbitt.training.fitting.run import examples_of
from babbitt.training.fitting.served_spec import served_spec
from babbitt.training.fitting.subject import Subject
from babbitt.training.fitting.teach_novelty import teach_novelty
from babbitt.training.fitting.testing import Testing
from babbitt.training.fitting.variants.make import Made, make_variants, unmeasured
from babbitt.training.fitting.variants.quantisation_aware import fine_tuned
from babbitt.training.fitting.windows import Windows

EXPORTED = "exported.onnx"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of learning.

    Attributes:
        records: of training and validation split, in the order of the pool.
        pool, plan: windows of those, and which of them were used how.
        threads, device: where.
        began: when the fit began, by the monotonic clock.
        left_s: seconds that are left of the budget.
        makers: builds and processors that learnt, one after the other.
    """

    learnt: Learnt
    records: Records
    pool: Windows
    plan: Plan
    threads: int
    device: str
    began: float
    left_s: Callable[[], float]
    makers: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """What should be known of how it was learnt."""
        if not self.makers[1:]:
            return ()
        return (
            f"Learnt on several, so made again its weights may differ in their last bits: {'; '.join(self.makers)}.",
        )

    def learnt_from(self) -> tuple[int, ...]:
        """The records that the version learnt from."""
        return self.plan.final([run.kept_epoch for run in self.learnt.folds])[0].train

    def held_out(self) -> tuple[int, ...]:
        """The records of the validation split that it did not learn from: with folds there may be none."""
        learnt = {*self.learnt_from()}
        return tuple(row for row, entry in enumerate(self.pool.entries) if entry.split != "train" and row not in learnt)


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
        subject, learnt, threads = self._subject, outcome.learnt, outcome.threads
        self._tell(Progressed(phase="exporting"))
        exported = self._out / EXPORTED
        compared = outcome.pool.chosen(outcome.held_out() or outcome.learnt_from())
        write_onnx(learnt.model, compared, exported)
        parity = measured_parity(learnt.model, exported, compared, threads)
        made = self._variants(exported, outcome)
        model = self._out / MODEL
        model.write_bytes((made.chosen if made else exported).read_bytes())
        if made:
            serves = {"served_form": made.serves.name, "served_difference": made.serves.max_abs_difference}
            parity = parity.model_copy(update=serves)
        spec = self._served_spec(outcome, model)
        metadata = self._metadata(spec, parity)
        for path in (model, *(made.files.values() if made else ())):
            write_metadata(path, metadata)
        self._tell(Progressed(phase="evaluating"))
        variants = self._told(made)
        testing = Testing(self._dataset, self._out, spec, subject.labelling, threads)
        comparing = Comparing(subject, testing, learnt, outcome.pool, outcome.plan)
        tested = testing.test(model, subject.data, outcome.left_s())
        judged = [row for row in outcome.held_out() if row not in set(outcome.plan.calibration)]
        validated = testing.evaluated(model, self._labelled(outcome, judged)) if judged else None
        seeds, pooled = comparing.seeds(), comparing.pooled()
        files = testing.write(
            tested,
            validation=validated,
            preset=subject.spec.family,
            data=subject.data,
            request=subject.request.model_dump(mode="json"),
            seed=learnt.chosen.seed,
            device=outcome.device,
            parity=parity,
            runs=comparing.runs(),
            variants=[one.variant for one in variants],
            seeds=seeds,
            cross_validation=pooled,
            quick=subject.request.quick,
            notes=outcome.notes(),
        )
        self._tell(
            Completed(
                artifact=described(model),
                report=files.report,
                predictions=files.predictions,
                figures=files.figures,
                data_spec=subject.data,
                model_spec=spec,
                evaluation=tested.summary,
                parity=parity,
                epochs=sum(len(run.history) for run in (*learnt.folds, *learnt.finals)),
                seconds=time.monotonic() - outcome.began,
                device=outcome.device,
                weights=self._weights(learnt),
                variants=tuple(variants),
                champion=champion_result(self._bases, testing, subject.data, spec),
                seeds=seeds,
                cross_validation=pooled,
                lineage=comparing.lineage(threads),
                train_records=self._train_records(outcome),
            )
        )

    def _variants(self, exported: Path, outcome: Outcome) -> Made | None:
        """All forms of the file; of a trial there is one alone."""
        if self._subject.request.quick or outcome.left_s() <= 0:
            return None
        self._tell(Progressed(phase="measuring"))
        subject, learnt = self._subject, outcome.learnt
        folder = self._out / VARIANTS
        folder.mkdir(exist_ok=True)
        if not (held_out := outcome.held_out()):
            return unmeasured(exported, folder)
        training = outcome.pool.chosen(outcome.learnt_from())
        hardware = Hardware(torch.device("cpu"))
        seed = learnt.chosen.seed

        def fine_tune() -> WaveformClassifier:
            examples = examples_of(learnt.model, training, subject.recipe, seed, hardware)
            tuned = fine_tuned(learnt.model, examples, subject.recipe, seed, outcome.left_s)
            teach_novelty(tuned, examples)
            return tuned

        return make_variants(
            exported,
            folder,
            learnt.model,
            training,
            outcome.pool.chosen(held_out),
            outcome.threads,
            fine_tune,
            outcome.left_s,
        )

    def _told(self, made: Made | None) -> list[MeasuredVariant]:
        if made is None:
            return []
        files = {name: described(path) for name, path in made.files.items()}
        files = {name: file.model_copy(update={"file": f"{VARIANTS}/{file.file}"}) for name, file in files.items()}
        return [MeasuredVariant(variant=one, file=files.get(one.name)) for one in made.variants]

    def _served_spec(self, outcome: Outcome, model: Path) -> ModelSpec:
        """With calibration: on the records that were spared for it, or on what folds were not trained on."""
        spec = self._subject.spec
        learnt = self._labelled(outcome, outcome.learnt_from())
        held_out = self._labelled(outcome, outcome.plan.calibration)
        answers = held_out.answered(OnnxAnswering(model, outcome.threads), spec) if len(held_out) else None
        if outcome.plan.folds:
            held_out = self._labelled(outcome, [i for fold in outcome.plan.folds for i in fold.asked])
            answers = answers_of_folds(outcome.learnt, outcome.pool, outcome.plan, spec)
        return served_spec(spec, self._subject.data, learnt, held_out, answers)

    def _labelled(self, outcome: Outcome, rows: Sequence[int]) -> LabelledRecords:
        subject = self._subject
        return labelled(outcome.records, subject.data, subject.spec, subject.labelling).chosen(list(rows))

    def _weights(self, learnt: Learnt) -> OutputFile | None:
        if not learnt.chosen.weights:
            return None
        path = self._out / WEIGHTS
        torch.save(learnt.chosen.weights, path)
        return described(path)

    def _train_records(self, outcome: Outcome) -> OutputFile | None:
        """Digests of all records that the version, and what it is based on, learnt from or was chosen by.

        None: of what it is based on nobody knows; a file that lacks those would pass for all there are.
        """
        if (before := self._bases.train_records()) is None:
            return None
        digests = {entry.blake3 for entry in outcome.pool.entries} | before
        return write_model(LearntRecords(blake3=tuple(sorted(digests))), self._out / TRAIN_RECORDS)

    def _metadata(self, spec: ModelSpec, parity: Parity) -> dict[str, str]:
        manifest, subject = self._dataset.manifest, self._subject
        return {
            **code_digests(),
            "data_spec": subject.data.model_dump_json(),
            "model_spec": spec.model_dump_json(),
            "classes": "\n".join(spec.class_names),
            "dataset_sha256": manifest.dataset_id,
            "train_split_sha256": manifest.split_digest("train"),
            "test_split_sha256": manifest.split_digest("test"),
            "request_sha256": weights_digest(subject.request, subject.bases),
            "parity": parity.model_dump_json(),
            "calibration": spec.calibration.model_dump_json() if spec.calibration else "",
        }
