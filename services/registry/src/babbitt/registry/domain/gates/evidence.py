"""What proves less is never held against what proves more."""

from babbitt.contracts.evaluations import EvaluationSummary
from babbitt.registry.domain.gates.case import Case, GateResult

_PROVES = {"time": 0, "record": 1, "group": 2}
"""How much a kind of split proves; in time is within recordings, so optimistic, be it one class alone."""


class Evidence:
    """A split in time is optimistic: it never promotes over evidence by group, whatever its numbers."""

    name = "evidence"

    def judge(self, case: Case) -> GateResult:
        """Inconclusive where the champion's own test proves more. Nobody knows what a predefined split proves."""
        ours, told = case.candidate.evaluation, _tested_by(case.candidate.evaluation)
        if case.champion is None:
            return GateResult(self.name, "passed", f"tested by {told}; there is no champion")
        theirs, champion = case.champion.candidate.evaluation, case.champion.number
        if _proves(ours) < _proves(theirs):
            detail = f"tested by {told}, the champion by {_tested_by(theirs)}, which proves more"
            return GateResult(self.name, "inconclusive", detail, champion=champion)
        detail = f"tested by {told}, the champion by {_tested_by(theirs)}"
        return GateResult(self.name, "passed", detail, champion=champion)


def _proves(evaluation: EvaluationSummary) -> int:
    return 0 if evaluation.split_in_time else _PROVES.get(evaluation.split_kind, 0)


def _tested_by(evaluation: EvaluationSummary) -> str:
    in_time = f" and, for {', '.join(evaluation.split_in_time)}, by time" if evaluation.split_in_time else ""
    return f"{evaluation.split_kind}{in_time}"
