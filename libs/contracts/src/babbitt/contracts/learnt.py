"""The records that a version, and what it is based on, learnt from: a file that tells who knew a test record before."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from babbitt.contracts.names import Blake3


class LearntRecords(BaseModel):
    """The file that `Lineage.train_records` names: digests of samples, as in the dataset's manifest, in order.

    As open as an event: unknown fields are skipped.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    blake3: tuple[Blake3, ...]

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """A file's JSON, of a later version of `training` too.

        Raises:
            pydantic.ValidationError: it is none.
        """
        return cls.model_validate_json(content, extra="ignore")
