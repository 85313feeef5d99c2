"""Which variant serves: the fastest that loses nothing measurable, where it is worth it."""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import betaincinv

FASTER = 0.9
"""A variant serves only if it takes at most this share of float32's time: less is within what processors differ in."""
MARGIN = 0.01
"""At most this share of groups may lose a record, with this confidence. 0 of 299 show it, 0 of 298 do not."""
CONFIDENCE = 0.95
SEVERITY_MARGIN = 0.05
"""Levels by which the mean error of the told severity may rise: a twentieth of what lies between two of them."""
REFERENCE = "float32"
SERVED_ON = "cpu"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice looks at.

    Attributes:
        device: where it is meant to run.
        latency_ms: of one record.
        groups: how many the records are of; where data have no groups, each is its own.
        lost: of these, in which float32 answers a record right and this one wrong.
        lost_in_noise: the same in white noise, or this one calls a record novel that float32 does not; None: not asked.
        severity_error: mean absolute error in levels; 0 where none is told or known.
    """

    device: str
    latency_ms: float
    groups: int
    lost: int
    lost_in_noise: int | None = None
    severity_error: float = 0.0


def share_lost_at_most(lost: int, groups: int) -> float:
    """Upper bound of the share of groups in which something is lost, at `CONFIDENCE` (Clopper and Pearson, 1934).

    Records of one bearing are lost together: counted each, 300 of two bearings would prove as much as 300 bearings.
    """
    return 1.0 if lost >= groups else float(betaincinv(lost + 1, groups - lost, CONFIDENCE))


def is_faster(latency_ms: float, reference_ms: float) -> bool:
    """Whether a variant takes so much less time than float32 that it is worth it."""
    return latency_ms <= FASTER * reference_ms


def objection(one: Candidate, reference: Candidate) -> str:
    """Why a variant cannot serve; empty: as far as was asked, it can."""
    if one.device != SERVED_ON:
        return f"for {one.device} alone"
    if not is_faster(one.latency_ms, reference.latency_ms):
        return f"not faster by a tenth: {one.latency_ms / reference.latency_ms:.2f} of float32's time"
    if (rise := one.severity_error - reference.severity_error) > SEVERITY_MARGIN:
        return f"its severities are {rise:.2f} levels further off in the mean: {SEVERITY_MARGIN} is accepted"
    for lost, where in ((one.lost, ""), (one.lost_in_noise or 0, " in noise")):
        if (most := share_lost_at_most(lost, one.groups)) > MARGIN:
            return (
                f"{lost} of {one.groups} groups of validation records lose one{where}: "
                f"that may be {most:.1%}, {MARGIN:.0%} is accepted"
            )
    return ""


def chosen(candidates: Mapping[str, Candidate]) -> tuple[str, dict[str, str]]:
    """The variant that serves, and of each one why it does or does not. `float32` is among them."""
    reference = candidates[REFERENCE]
    notes = {name: objection(one, reference) for name, one in candidates.items() if name != REFERENCE}
    fit = [name for name, why_not in notes.items() if not why_not]
    best = min(fit, key=lambda name: candidates[name].latency_ms, default=REFERENCE)
    for name in fit:
        share = candidates[name].latency_ms / reference.latency_ms
        notes[name] = f"nothing measurable is lost in {share:.2f} of float32's time"
    notes[REFERENCE] = "no other is faster by a tenth and loses nothing" if best == REFERENCE else f"{best} is faster"
    return best, notes
