"""A version's card: what people should know before they rely on it, made from its report. Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from babbitt.contracts.evaluations import EvaluationSummary, Variant
from babbitt.contracts.model_reports import CURVES, Curve, Detection, ModelReport
from babbitt.contracts.model_scores import SplitScores


def model_card(report: ModelReport, *, title: str, artifact_sha256: str | None = None) -> str:
    """The card of the version that a report is of."""
    sections = (
        f"# {title}\n\n{_what(report)}",
        *_limits(report),
        _numbers(report),
        *_classes(report.test),
        *_severity(report),
        *_alarms(report.detection),
        *_variants(report.variants),
        *(_curve(one) for one in report.curves),
        *_calibration(report),
        _provenance(report, artifact_sha256),
    )
    return "\n\n".join(sections) + "\n"


def _what(report: ModelReport) -> str:
    spec, data = report.model_spec, report.data_spec
    window_s = spec.window_samples / data.sampling_rate_hz
    channels = ", ".join(f"{channel.name} in {channel.unit}" for channel in data.channels)
    return (
        f"`{spec.family}`, {spec.task}: {', '.join(spec.class_names)}. Reads {', '.join(spec.inputs)}; {channels}, at "
        f"{data.sampling_rate_hz:g} Hz, in windows of {window_s:.4g} s; a record's answer is the mean of its windows'."
    )


def _limits(report: ModelReport) -> Iterator[str]:
    told = [*report.limits, *report.notes]
    if told:
        yield "## Limits\n\n" + "\n".join(f"- {one}" for one in told)


def _numbers(report: ModelReport) -> str:
    test, summary = report.test, report.evaluation
    rows = [
        ("records, windows, groups tested", f"{test.records}, {test.windows}, {test.groups}"),
        ("split", _split(summary)),
        ("record accuracy", _share(test.record_accuracy, test.record_accuracy_interval)),
        ("window accuracy", _share(test.window_accuracy)),
        ("macro-F1", _share(test.macro_f1, test.macro_f1_interval)),
        ("macro-AUROC", _share(test.macro_auroc)),
        ("calibration error (15 bins)", _share(test.calibration_error)),
        ("prediction sets that held the truth", _share(test.coverage)),
        ("records called novel", _share(test.novel)),
    ]
    if latency := report.latency:
        of = "window" if latency.windows == 1 else "windows"
        rows.append(("a record on one CPU thread", f"{latency.median_ms:.3g} ms ({latency.windows} {of})"))
    if report.seeds:
        reached = [one.record_accuracy for one in report.seeds]
        deviation = stdev(reached) if len(reached) > 1 else 0.0
        told = ", ".join(f"{one.seed}: {one.record_accuracy:.2%}" for one in report.seeds)
        rows.append(("record accuracy, mean of seeds", f"{fmean(reached):.2%} ± {deviation:.2%} ({told})"))
    if pooled := report.cross_validation:
        reached = _share(pooled.record_accuracy, pooled.record_accuracy_interval)
        rows.append((f"pooled over {len(pooled.folds)} folds", f"{reached} of {pooled.records} records"))
        if pooled.by_fold:
            rows.append(("fold by fold", f"{min(pooled.by_fold):.2%} to {max(pooled.by_fold):.2%}"))
    return "## Test\n\n" + _table(("", ""), [row for row in rows if row[1]])


def _split(summary: EvaluationSummary) -> str:
    told = [f"by {summary.split_kind}"]
    if summary.split_kind == "time":
        told.append("within recordings, optimistic")
    if summary.split_in_time:
        told.append(f"{', '.join(summary.split_in_time)} divided in time, optimistic")
    if summary.accepted_leakage:
        told.append(f"leakage accepted: {summary.accepted_leakage}")
    return "; ".join(told)


def _classes(test: SplitScores) -> Iterator[str]:
    if test.classes:
        rows = [
            (one.name, str(one.support), *map(_share, (one.precision, one.recall, one.f1, one.novel)))
            for one in test.classes
        ]
        yield "## Classes\n\n" + _table(("class", "records", "precision", "recall", "F1", "called novel"), rows)
    if test.by_group:
        rows = [
            (one.name, ", ".join(one.labels), str(one.records), _share(one.record_accuracy)) for one in test.by_group
        ]
        yield "## Groups\n\n" + _table(("group", "classes", "records", "record accuracy"), rows)


def _severity(report: ModelReport) -> Iterator[str]:
    if report.by_severity:
        rows = [(one.name, str(one.records), _share(one.record_accuracy)) for one in report.by_severity]
        yield "## Severities\n\n" + _table(("severity", "records", "record accuracy"), rows)
    if report.severity:
        rows = [(one.name, str(one.records), f"{one.mean_absolute_error:.2f}") for one in report.severity]
        yield "## Severity\n\n" + _table(("class", "records", "mean absolute error, levels"), rows)


def _alarms(found: Detection | None) -> Iterator[str]:
    if found is None:
        return
    rows = [("on while novel are", f"{found.k} of the last {found.n} records")]
    if (false_alarms := found.false_alarms_a_machine_month) is not None:
        rows.append(("false alarms a machine-month", f"{false_alarms:.2g}, over {found.machine_months:.2g} of them"))
    rows.append(("faults told", f"{found.detected} of {found.faults}"))
    if found.median_delay_records is not None:
        rows.append(("median delay, records", f"{found.median_delay_records:g}"))
    yield "## Alarms\n\n" + _table(("", ""), rows)


def _variants(variants: Sequence[Variant]) -> Iterator[str]:
    if variants:
        rows = [
            (
                f"{one.name}, serves" if one.chosen else one.name,
                _share(one.record_accuracy),
                "" if one.latency_ms is None else f"{one.latency_ms:.3g}",
                one.note,
            )
            for one in variants
        ]
        yield "## Variants\n\n" + _table(("form", "record accuracy, validation", "ms a record", ""), rows)


def _curve(curve: Curve) -> str:
    heading, level = CURVES.get(curve.kind, (curve.kind, "level"))
    rows = [(f"{point.level:g}", _share(point.record_accuracy)) for point in curve.points]
    return f"## {heading}\n\n" + _table((level, "record accuracy"), rows)


def _calibration(report: ModelReport) -> Iterator[str]:
    if calibration := report.calibration:
        coverage = _share(calibration.nominal_coverage) or "none promised"
        told = f"Temperature {calibration.temperature:.3g}, from {calibration.groups} groups; coverage: {coverage}."
        yield "\n\n".join(("## Calibration", told, *([calibration.note] if calibration.note else [])))
    if novelty := report.novelty:
        yield (
            f"## Novelty\n\nNovel above {novelty.threshold:.4g}, from {novelty.records} records of {novelty.groups} "
            f"groups. {novelty.note}".rstrip()
        )


def _provenance(report: ModelReport, artifact_sha256: str | None) -> str:
    made = report.provenance
    rows = [
        ("preset", report.preset),
        ("commit", made.commit or ""),
        ("lock, SHA-256", made.lock_sha256 or ""),
        ("artifact, SHA-256", artifact_sha256 or ""),
        ("dataset", made.dataset),
        *((f"{name} split, SHA-256", digest) for name, digest in made.splits.items()),
        ("seed", str(made.seed)),
        ("threads", str(made.threads)),
        ("device, CPU", ", ".join(filter(None, (made.device, made.cpu, made.machine)))),
        (
            "packages",
            ", ".join(f"{name} {version}" for name, version in {"python": made.python, **made.packages}.items()),
        ),
    ]
    if parity := report.parity:
        rows.append(("module and exported graph differ by", f"{parity.max_abs_difference:.2g} at most"))
        if parity.served_difference:
            rows.append(
                (f"{parity.served_form} serves, and differs from float32 by", f"{parity.served_difference:.2g}")
            )
    request = "\n".join(f"    {name}: {json.dumps(value)}" for name, value in _told(made.request).items())
    return "## Made from\n\n" + _table(("", ""), [row for row in rows if row[1]]) + f"\n\nRequest:\n\n{request}"


def _told(request: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for; what was left to the service is not shown."""
    told = {name: _told(value) if isinstance(value, dict) else value for name, value in request.items()}  # pyright: ignore[reportUnknownArgumentType]
    return {name: value for name, value in told.items() if value not in (None, [], {})}


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (heading, ["---"] * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _share(value: float | None, interval: tuple[float, float] | None = None) -> str:
    if value is None:
        return ""
    between = f" (95 %: {interval[0]:.2%} to {interval[1]:.2%})" if interval else ""
    return f"{value:.2%}{between}"
