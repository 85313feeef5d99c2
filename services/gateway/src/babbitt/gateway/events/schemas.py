"""Events as the stream shows them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class StreamedEvent(BaseModel):
    """The `data` of a frame; its `event` is the type, its `id` where to resume.

    Attributes:
        id, source, type, time, subject, causationid, correlationid, sequence: the CloudEvents envelope.
        topic: where it was said, without the installation's prefix.
        data: what was said.
    """

    id: str
    source: str
    type: str
    time: datetime
    subject: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    sequence: str | None = None
    topic: str
    data: Any
