"""The exported file answers as the trained module did."""

from math import isfinite

from babbitt.registry.domain.gates.case import Case, GateResult, outcome_of


class Parity:
    """On real windows, by the worst difference of a probability."""

    name = "parity"

    def judge(self, case: Case) -> GateResult:
        """Inconclusive where there was no module to compare with: the file was trained elsewhere."""
        parity = case.candidate.parity
        if parity is None or not parity.windows:
            return GateResult(self.name, "inconclusive", "the file was compared with no module")
        worst, bound = parity.max_abs_difference, parity.bound
        detail = (
            f"the exported graph differs by {worst:.2e} at most on {parity.windows} windows; {bound:.2e} is allowed"
        )
        if parity.served_difference:
            detail += f"; {parity.served_form} serves, which differs from it by {parity.served_difference:.2e}"
        measured = {"max_abs_difference": worst, "bound": bound, "windows": float(parity.windows)}
        finite = {name: value for name, value in measured.items() if isfinite(value)}
        return GateResult(self.name, outcome_of(passed=worst <= bound), detail, finite)
