"""The gates that a version passes before it may become champion by itself."""

from dataclasses import dataclass
from typing import Literal

from babbitt.contracts.evaluations import EvaluationSummary
from babbitt.registry.domain.version import Candidate

type Outcome = Literal["passed", "failed", "not_comparable", "inconclusive"]

_EVIDENCE = {"time": 0, "record": 1, "group": 2}
"""How much a kind of split proves; in time is within recordings, so optimistic, be it one class alone."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's result, with the numbers that were compared."""

    gate: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What is asked of a version; accuracies are shares of test records, 0 to 1."""

    accuracy_floor: float
    accuracy_margin: float

    def judge(self, candidate: Candidate, champion: Candidate | None) -> tuple[GateResult, ...]:
        """Every gate's result for `candidate`, beside the champion where there is one."""
        return (
            GateResult("digest", _outcome(passed=candidate.verified), candidate.finding),
            _parity(candidate),
            self._floor(candidate),
            self._no_worse(candidate, champion),
            *_leakage(candidate),
            *_untested(candidate),
        )

    def _floor(self, candidate: Candidate) -> GateResult:
        accuracy = candidate.evaluation.record_accuracy
        detail = f"record accuracy {accuracy:.4f}; at least {self.accuracy_floor:.4f} is needed"
        return GateResult("accuracy_floor", _outcome(passed=accuracy >= self.accuracy_floor), detail)

    def _no_worse(self, candidate: Candidate, champion: Candidate | None) -> GateResult:
        if champion is None:
            return GateResult("no_worse", "passed", "there is no champion")
        ours, theirs = candidate.evaluation, champion.evaluation
        if _evidence(ours) < _evidence(theirs):
            detail = f"tested by {_tested_by(ours)}, the champion by {_tested_by(theirs)}, which proves more"
            return GateResult("no_worse", "not_comparable", detail)
        if ours.test_split_sha256 != theirs.test_split_sha256:
            return GateResult("no_worse", "not_comparable", "the champion was tested on another split")
        if _reads(candidate) != _reads(champion):
            return GateResult("no_worse", "not_comparable", "channels, units, rate, inputs or classes have changed")
        detail = (
            f"record accuracy {ours.record_accuracy:.4f}, the champion's {theirs.record_accuracy:.4f}; "
            f"{self.accuracy_margin:.4f} less is allowed"
        )
        passed = ours.record_accuracy >= theirs.record_accuracy - self.accuracy_margin
        return GateResult("no_worse", _outcome(passed=passed), detail)


def _leakage(candidate: Candidate) -> tuple[GateResult, ...]:
    """Nothing is proved where test and training may share samples: a person decides."""
    if (reason := candidate.evaluation.accepted_leakage) is None:
        return ()
    detail = f"its dataset's splits may share samples, accepted because: {reason}"
    return (GateResult("leakage", "inconclusive", detail),)


def _untested(candidate: Candidate) -> tuple[GateResult, ...]:
    """Nobody knows how it does on a class of which there is no test record: a person decides."""
    tested = candidate.evaluation.per_class
    untested = [name for name in candidate.model_spec.class_names if name not in tested]
    if not tested or not untested:  # an evaluation of an earlier version does not say
        return ()
    return (GateResult("untested_classes", "inconclusive", f"no test record of {', '.join(untested)}"),)


def _evidence(evaluation: EvaluationSummary) -> int:
    return 0 if evaluation.split_in_time else _EVIDENCE.get(evaluation.split_kind, 0)


def _tested_by(evaluation: EvaluationSummary) -> str:
    in_time = f" and, for {', '.join(evaluation.split_in_time)}, by time" if evaluation.split_in_time else ""
    return f"{evaluation.split_kind}{in_time}"


def _parity(candidate: Candidate) -> GateResult:
    parity = candidate.parity
    detail = (
        f"the exported file differs by {parity.max_abs_difference:.2e} at most on {parity.windows} windows; "
        f"{parity.bound:.2e} is allowed"
    )
    return GateResult(
        "parity", _outcome(passed=parity.windows > 0 and parity.max_abs_difference <= parity.bound), detail
    )


def _reads(candidate: Candidate) -> tuple[object, ...]:
    """What a model is asked and what it may answer: a change of these is never made without a person."""
    data, model = candidate.data_spec, candidate.model_spec
    return data.channels, data.sampling_rate_hz, model.inputs, frozenset(model.class_names)


def _outcome(*, passed: bool) -> Outcome:
    return "passed" if passed else "failed"
