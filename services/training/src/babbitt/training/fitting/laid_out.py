"""How other versions lie in a job's folder: `bases.json` lists them. Free of torch: the service writes it."""

from pydantic import BaseModel, ConfigDict, TypeAdapter

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.names import Sha256
from babbitt.training.domain.known_reference import Role


class LaidOut(BaseModel):
    """One version as it lies in the folder.

    Attributes:
        role: what it is needed for.
        version: its number; 0: it has none yet.
        file, weights: names within the folder.
        sha256: of the file.
        train_records: name of the file of digests that it learnt from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    version: int
    file: str
    sha256: Sha256
    data_spec: DataSpec
    model_spec: ModelSpec
    weights: str | None = None
    train_records: str | None = None


LIST = TypeAdapter(tuple[LaidOut, ...])
