"""The version is no worse than the champion, as far as the test records can tell."""

from babbitt.registry.domain.gates.case import Case, Comparison, GateResult, Outcome
from babbitt.registry.domain.paired_difference import LEAST_GROUPS, PairedDifference, groups_needed


class NoWorse:
    """The lower 95 % bound of the paired difference lies above -margin.

    That no difference was proved is no proof that there is none: McNemar's p stands beside it and decides nothing.
    """

    name = "no_worse"

    def judge(self, case: Case) -> GateResult:
        """Failed where the difference itself is at most -margin; between that and the bound nothing is proved."""
        if case.champion is None:
            return GateResult(self.name, "passed", "there is no champion")
        compared, champion, margin = case.comparison, case.champion.number, case.policy.margin
        if isinstance(compared, str):
            return GateResult(self.name, "not_comparable", compared, champion=champion)
        found, needed = compared.difference, None
        outcome, why = _decided(found, margin)
        if outcome == "inconclusive":
            needed = groups_needed(compared.pairs, margin)
            about = (
                f"about {needed} groups like these are needed" if needed else "no number of groups like these is enough"
            )
            why += f"; {about} until it shows that the margin is kept"
        measured = {
            "difference": found.difference,
            "lower_bound": found.lower_bound,
            "margin": margin,
            "mcnemar_p": found.mcnemar_p,
            "groups": float(found.groups),
            "records": float(found.records),
            "gained": float(found.gained),
            "lost": float(found.lost),
            "learnt_from": float(compared.pairs.learnt_from),
            "split_decisions": float(compared.decisions),
        }
        if needed is not None:
            measured["groups_needed"] = float(needed)
        return GateResult(self.name, outcome, f"{_told(compared, champion, margin)}{why}", measured, champion)


def _decided(found: PairedDifference, margin: float) -> tuple[Outcome, str]:
    if found.difference <= -margin and found.lost:
        return "failed", ""
    if found.groups < LEAST_GROUPS:
        return "inconclusive", f"; of fewer than {LEAST_GROUPS} groups there are too few different samples"
    return ("passed" if found.lower_bound > -margin else "inconclusive"), ""


def _told(compared: Comparison, champion: int, margin: float) -> str:
    found, pairs = compared.difference, compared.pairs
    left_out = f", {pairs.learnt_from} that one of the two learnt from left out" if pairs.learnt_from else ""
    nobody_knows = " and ".join(compared.learnt_unknown)
    unknown = f", not knowing what {nobody_knows} learnt from" if nobody_knows else ""
    return (
        f"{found.difference:+.4f} of {found.records} records in {found.groups} groups beside version {champion}"
        f"{left_out}{unknown}: {found.gained} gained, {found.lost} lost; 95 % sure of {found.lower_bound:+.4f} or "
        f"more, {-margin:+.4f} is allowed; McNemar p = {found.mcnemar_p:.3g}; "
        f"decision {compared.decisions} on this test split"
    )
