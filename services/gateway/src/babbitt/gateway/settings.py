"""The gateway's settings: `BABBITT_GATEWAY_…`, besides those that all services read."""

import tempfile
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from babbitt.chassis.settings import DatabaseSettings

MIB = 1024 * 1024
GIB = 1024 * MIB
SOURCE = "/babbitt/gateway"
"""Who says what the gateway says, in CloudEvents."""


class GatewaySettings(DatabaseSettings):
    """What the gateway reads.

    Attributes:
        host, port: where everything is served: the API, health, metrics. Port 0 takes a free one.
        json_limit_bytes: of any body but a waveform or an upload: JSON, parsed in one go while everybody else waits.
        waveform_json_limit_bytes: of a waveform as JSON.
        samples_limit_bytes: of a waveform as samples.
        upload_limit_bytes: of one uploaded file. What is made of it is bounded where it is read, in `signals`.
        upload_kept_days: how long an upload stays that is neither sent again nor named by a dataset.
        spool_folder: in a folder of the process's own there an upload lies until its digest is known, and a shard while
            a record is read from it.
        prediction_deadline_s: seconds until a caller who waits is told that there is no answer in time.
        preparers: threads in which large bodies are read and waveforms resampled.
        async_deadline_s: seconds until a prediction that nobody waits for is given up.
        prediction_log_days: how long answers are kept.
        key_fresh_s: how long a key is believed without asking the database.
        key_stale_s: how long it is believed while the database is away.
        stream_heartbeat_s: seconds of silence after which a stream is sent a comment.
        stream_send_timeout_s: seconds after which a reader that takes nothing is dropped.
        stream_ring_records, stream_ring_bytes: what a replica keeps of the recent past for readers that resume.
        stream_catch_ups: how many readers may read older events from the broker at once.
    """

    service = "gateway"

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    json_limit_bytes: Annotated[int, Field(ge=1024)] = 2 * MIB
    waveform_json_limit_bytes: Annotated[int, Field(ge=1024)] = 4 * MIB
    samples_limit_bytes: Annotated[int, Field(ge=1024)] = 16 * MIB
    upload_limit_bytes: Annotated[int, Field(ge=1024)] = 4 * GIB
    upload_kept_days: Annotated[int, Field(ge=1)] = 30
    spool_folder: Path = Path(tempfile.gettempdir())
    prediction_deadline_s: Annotated[float, Field(gt=0, le=300)] = 10.0
    preparers: Annotated[int, Field(ge=1, le=64)] = 2
    async_deadline_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    prediction_log_days: Annotated[int, Field(ge=1)] = 90
    key_fresh_s: Annotated[float, Field(gt=0)] = 30.0
    key_stale_s: Annotated[float, Field(gt=0)] = 600.0
    stream_heartbeat_s: Annotated[float, Field(gt=0, le=60)] = 15.0
    stream_send_timeout_s: Annotated[float, Field(gt=0)] = 30.0
    stream_ring_records: Annotated[int, Field(ge=1)] = 20_000
    stream_ring_bytes: Annotated[int, Field(ge=1)] = 64 * MIB
    stream_catch_ups: Annotated[int, Field(ge=0)] = 8

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.key_stale_s < self.key_fresh_s:
            raise ValueError("key_stale_s: not less than key_fresh_s")
        return self
