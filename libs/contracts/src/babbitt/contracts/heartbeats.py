"""Heartbeats: who is alive, and what it serves."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from babbitt.contracts.envelope import Event
from babbitt.contracts.names import ModelName, Sha256, UtcDatetime, VersionNumber
from babbitt.contracts.topics import SYSTEM_HEARTBEATS

MISSED_BEATS = 4
"""A replica that missed this many heartbeats is not counted as alive."""


class Serving(BaseModel):
    """A reference that a replica answers for now."""

    model_config = ConfigDict(frozen=True)

    model: ModelName
    reference: str
    version: VersionNumber
    digest: Sha256


class UsedDevice(BaseModel):
    """A GPU that a replica computes on.

    Attributes:
        device: its UUID, as NVIDIA's tools tell it: one in the world, whatever a container calls it.
        host: where the replica runs.
        reserved_bytes: of its memory; None: as much as it comes to need.
    """

    model_config = ConfigDict(frozen=True)

    device: str
    host: str
    reserved_bytes: int | None = None


class ServiceHeartbeat(Event, topic=SYSTEM_HEARTBEATS):
    """Said every two seconds by every replica of every service.

    Attributes:
        instance: the replica.
        version: of the software.
        health: `stopping` is the last one of a replica.
        reasons: why it is not ready.
        lag: messages behind, by topic.
        serves: what an inference replica answers for.
        devices: GPUs that it computes on, or is about to: training and inference never share one.
        interval_s: seconds until the next one.
    """

    service: str
    instance: str
    version: str
    health: Literal["ready", "unready", "stopping"] | str
    reasons: tuple[str, ...] = ()
    lag: dict[str, int] = Field(default_factory=dict[str, int])
    serves: tuple[Serving, ...] = ()
    devices: tuple[UsedDevice, ...] = ()
    interval_s: float = 2.0
    sent_at: UtcDatetime

    def key(self) -> str:
        return self.instance

    def ends_at(self) -> datetime:
        """When its replica is thought gone, unless another one has come: it missed that many."""
        beats = 0 if self.health == "stopping" else MISSED_BEATS
        return self.sent_at + timedelta(seconds=beats * self.interval_s)
