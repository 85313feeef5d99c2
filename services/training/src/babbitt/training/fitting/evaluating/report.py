"""Puts a version's report together, and says what it should not be believed in."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.evaluations import CrossValidation, EvaluationSummary, Parity, SeedResult, Variant
from babbitt.contracts.model_reports import EpochPoint, ModelReport, Provenance, Run
from babbitt.training.fitting.evaluating.evaluation import Evaluation
from babbitt.training.fitting.evaluating.examination import Examination
from babbitt.training.fitting.evaluating.intervals import GROUPS_NEEDED
from babbitt.training.fitting.evaluating.severity import severity_scores
from babbitt.training.fitting.figures import EpochFigures
from babbitt.training.fitting.plugins.budget import BUDGET


def run_of(name: str, kept_epoch: int, history: Sequence[EpochFigures], stopped: str | None = None) -> Run:
    """A run's learning curve, as the report has it."""
    points = tuple(EpochPoint.model_validate(asdict(figures)) for figures in history)
    return Run(name=name, kept_epoch=kept_epoch, epochs=points, stopped=stopped)


def model_report(
    *,
    preset: str,
    data: DataSpec,
    summary: EvaluationSummary,
    test: Evaluation,
    examination: Examination,
    provenance: Provenance,
    validation: Evaluation | None = None,
    parity: Parity | None = None,
    runs: Sequence[Run] = (),
    variants: Sequence[Variant] = (),
    seeds: Sequence[SeedResult] = (),
    cross_validation: CrossValidation | None = None,
    quick: bool = False,
    notes: Sequence[str] = (),
) -> ModelReport:
    """All that is known of a version.

    `test` and `examination` are of the file that serves on the test split, `summary` what events tell of it;
    `validation` is of the same file on what decided when to stop, without what calibrates; None: it learnt from that,
    too. `notes` are the dataset's.
    """
    spec = test.answers.spec
    return ModelReport(
        preset=preset,
        data_spec=data,
        model_spec=spec,
        evaluation=summary,
        test=test.scores,
        validation=validation.scores if validation else None,
        curves=examination.curves,
        by_severity=examination.by_severity,
        severity=severity_scores(test.records, test.answers),
        latency=examination.latency,
        detection=examination.detection,
        calibration=spec.calibration,
        novelty=spec.novelty,
        parity=parity,
        runs=tuple(runs),
        variants=tuple(variants),
        seeds=tuple(seeds),
        cross_validation=cross_validation,
        provenance=provenance,
        limits=(*limits(summary, test, spec, runs, quick=quick), *_assumed(examination)),
        notes=tuple(notes),
    )


def limits(
    summary: EvaluationSummary, test: Evaluation, spec: ModelSpec, runs: Sequence[Run], *, quick: bool
) -> Iterator[str]:
    """What people should not take from the numbers, a sentence each."""
    if quick:
        yield "It was a trial of two minutes at most."
    if ended := sum(run.stopped == BUDGET for run in runs):
        yield f"The budget ended {ended} of {len(runs)} runs: with more time it might do better."
    if summary.split_kind == "time":
        yield "Tested within the recordings that it learnt from: optimistic, and no evidence for other machines."
    if summary.split_in_time:
        yield f"Of {', '.join(summary.split_in_time)} there was one group, divided in time: optimistic."
    if summary.accepted_leakage:
        yield f"Its splits may share samples ({summary.accepted_leakage}): the numbers prove nothing."
    if test.scores.groups < GROUPS_NEEDED:
        yield f"Tested on {test.scores.groups} groups: too few for an interval; look at them one by one."
    if untested := [one.name for one in test.scores.classes if not one.support]:
        yield f"Not tested on {', '.join(untested)}: there was no such record."
    yield from _of_rules(test, spec)


def _of_rules(test: Evaluation, spec: ModelSpec) -> Iterator[str]:
    if test.answers.novelty is None:
        yield "Its file tells no novelty, so `novel` is null."
    elif spec.novelty is None:
        one_class = spec.task == "one_class"
        record = "healthy record" if one_class else "record"
        instead = ": an alarm is a probability of health below one half" if one_class else ""
        yield f"No {record} was spared to fit a threshold of novelty, so `novel` is null{instead}."
    for rule in (spec.calibration, spec.novelty):
        if rule and rule.note:
            yield f"{rule.note[0].upper()}{rule.note[1:]}."


def _assumed(examination: Examination) -> Iterator[str]:
    if alarms := examination.detection:
        yield (
            f"Alarms a month and delays assume a record every {alarms.measured_every_s / 60.0:g} minutes, which "
            "no dataset says: measured half as often, there are half as many alarms and delays are twice as long."
        )
        if alarms.series_too_short:
            yield (
                f"{alarms.series_too_short} series of one machine in one state have fewer than {alarms.k} records: no "
                "alarm could come in them, and alarms and delays are told without them."
            )
