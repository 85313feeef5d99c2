"""Readiness: named checks, each with a reason while it says no."""

from collections.abc import Collection

from babbitt.chassis.metrics import READY


class Readiness:
    """What a replica needs before it may be asked. A check that was declared and never reported says no.

    Args:
        checks: what is declared.
        decisive: the checks that decide; the others are only told. None: all decide.
    """

    def __init__(self, *checks: str, decisive: Collection[str] | None = None) -> None:
        self._reasons: dict[str, str | None] = dict.fromkeys(checks, "not checked yet")
        self._decisive = decisive

    def ready(self, check: str) -> None:
        """`check` is fine."""
        self._report(check, None)

    def unready(self, check: str, reason: str) -> None:
        """`check` is not fine, and why."""
        self._report(check, reason)

    def reasons(self) -> dict[str, str]:
        """Why this replica is not ready, by check; empty: it is."""
        return {check: reason for check, reason in self._failing().items() if self._decides(check)}

    def impairments(self) -> dict[str, str]:
        """What is not fine and does not decide, by check."""
        return {check: reason for check, reason in self._failing().items() if not self._decides(check)}

    def __bool__(self) -> bool:
        return not self.reasons()

    def _failing(self) -> dict[str, str]:
        return {check: reason for check, reason in self._reasons.items() if reason is not None}

    def _decides(self, check: str) -> bool:
        return self._decisive is None or check in self._decisive

    def _report(self, check: str, reason: str | None) -> None:
        self._reasons[check] = reason
        READY.labels(check).set(reason is None)
