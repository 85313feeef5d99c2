"""GPUs of this host: which there are, and which of them training may take now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from babbitt.contracts.heartbeats import ServiceHeartbeat


@dataclass(frozen=True, slots=True)
class DevicePool:
    """The devices of this host, and how many a job takes.

    Attributes:
        names: UUIDs; none: jobs run on the processor, and nobody waits.
        at_least, at_most: of those that are free.
    """

    names: tuple[str, ...] = ()
    at_least: int = 1
    at_most: int = 1

    @classmethod
    def of(cls, names: Sequence[str], processes: int | None, workers: int) -> Self:
        """For jobs in so many processes, a device each; None: as many as make a worker's share, or are free of it."""
        if processes is not None:
            return cls(tuple(names), processes, processes)
        return cls(tuple(names), 1, max(1, len(names) // max(1, workers)))

    def offered(self, in_use: Collection[str]) -> tuple[str, ...]:
        """Those that may be asked for."""
        return tuple(name for name in self.names if name not in in_use)


class DevicesInUse:
    """Devices that other services compute on, as their heartbeats tell. What inference names is inference's.

    Attributes:
        known: whether all heartbeats so far have been heard, and are heard now; else nothing may be thought free.
    """

    def __init__(self, own_service: str) -> None:
        self._own = own_service
        self._told: dict[str, ServiceHeartbeat] = {}
        self.known = False

    def heard(self, heartbeat: ServiceHeartbeat) -> None:
        """Take note of a replica's devices."""
        before = self._told.get(heartbeat.instance)
        if heartbeat.service != self._own and (before is None or before.sent_at <= heartbeat.sent_at):
            self._told[heartbeat.instance] = heartbeat

    def names(self, now: datetime) -> frozenset[str]:
        """Those that a live replica names."""
        self._told = {instance: one for instance, one in self._told.items() if one.ends_at() > now}
        return frozenset(used.device for one in self._told.values() for used in one.devices)
