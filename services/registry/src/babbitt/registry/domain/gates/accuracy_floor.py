"""Enough test records are answered right."""

from math import isfinite

from babbitt.registry.domain.gates.case import Case, GateResult, outcome_of


class AccuracyFloor:
    """Whatever the champion does: the first version has none."""

    name = "accuracy_floor"

    def judge(self, case: Case) -> GateResult:
        """By record accuracy on the test split."""
        accuracy, floor = case.candidate.evaluation.record_accuracy, case.policy.accuracy_floor
        measured = {"record_accuracy": accuracy} if isfinite(accuracy) else {}
        detail = f"record accuracy {accuracy:.4f}; at least {floor:.4f} is needed"
        return GateResult(self.name, outcome_of(passed=accuracy >= floor), detail, measured | {"floor": floor})
