"""A version as runs of an experiment tracker: names, parameters, tags, and metrics over steps. Nothing is sent."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

from pydantic import BaseModel

from babbitt.client.api.models import Version
from babbitt.contracts.model_reports import ModelReport, Run

UNSET: tuple[object, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Metric:
    """A number, at a step: the epoch from 1 of what was measured while learning, 0 of what is said of the whole."""

    name: str
    value: float
    step: int = 0


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """What a tracker keeps of a version, or of one of the runs (seeds, folds) that it came of."""

    name: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: tuple[Metric, ...]


def identity(version: Version) -> dict[str, str]:
    """The tags by which a version is found again; the digest keeps apart versions of other installations."""
    return {
        "babbitt.model": version.model,
        "babbitt.version": str(version.version),
        "babbitt.artifact_sha256": version.artifact.sha256,
    }


def judged(version: Version) -> dict[str, str]:
    """The tags that may be others tomorrow: what each gate says."""
    return {f"babbitt.gate.{gate.gate}": gate.outcome for gate in version.gates}


def run_of_version(version: Version, report: ModelReport) -> TrackedRun:
    """The version itself; where it came of a single run, with the curves of that run."""
    told = {
        "preset": version.preset,
        "request": report.provenance.request,
        "data_spec": version.data_spec.model_dump(mode="json"),
        "model_spec": version.model_spec.model_dump(mode="json"),
        "lineage": version.lineage.model_dump(mode="json"),
        "made": report.provenance.model_dump(mode="json", exclude={"request"}),
    }
    curves = _curves(report.runs[0]) if len(report.runs) == 1 else ()
    return TrackedRun(
        name=f"{version.model}@{version.version}",
        parameters=dict(_settings(told)),
        tags=identity(version) | _tags(version) | judged(version),
        metrics=(*(Metric(name, value) for name, value in _found(version, report).items()), *curves),
    )


def runs_of_job(version: Version, report: ModelReport) -> tuple[TrackedRun, ...]:
    """The runs of a job that had several, each with its curves; none of a job that had one."""
    if not report.runs[1:]:
        return ()
    seeds = {f"seed {one.seed}": one for one in version.seeds}
    return tuple(
        TrackedRun(
            name=run.name,
            parameters=dict(_settings({"run": number, "kept_epoch": run.kept_epoch})),
            tags={"babbitt.model": version.model, "babbitt.job": str(version.job_id)},
            metrics=(*(Metric(*one) for one in _numbers("test", seeds.get(run.name))), *_curves(run)),
        )
        for number, run in enumerate(report.runs, start=1)
    )


def _tags(version: Version) -> dict[str, str]:
    told = {
        "babbitt.job": str(version.job_id),
        "babbitt.dataset": version.dataset,
        "babbitt.test_split_sha256": version.evaluation.test_split_sha256,
        "babbitt.registered_at": version.registered_at.isoformat(),
        "babbitt.variant": next((one.name for one in version.variants if one.chosen), None),
        "babbitt.requested_by": version.requested_by,
        "mlflow.source.name": "babbitt",
        "mlflow.source.git.commit": version.lineage.commit,
    }
    return {name: value for name, value in told.items() if value}


def _found(version: Version, report: ModelReport) -> dict[str, float]:
    """What the tests found; of what stands in two places the later counts."""
    numbers = dict(_numbers("test", version.evaluation)) | dict(_numbers("test", report.test))
    numbers |= dict(_numbers("validation", report.validation))
    for one in report.test.classes:
        numbers |= dict(_numbers(f"test/{one.name}", one))
    for curve in report.curves:
        numbers |= {f"{curve.kind}/{point.level:g}": point.record_accuracy for point in curve.points}
    for name, part in (("latency", report.latency), ("detection", report.detection), ("parity", version.parity)):
        numbers |= dict(_numbers(name, part))
    for variant in version.variants:
        numbers |= dict(_numbers(f"variant/{variant.name}", variant))
    numbers |= dict(_numbers("cross_validation", version.cross_validation))
    if accuracies := [one.record_accuracy for one in version.seeds]:
        numbers["seeds/record_accuracy_mean"] = fmean(accuracies)
        numbers["seeds/record_accuracy_deviation"] = stdev(accuracies) if accuracies[1:] else 0.0
    return numbers


def _curves(run: Run) -> Iterator[Metric]:
    for epoch in run.epochs:
        numbers = epoch.model_dump(exclude={"epoch", "metrics"}) | epoch.metrics
        yield from (Metric(name, value, epoch.epoch) for name, value in numbers.items() if value is not None)


def _numbers(prefix: str, part: BaseModel | None) -> Iterator[tuple[str, float]]:
    """The numbers of a part's own fields; of an interval both ends."""
    for name, value in part or ():
        match value:
            case bool():
                continue
            case int() | float():
                yield f"{prefix}/{name}", float(value)
            case (float(low), float(high)):
                yield from ((f"{prefix}/{name}/low", low), (f"{prefix}/{name}/high", high))
            case _:
                continue


def _settings(told: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Settings by dotted name: text as it is, the rest as JSON; what was not set is left out."""
    for name, value in told.items():
        if value in UNSET:
            continue
        match value:
            case Mapping():
                yield from _settings(value, f"{prefix}{name}.")
            case str():
                yield f"{prefix}{name}", value
            case _:
                yield f"{prefix}{name}", json.dumps(value)
