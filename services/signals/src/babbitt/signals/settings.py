"""Settings of `signals`."""

import tempfile
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from babbitt.chassis.settings import DatabaseSettings
from babbitt.contracts.topics import DATASETS_SHARDS

SHARDS_KEPT_HOURS = (DATASETS_SHARDS.retention_ms or 0) / 3_600_000
"""How long the broker keeps a ShardRequested: the retention of its topic."""


class SignalsSettings(DatabaseSettings):
    """What `signals` reads from the environment.

    Attributes:
        scratch_folder: in a folder of the process's own there shards lie while they are written, and uploads while
            shards are made of them. On the file
            system of a store in a local folder, shards are moved there; else they are copied.
        kept_upload_bytes: of uploads that stay there for the next shard, each until others have taken its room.
        keep_deleted_hours: how long the objects of deleted, failed and cancelled datasets stay.
        stalled_after_hours: after so long without a new shard a dataset has failed: its requests are gone.
        sweep_interval_s: seconds between two looks for either.
    """

    service: ClassVar[str] = "signals"

    scratch_folder: Path = Path(tempfile.gettempdir())
    kept_upload_bytes: Annotated[int, Field(ge=0)] = 4 * 1024**3
    keep_deleted_hours: Annotated[float, Field(ge=0)] = 24.0
    stalled_after_hours: Annotated[float, Field(gt=0)] = 26.0
    sweep_interval_s: Annotated[float, Field(gt=0)] = 600.0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.stalled_after_hours <= SHARDS_KEPT_HOURS:
            raise ValueError(f"stalled_after_hours: more than {SHARDS_KEPT_HOURS:g}, for which requests are kept")
        return self
