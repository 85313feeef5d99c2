"""No class falls by more than the margin and two records."""

import numpy as np

from babbitt.registry.domain.gates.case import Case, GateResult, outcome_of

RECORDS_ALLOWED = 2
"""Of a class with few records, each is more than any margin."""


class PerClass:
    """What the sum hides: a fault that is no longer found, paid for by others."""

    name = "per_class"

    def judge(self, case: Case) -> GateResult:
        """Held against the champion, over the records that `no_worse` compares."""
        if case.champion is None:
            return GateResult(self.name, "passed", "there is no champion")
        champion = case.champion.number
        if isinstance(case.comparison, str):
            return GateResult(self.name, "not_comparable", case.comparison, champion=champion)
        pairs, margin = case.comparison.pairs, case.policy.margin
        worst, fallen = 0.0, list[str]()
        for label in np.unique(pairs.labels).tolist():
            of = pairs.labels == label
            fall = int(pairs.theirs[of].sum()) - int(pairs.ours[of].sum())
            worst = max(worst, fall / int(of.sum()))
            if fall > RECORDS_ALLOWED and fall > margin * int(of.sum()):
                fallen.append(f"{label} by {fall} of {int(of.sum())} records")
        detail = f"falls: {', '.join(fallen)}" if fallen else f"no class falls by more than {worst:.4f}"
        allowed = f"{detail}; {margin:.4f} and {RECORDS_ALLOWED} records are allowed"
        measured = {"largest_fall": worst, "margin": margin, "classes_fallen": float(len(fallen))}
        return GateResult(self.name, outcome_of(passed=not fallen), allowed, measured, champion)
