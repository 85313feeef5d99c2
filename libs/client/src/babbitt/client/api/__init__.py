"""The API as calls, a module a noun: each function describes one, and sends nothing."""

from babbitt.client.api import (
    datasets,
    keys,
    models,
    predictions,
    records,
    reports,
    system,
    training_jobs,
    uploads,
    version_files,
)

__all__ = [
    "datasets",
    "keys",
    "models",
    "predictions",
    "records",
    "reports",
    "system",
    "training_jobs",
    "uploads",
    "version_files",
]
