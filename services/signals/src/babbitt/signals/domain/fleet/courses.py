"""When something begins to be wrong with a machine or its sensor, and how it goes on."""

from dataclasses import dataclass

from babbitt.signals.domain.journal.severity import SeverityLevel

FIRST_SEVERITY = SeverityLevel.INCIPIENT.value[0]
GROWTH_POWER = 1.5
"""Damage grows slowly first, then faster."""


@dataclass(frozen=True, slots=True)
class FaultCourse:
    """A fault that begins and grows until it is severe; times in seconds since the fleet's start."""

    fault: str
    begins_s: float
    grows_for_s: float

    def severity(self, at_s: float) -> float:
        """0 before it begins, then from 0.2 to 1."""
        if at_s < self.begins_s:
            return 0.0
        progress = min(1.0, (at_s - self.begins_s) / self.grows_for_s)
        return FIRST_SEVERITY + (1 - FIRST_SEVERITY) * progress**GROWTH_POWER


@dataclass(frozen=True, slots=True)
class SensorCourse:
    """A sensor that is faulty for a while."""

    kind: str
    begins_s: float
    lasts_s: float

    def fault(self, at_s: float) -> str | None:
        """What is wrong with it at a time."""
        return self.kind if 0 <= at_s - self.begins_s < self.lasts_s else None


def level_of(severity: float) -> str | None:
    """What the benchmark calls a severity; None: there is no fault."""
    if not severity:
        return None
    return next(level.label for level in SeverityLevel if severity <= level.value[1])
