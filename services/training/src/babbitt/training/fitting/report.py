"""The two files beside a model: the full report, and what it answered for every record of the test split."""

import platform
from dataclasses import asdict
from typing import Any

import torch

from babbitt.contracts.evaluations import Parity
from babbitt.contracts.manifests import DatasetManifest
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.fitting.evaluation import Evaluation
from babbitt.training.fitting.learning import Learnt
from babbitt.training.fitting.windows import Windows

FORMAT = 1


def report(
    request: TrainRequested,
    manifest: DatasetManifest,
    test: Evaluation,
    validation: Evaluation,
    parity: Parity,
    learnt: Learnt,
    threads: int,
    device: str,
) -> dict[str, Any]:
    """All that is known of a version; JSON values only."""
    return {
        "format": FORMAT,
        "evaluation": test.summary(manifest).model_dump(mode="json"),
        "test": _scores(test),
        "validation": _scores(validation),
        "parity": parity.model_dump(mode="json"),
        "kept_epoch": learnt.chosen.kept_epoch,
        "runs": [
            {"name": run.name, "seed": run.seed, "history": [asdict(figures) for figures in run.history]}
            for run in (*learnt.folds, *learnt.finals)
        ],
        "lineage": {
            "request": request.model_dump(mode="json"),
            "dataset": manifest.dataset_id,
            "splits": {split: manifest.split_digest(split) for split in ("train", "validation", "test")},
            "seed": request.seed,
            "threads": threads,
            "device": device,
            "torch": str(torch.__version__),
            "python": platform.python_version(),
            "machine": platform.machine(),
        },
        "notes": list(manifest.notes),
    }


def predictions(manifest: DatasetManifest, windows: Windows, test: Evaluation) -> dict[str, Any]:
    """Truth and probabilities of every test record, paired by its digest with what other versions answered."""
    return {
        "format": FORMAT,
        "test_split_sha256": manifest.split_digest("test"),
        "class_names": list(test.class_names),
        "records": [
            {
                "record": entry.record,
                "blake3": entry.blake3,
                "group": entry.group,
                "label": entry.label,
                "probabilities": [round(float(value), 7) for value in row],
            }
            for entry, row in zip(windows.entries, test.probabilities, strict=True)
        ],
    }


def _scores(evaluation: Evaluation) -> dict[str, Any]:
    by_record = evaluation.by_record
    return {
        "record_accuracy": by_record.accuracy,
        "window_accuracy": evaluation.by_window.accuracy,
        "macro_f1": by_record.macro_f1,
        "confusion": by_record.confusion.tolist(),
        "window_confusion": evaluation.by_window.confusion.tolist(),
        "classes": {
            name: {
                "precision": float(by_record.precision[index]),
                "recall": float(by_record.recall[index]),
                "f1": float(by_record.f1[index]),
                "support": int(by_record.support[index]),
            }
            for index, name in enumerate(evaluation.class_names)
        },
    }
