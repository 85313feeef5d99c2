"""Somebody who is trusted here made the artifact."""

from babbitt.registry.domain.gates.case import Case, GateResult, outcome_of


class Signature:
    """Not to be overruled: where keys are configured, nothing serves that none of them signed."""

    name = "signature"

    def judge(self, case: Case) -> GateResult:
        """Passed where a trusted key signed the version, or no key is configured: at the registration."""
        return GateResult(self.name, outcome_of(passed=case.signature.sound), case.signature.detail)
