"""Tests a file on the test split of a dataset, and writes what came of it."""

import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Parity, SeedResult, Variant
from babbitt.contracts.model_card import model_card
from babbitt.contracts.model_reports import Provenance, Run
from babbitt.contracts.splits import SPLITS
from babbitt.training.fitting.build import commit, lock_sha256
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.evaluating.answering import Answering, LabelledRecords
from babbitt.training.fitting.evaluating.disturbances import Disturbances
from babbitt.training.fitting.evaluating.drawing.draw import draw
from babbitt.training.fitting.evaluating.evaluation import Evaluation, evaluate
from babbitt.training.fitting.evaluating.examination import Examination, examine
from babbitt.training.fitting.evaluating.labelled import labelled
from babbitt.training.fitting.evaluating.onnx_answering import OnnxAnswering
from babbitt.training.fitting.evaluating.provenance import cpu_name, package_versions
from babbitt.training.fitting.evaluating.report import model_report
from babbitt.training.fitting.files import described, write_model
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.layout import CARD, FIGURES, PREDICTIONS, REPORT
from babbitt.training.fitting.processes import ranks
from babbitt.training.fitting.progress import OutputFile


@dataclass(frozen=True, slots=True)
class Tested:
    """How a file did on the test split."""

    evaluation: Evaluation
    examination: Examination
    summary: EvaluationSummary


@dataclass(frozen=True, slots=True)
class Written:
    """The files that tell of it."""

    report: OutputFile
    predictions: OutputFile
    figures: dict[str, OutputFile]


class Testing:
    """Reads the test split, once.

    Args:
        dataset: whose test split.
        out: folder of what is written.
        spec: of the version, with the calibration that serves.
        labelling: what is to be told of the dataset's records.
        threads: processor threads.
    """

    def __init__(self, dataset: DatasetFolder, out: Path, spec: ModelSpec, labelling: Labelling, threads: int) -> None:
        self.dataset, self.spec, self.labelling, self.threads = dataset, spec, labelling, threads
        self.out = out
        self._records = dataset.records("test")

    def records(self, data: DataSpec, spec: ModelSpec) -> LabelledRecords:
        """The test records as a model of this specification reads them."""
        return labelled(self._records, data, spec, self.labelling)

    def evaluated(self, path: Path, records: LabelledRecords, spec: ModelSpec | None = None) -> Evaluation:
        """How a file does on records."""
        return evaluate(OnnxAnswering(path, self.threads), records, spec or self.spec)

    def answered(self, answering: Answering, data: DataSpec) -> Evaluation:
        """How anything that answers does on the test split."""
        return evaluate(answering, self.records(data, self.spec), self.spec)

    def test(self, path: Path, data: DataSpec, left_s: float = math.inf) -> Tested:
        """How the file that serves does on the test split; curves take no longer than is left."""
        evaluation = self.evaluated(path, self.records(data, self.spec))
        tried = Disturbances.within(left_s)
        examination = examine(evaluation, OnnxAnswering(path, self.threads), OnnxAnswering(path, 1), tried=tried)
        latency_ms = examination.latency.median_ms
        return Tested(evaluation, examination, evaluation.summary(self.dataset.manifest, latency_ms=latency_ms))

    def write(
        self,
        tested: Tested,
        *,
        preset: str,
        data: DataSpec,
        request: dict[str, Any],
        seed: int = 0,
        device: str = "cpu",
        validation: Evaluation | None = None,
        parity: Parity | None = None,
        runs: Sequence[Run] = (),
        variants: Sequence[Variant] = (),
        seeds: Sequence[SeedResult] = (),
        cross_validation: CrossValidation | None = None,
        quick: bool = False,
        notes: Sequence[str] = (),
    ) -> Written:
        """Report, card, paired predictions and figures, in the output folder."""
        manifest = self.dataset.manifest
        report = model_report(
            preset=preset,
            data=data,
            summary=tested.summary,
            test=tested.evaluation,
            examination=tested.examination,
            validation=validation,
            parity=parity,
            runs=runs,
            variants=variants,
            seeds=seeds,
            cross_validation=cross_validation,
            quick=quick,
            notes=(*manifest.notes, *notes),
            provenance=Provenance(
                request=request,
                dataset=manifest.dataset_id,
                splits={split: manifest.split_digest(split) for split in SPLITS},
                commit=commit(),
                lock_sha256=lock_sha256(),
                seed=seed,
                threads=self.threads,
                processes=ranks(),
                device=device,
                cpu=cpu_name(),
                machine=platform.machine(),
                python=platform.python_version(),
                packages=package_versions(),
            ),
        )
        (self.out / CARD).write_text(model_card(report, title=f"{preset}, {request.get('model', 'no model')}"))
        figures = draw(report, self.out / FIGURES)
        return Written(
            report=write_model(report, self.out / REPORT),
            predictions=write_model(tested.evaluation.predictions(manifest), self.out / PREDICTIONS),
            figures={
                name: described(path).model_copy(update={"file": f"{FIGURES}/{path.name}"})
                for name, path in figures.items()
            },
        )
