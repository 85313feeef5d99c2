"""Typed SDK of Babbitt's gateway, blocking and async."""

from babbitt.client.clients import AsyncBabbitt, Babbitt
from babbitt.client.downloads import DownloadFailed
from babbitt.client.errors import (
    BabbittError,
    Conflict,
    DeadlinePassed,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServiceFault,
    TrackingFailed,
    Unauthorized,
    Unavailable,
)
from babbitt.client.events import StreamedEvent
from babbitt.client.retries import RetryPolicy

__all__ = [
    "AsyncBabbitt",
    "Babbitt",
    "BabbittError",
    "Conflict",
    "DeadlinePassed",
    "DownloadFailed",
    "Forbidden",
    "InvalidRequest",
    "NotFound",
    "RateLimited",
    "RetryPolicy",
    "ServiceFault",
    "StreamedEvent",
    "TrackingFailed",
    "Unauthorized",
    "Unavailable",
]
