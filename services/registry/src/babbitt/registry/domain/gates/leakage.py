"""Test records share nothing with what was learnt from."""

from babbitt.registry.domain.gates.case import Case, GateResult


class Leakage:
    """Nothing is proved where test and training may share samples: a person decides."""

    name = "leakage"

    def judge(self, case: Case) -> GateResult:
        """Inconclusive where the dataset was made with `accepted_leakage`, whether any was found or not."""
        reason = case.candidate.evaluation.accepted_leakage
        if reason is None:
            return GateResult(self.name, "passed", "its dataset allows no shared samples")
        return GateResult(
            self.name, "inconclusive", f"its dataset's splits may share samples, accepted because: {reason}"
        )
