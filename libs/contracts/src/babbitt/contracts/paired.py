"""What a version answered for each record of a test split: a file, paired by digest with what other versions answered.

As open as an event: unknown fields are skipped at every depth.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from babbitt.contracts.names import Blake3, Sha256


class PairedRecord(BaseModel):
    """The answer for one record.

    Attributes:
        record: its id within the dataset.
        blake3: digest of its samples: what pairs it.
        group: what may not straddle a split.
        label: its class, after the request's class map.
        probabilities: in the order of the class names, as served.
        faults: what is true of it, of a multilabel model.
        answer: what was answered; of a multilabel model its faults, with `+` between them, or `healthy`; of a one_class
            model `healthy` or `novel`. None: an earlier version did not say; the likeliest class is meant.
        right: whether that is true; None: as `answer`.
        novelty: its score, of a model that has one.
    """

    model_config = ConfigDict(frozen=True)

    record: str
    blake3: Blake3
    group: str
    label: str
    probabilities: tuple[float, ...]
    faults: tuple[str, ...] | None = None
    answer: str | None = None
    right: bool | None = None
    novelty: float | None = None


class PairedPredictions(BaseModel):
    """The file: `predictions.json`. Of an earlier `format` some fields are absent."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    test_split_sha256: Sha256
    class_names: tuple[str, ...]
    task: str = "multiclass"
    records: tuple[PairedRecord, ...]

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """A file's JSON, of a later version of `training` too.

        Raises:
            pydantic.ValidationError: it is none.
        """
        return cls.model_validate_json(content, extra="ignore")
