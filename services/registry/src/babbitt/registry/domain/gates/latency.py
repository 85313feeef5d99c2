"""A record is answered within the budget."""

from math import isfinite

from babbitt.registry.domain.gates.case import Case, GateResult, outcome_of


class Latency:
    """Of one record on one CPU thread, as training measured it."""

    name = "latency"

    def judge(self, case: Case) -> GateResult:
        """Inconclusive where there is a budget and nobody measured."""
        budget, took = case.policy.latency_budget_ms, case.candidate.evaluation.latency_ms
        measured = {"latency_ms": took} if took is not None and isfinite(took) else {}
        if budget is None:
            return GateResult(self.name, "passed", "the model has no budget", measured)
        if took is None:
            return GateResult(self.name, "inconclusive", f"not measured; {budget:g} ms are allowed")
        detail = f"{took:.2f} ms a record; {budget:g} ms are allowed"
        return GateResult(self.name, outcome_of(passed=took <= budget), detail, measured | {"budget_ms": budget})
