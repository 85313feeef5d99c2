"""Who asks the model need not ask otherwise, nor read its answers otherwise."""

from babbitt.registry.domain.gates.case import Case, GateResult
from babbitt.registry.domain.version import Candidate


class Interface:
    """Classes, inputs or units that changed are never a machine's decision: clients have to follow."""

    name = "interface"

    def judge(self, case: Case) -> GateResult:
        """Failed where anything that clients send or read is not as the champion has it."""
        if case.champion is None:
            return GateResult(self.name, "passed", "there is no champion")
        changes = interface_changes(case.candidate, case.champion.candidate)
        if changes:
            return GateResult(self.name, "failed", "; ".join(changes), champion=case.champion.number)
        detail = f"reads and answers as version {case.champion.number} does"
        return GateResult(self.name, "passed", detail, champion=case.champion.number)


def interface_changes(candidate: Candidate, champion: Candidate) -> list[str]:
    """What clients would notice, a line each; empty: nothing."""
    ours, theirs = _interface(candidate), _interface(champion)
    return [f"{name}: {ours[name]}, the champion's {theirs[name]}" for name in ours if ours[name] != theirs[name]]


def _interface(candidate: Candidate) -> dict[str, str]:
    data, model = candidate.data_spec, candidate.model_spec
    return {
        "channels": ", ".join(f"{one.name} ({one.quantity} in {one.unit})" for one in data.channels),
        "sampling rate": f"{data.sampling_rate_hz:g} Hz",
        "inputs": ", ".join(model.inputs),
        "task": model.task,
        "classes": ", ".join(sorted(model.class_names)),
    }
