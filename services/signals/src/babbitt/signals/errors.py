"""What signals refuses, and how the making of a dataset can fail."""

from babbitt.chassis.errors import Refused
from babbitt.contracts.problems import FieldProblem


class DatasetImpossible(Refused):
    """The configuration is well-formed, but no dataset can be made of it. Names the field and what is accepted."""

    slug = "impossible-dataset"
    status = 422
    title = "The dataset cannot be made as asked for"

    def __init__(self, pointer: str, detail: str, accepted: str | None = None) -> None:
        problem = FieldProblem(pointer=pointer, detail=detail, accepted=accepted)
        more = f"; accepted: {accepted}" if accepted else ""
        super().__init__(f"{pointer}: {detail}{more}", errors=(problem,))


class DatasetUnknown(Refused):
    """There is no such dataset."""

    slug = "unknown-dataset"
    status = 404
    title = "There is no such dataset"


class ShardUnknown(Refused):
    """The dataset has no such shard."""

    slug = "unknown-shard"
    status = 422
    title = "The dataset has no such shard"


class DatasetNotInState(Refused):
    """What was asked for cannot be done in the state that the dataset is in."""

    slug = "dataset-state"
    status = 409
    title = "The dataset is in another state"


class DatasetNeeded(Refused):
    """Models were trained on the dataset: without it nobody could tell on what, or do it again."""

    slug = "dataset-needed"
    status = 409
    title = "Models need the dataset"


class MakingFailed(Exception):
    """The dataset cannot be made: a file or a gate says so, and another try would say the same."""


class GateFailed(MakingFailed):
    """What was made is not fit to be used."""
