"""Who is alive and what it serves, in memory, from heartbeats. Needs no database."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord

from babbitt.chassis.kafka import origin_of
from babbitt.contracts.cloudevents import decode
from babbitt.contracts.heartbeats import MISSED_BEATS, ServiceHeartbeat
from babbitt.contracts.names import version_of
from babbitt.contracts.topics import SYSTEM_HEARTBEATS

FORGOTTEN_S = 120.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A replica's last heartbeat, and when it was heard (monotonic seconds)."""

    heartbeat: ServiceHeartbeat
    heard_at: float

    def silent_s(self, now: float) -> float:
        """Seconds since then."""
        return now - self.heard_at

    def alive(self, now: float) -> bool:
        """Whether it should be thought alive."""
        in_time = self.silent_s(now) < MISSED_BEATS * self.heartbeat.interval_s
        return in_time and self.heartbeat.health != "stopping"


class Roster:
    """The replicas of the installation."""

    def __init__(
        self, *, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._seen: dict[str, Seen] = {}
        self._monotonic = monotonic
        self._wall = wall

    def heard(self, record: ConsumerRecord[Any, Any]) -> None:
        """Take a heartbeat. One that lay in the topic for a while is as old as the broker says.

        Raises:
            MalformedMessage: it is none.
        """
        delivery = decode(SYSTEM_HEARTBEATS, record.value, record.headers, origin_of(SYSTEM_HEARTBEATS, record))
        if isinstance(delivery.message, ServiceHeartbeat):
            age_s = max(0.0, self._wall() - record.timestamp / 1000)
            self._seen[delivery.message.instance] = Seen(delivery.message, self._monotonic() - age_s)
            self._forget()

    def replicas(self) -> list[Seen]:
        """All that were heard lately, by service and instance."""
        self._forget()
        return sorted(self._seen.values(), key=lambda seen: (seen.heartbeat.service, seen.heartbeat.instance))

    def now(self) -> float:
        """The clock that `Seen` is measured by."""
        return self._monotonic()

    def serves(self, model: str, reference: str) -> bool:
        """Whether a replica that is alive answers for a reference; a version number is loaded on demand by any."""
        now = self._monotonic()
        for seen in self._seen.values():
            if seen.heartbeat.service == "inference" and seen.alive(now):
                if version_of(reference) is not None:
                    return True
                if any(one.model == model and one.reference == reference for one in seen.heartbeat.serves):
                    return True
        return False

    def _forget(self) -> None:
        now = self._monotonic()
        self._seen = {name: seen for name, seen in self._seen.items() if seen.silent_s(now) < FORGOTTEN_S}
