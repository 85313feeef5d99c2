"""Heartbeats: who is alive, and what it serves."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from babbitt.contracts.envelope import Event
from babbitt.contracts.names import ModelName, Sha256, UtcDatetime, VersionNumber
from babbitt.contracts.topics import SYSTEM_HEARTBEATS


class Serving(BaseModel):
    """A reference that a replica answers for now."""

    model_config = ConfigDict(frozen=True)

    model: ModelName
    reference: str
    version: VersionNumber
    digest: Sha256


class ServiceHeartbeat(Event, topic=SYSTEM_HEARTBEATS):
    """Said every two seconds by every replica of every service.

    Attributes:
        instance: the replica.
        version: of the software.
        health: `stopping` is the last one of a replica.
        reasons: why it is not ready.
        lag: messages behind, by topic.
        serves: what an inference replica answers for.
        interval_s: seconds until the next one.
    """

    service: str
    instance: str
    version: str
    health: Literal["ready", "unready", "stopping"] | str
    reasons: tuple[str, ...] = ()
    lag: dict[str, int] = Field(default_factory=dict[str, int])
    serves: tuple[Serving, ...] = ()
    interval_s: float = 2.0
    sent_at: UtcDatetime

    def key(self) -> str:
        return self.instance
