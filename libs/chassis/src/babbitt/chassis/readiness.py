"""Readiness: named checks, each with a reason while it says no."""

from babbitt.chassis.metrics import READY


class Readiness:
    """What a replica needs before it may be asked. A check that was declared and never reported says no."""

    def __init__(self, *checks: str) -> None:
        self._reasons: dict[str, str | None] = dict.fromkeys(checks, "not checked yet")

    def ready(self, check: str) -> None:
        """`check` is fine."""
        self._report(check, None)

    def unready(self, check: str, reason: str) -> None:
        """`check` is not fine, and why."""
        self._report(check, reason)

    def reasons(self) -> dict[str, str]:
        """Why this replica is not ready, by check; empty: it is."""
        return {check: reason for check, reason in self._reasons.items() if reason is not None}

    def __bool__(self) -> bool:
        return not self.reasons()

    def _report(self, check: str, reason: str | None) -> None:
        self._reasons[check] = reason
        READY.labels(check).set(reason is None)
