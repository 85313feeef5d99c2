"""Services as the API shows them."""

from datetime import datetime

from pydantic import BaseModel

from babbitt.contracts.heartbeats import Serving


class Replica(BaseModel):
    """One process of a service.

    Attributes:
        health: what it said last: `ready`, `unready`, `stopping`.
        alive: whether it was heard in time.
        silent_s: seconds since it was heard.
        lag: messages behind, by topic.
        serves: what an inference replica answers for.
    """

    service: str
    instance: str
    version: str
    health: str
    alive: bool
    silent_s: float
    reasons: tuple[str, ...]
    lag: dict[str, int]
    serves: tuple[Serving, ...]
    heard_at: datetime


class Services(BaseModel):
    """All replicas that were heard in the last two minutes."""

    items: list[Replica]
