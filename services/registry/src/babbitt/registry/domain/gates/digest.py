"""Every file is what its digest says."""

from babbitt.registry.domain.gates.case import Case, GateResult, outcome_of


class Digest:
    """Not to be overruled: what is not what its digest says is not what was tested."""

    name = "digest"

    def judge(self, case: Case) -> GateResult:
        """Failed where a file is missing or is another one."""
        return GateResult(self.name, outcome_of(passed=case.files.sound), case.files.detail)
