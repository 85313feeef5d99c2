"""A trial is no model."""

from babbitt.registry.domain.gates.case import Case, GateResult


class Quick:
    """What learnt two minutes at most is never promoted by itself."""

    name = "quick"

    def judge(self, case: Case) -> GateResult:
        """Inconclusive for a trial."""
        if case.candidate.lineage.quick:
            return GateResult(self.name, "inconclusive", "a trial of two minutes at most: a person decides")
        return GateResult(self.name, "passed", "trained in full")
