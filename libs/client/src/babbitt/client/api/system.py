"""The installation itself: who is alive, and what it serves."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from babbitt.client.calls import Answer, Call, get
from babbitt.contracts.heartbeats import Serving


class Replica(Answer):
    """One process of a service.

    Attributes:
        health: what it said last.
        alive: whether it was heard in time.
        silent_s: seconds since it was heard.
        reasons: why it is not ready.
        lag: messages behind, by topic.
        serves: what an inference replica answers for.
    """

    service: str
    instance: str
    version: str
    health: Literal["ready", "unready", "stopping"] | str
    alive: bool
    silent_s: float
    reasons: tuple[str, ...] = ()
    lag: dict[str, int] = Field(default_factory=dict[str, int])
    serves: tuple[Serving, ...] = ()
    heard_at: datetime


class Services(Answer):
    """Every replica of every service that was heard lately."""

    items: tuple[Replica, ...]


def services() -> Call[Services]:
    """Who is alive, from heartbeats."""
    return get(Services, "system", "services")
