"""How large a body may be: JSON is parsed in one go, and everybody else waits meanwhile."""

import re
from dataclasses import dataclass

UPLOADS = "/v1/uploads"
SAMPLES = "application/octet-stream"
"""The media type of samples as they are."""
AS_SAMPLES = f"; as samples ({SAMPLES}) more is read"
_PREDICTIONS = re.compile("/v1/models/[^/]+/predictions")


@dataclass(frozen=True, slots=True)
class Limit:
    """A body's limit; `instead`: what a client with more may do, appended to what it is told."""

    size_bytes: int
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits, by what a body is."""

    json: Limit
    waveform_json: Limit
    samples: Limit
    upload: Limit

    def of(self, path: str, media_type: str) -> Limit:
        """The limit of a request's body."""
        if path == UPLOADS:
            return self.upload
        if not _PREDICTIONS.fullmatch(path):
            return self.json
        return self.samples if media_type == SAMPLES else self.waveform_json


def media_type_of(content_type: str) -> str:
    """The media type in a `Content-Type` header, without its parameters."""
    return content_type.partition(";")[0].strip().lower()
