"""Who decides about this model."""

from babbitt.registry.domain.gates.case import Case, GateResult

_PERSONS = {
    "manual": "by hand: a person decides always",
    "shadow_first": "shadow first: what passes becomes shadow, and a person decides",
}


class Policy:
    """The gates alone, or a person."""

    name = "policy"

    def judge(self, case: Case) -> GateResult:
        """Passed where promotion is automatic."""
        detail = _PERSONS.get(case.policy.promotion)
        if detail is None:
            return GateResult(self.name, "passed", "automatic: the gates decide")
        return GateResult(self.name, "inconclusive", detail)
