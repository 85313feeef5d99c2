"""A version with its report and predictions, as a gateway tells of them."""

DATA_SPEC = {
    "channels": [{"name": "vibration"}],
    "sampling_rate_hz": 100.0,
    "record_samples": 12,
    "class_names": ["healthy", "inner"],
}
MODEL_SPEC = {
    "family": "any_small",
    "window_samples": 8,
    "hop_samples": 4,
    "class_names": ["healthy", "inner"],
    "calibration": {"temperature": 2.0},
}
EVALUATION = {
    "test_split_sha256": "a" * 64,
    "split_kind": "group",
    "records": 3,
    "windows": 6,
    "record_accuracy": 2 / 3,
    "window_accuracy": 0.6,
    "macro_f1": 0.65,
}
REPORT = {
    "format": 2,
    "of_a_later_version": 1,
    "preset": "any_small",
    "data_spec": DATA_SPEC,
    "model_spec": MODEL_SPEC,
    "evaluation": EVALUATION,
    "test": {
        "records": 3,
        "windows": 6,
        "groups": 2,
        "record_accuracy": 2 / 3,
        "window_accuracy": 0.6,
        "macro_f1": 0.65,
        "window_macro_f1": 0.6,
        "classes": [
            {"name": "healthy", "precision": 0.5, "recall": 1.0, "f1": 2 / 3, "support": 1},
            {"name": "inner", "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 2},
        ],
        "confusion": [[1, 0], [1, 1]],
        "confusion_names": ["healthy", "inner"],
        "reliability": [{"low": 0.6, "high": 0.7, "answers": 3, "confidence": 0.65, "accuracy": 2 / 3}],
        "by_group": [{"name": "b", "records": 2, "record_accuracy": 0.5, "labels": ["inner"]}],
    },
    "curves": [
        {
            "kind": "record_snr_db",
            "records": 3,
            "points": [{"level": 10, "record_accuracy": 0.75}, {"level": 0, "record_accuracy": 0.5}],
        }
    ],
    "latency": {"median_ms": 1.25, "windows": 2, "runs": 31},
    "runs": [
        {
            "kept_epoch": 1,
            "epochs": [
                {
                    "epoch": 1,
                    "train_loss": 1.0,
                    "validation_loss": 1.1,
                    "validation_accuracy": 0.9,
                    "metrics": {"gradient_norm": 0.25},
                }
            ],
        }
    ],
    "provenance": {"dataset": "d" * 64, "request": {"overrides": {"epochs": 40}}},
    "limits": ["Tested on 2 groups: too few for an interval."],
}
PREDICTIONS = {
    "format": 1,
    "test_split_sha256": "a" * 64,
    "class_names": ["healthy", "inner"],
    "records": [
        {"record": "r0", "blake3": "0" * 64, "group": "a", "label": "healthy", "probabilities": [0.9, 0.1]},
        {"record": "r1", "blake3": "1" * 64, "group": "b", "label": "inner", "probabilities": [0.2, 0.8]},
        {
            "record": "r2",
            "blake3": "2" * 64,
            "group": "b",
            "label": "inner",
            "probabilities": [0.7, 0.3],
            "answer": "healthy",
            "right": False,
        },
    ],
}


def version_of(number: int, artifact: bytes, sha256: str) -> dict:
    """Version `number` of the model `pump`."""
    return {
        "model": "pump",
        "version": number,
        "job_id": "01890000-0000-7000-8000-000000000000",
        "dataset": "d" * 64,
        "preset": "any_small",
        "artifact": {"key": "registry/artifacts/x", "sha256": sha256, "size_bytes": len(artifact)},
        "figures": {"confusion": {"key": "registry/artifacts/y", "sha256": "b" * 64, "size_bytes": 3}},
        "data_spec": DATA_SPEC,
        "model_spec": MODEL_SPEC,
        "evaluation": EVALUATION,
        "registered_at": "2026-01-02T03:04:05Z",
    }
