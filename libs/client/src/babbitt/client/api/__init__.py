"""The API as calls, a module a noun: each function describes one, and sends nothing."""

from babbitt.client.api import (
    aliases,
    dataset_files,
    datasets,
    further_jobs,
    keys,
    models,
    policies,
    predictions,
    records,
    reports,
    retentions,
    studies,
    system,
    training_jobs,
    uploads,
    version_files,
)

__all__ = [
    "aliases",
    "dataset_files",
    "datasets",
    "further_jobs",
    "keys",
    "models",
    "policies",
    "predictions",
    "records",
    "reports",
    "retentions",
    "studies",
    "system",
    "training_jobs",
    "uploads",
    "version_files",
]
