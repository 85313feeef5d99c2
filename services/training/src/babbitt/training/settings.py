"""Settings of `training`."""

import tempfile
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from babbitt.chassis.settings import DatabaseSettings

type DeviceName = Annotated[str, Field(pattern="^(GPU|MIG)-")]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in text.split(","))))


class TrainingSettings(DatabaseSettings):
    """What `training` reads from the environment.

    Attributes:
        workers: jobs that this replica runs at once; 0: it only listens.
        threads: processor threads of each process of a job; absent: all there are. A resumed job uses as many as it
            began with.
        processes: that a fit is spread over; `auto`: one for each GPU that it is given, on a processor one.
        devices: UUIDs of the GPUs that jobs may have, comma-separated; absent: those that the driver names, empty:
            none.
        lease_s: after so long without a sign of life a worker is thought dead.
        attempts: in a row that may die without getting further, until the job fails.
        dataset_wait_s: how long a job waits for a dataset that is not there.
        poll_s: how often a free worker looks for a job.
        scratch_folder: where datasets and results lie while a job runs.
        cache_bytes: of shards that are kept for the next job.
        signing_key, signing_key_file: an Ed25519 private key in base64, or the file that holds it, to sign artifacts.
    """

    service: ClassVar[str] = "training"

    workers: Annotated[int, Field(ge=0, le=64)] = 1
    threads: Annotated[int, Field(ge=1)] | None = None
    processes: Annotated[int, Field(ge=1, le=64)] | Literal["auto"] = "auto"
    devices: Annotated[tuple[DeviceName, ...] | None, BeforeValidator(_listed)] = None
    lease_s: Annotated[float, Field(ge=0.5)] = 15.0
    attempts: Annotated[int, Field(ge=1)] = 3
    dataset_wait_s: Annotated[float, Field(gt=0)] = 600.0
    poll_s: Annotated[float, Field(gt=0)] = 0.25
    scratch_folder: Path = Path(tempfile.gettempdir()) / "babbitt-training"
    cache_bytes: Annotated[int, Field(ge=0)] = 20 * 1024**3
    signing_key: SecretStr | None = None
    signing_key_file: Path | None = None

    @property
    def processes_asked(self) -> int | None:
        """How many; None: as many as there are GPUs."""
        return None if self.processes == "auto" else self.processes

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.signing_key and self.signing_key_file:
            raise ValueError("signing_key or signing_key_file is accepted, not both")
        return self
