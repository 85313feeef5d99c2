"""How the records of a dataset are kept apart."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from babbitt.contracts.envelope import RequestPart
from babbitt.contracts.names import Text

type SplitName = Literal["train", "validation", "test"]
type Place = Annotated[str, StringConstraints(pattern=r"^(train|validation|test(_snr-?[0-9]{1,2})?)$")]
"""Where a record is: a split, or a copy of the test split with white noise, such as `test_snr20` at 20 dB."""
type SignalToNoiseDb = Annotated[int, Field(ge=-40, le=80)]

SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


def noisy_test(snr_db: int) -> str:
    """The place of the test records' copies at a signal-to-noise ratio."""
    return f"test_snr{snr_db}"


def split_of(place: str) -> str:
    """The split that a place belongs to: a noisy copy of a test record is no other record."""
    return place.partition("_")[0]


class SplitSpec(RequestPart):
    """How records are kept apart.

    Attributes:
        kind: `group` (no group straddles, but one that is all there is of its class, which is divided in time),
            `record` (by recordings, stratified by class: a group may straddle), `time` (within each recording, so all
            straddle: optimistic), or `predefined` (as the mapping's rules or the file itself say).
        validation, test: shares of the records; the rest is for training. Not looked at where the split is predefined.
        held_out: groups that are the test split, where `kind` is `group`; a class without records there is not tested.
    """

    kind: Literal["group", "record", "time", "predefined"] = "record"
    validation: Annotated[float, Field(gt=0, lt=0.5)] = 0.15
    test: Annotated[float, Field(gt=0, lt=0.5)] = 0.15
    held_out: Annotated[tuple[Text, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.held_out and self.kind != "group":
            raise ValueError("held_out: to be given only where kind is 'group'")
        if len(set(self.held_out)) != len(self.held_out):
            raise ValueError("held_out: groups must differ")
        return self
