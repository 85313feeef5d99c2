"""What a fit can end in, other than a model."""


class FitError(Exception):
    """A fit that cannot go on, and why, in one line.

    Attributes:
        kind: for programs; the `kind` of TrainFailed.
    """

    kind = "training_error"


class BadRequest(FitError):
    """The request cannot be read or names what there is not."""

    kind = "bad_request"


class DatasetUnusable(FitError):
    """The dataset's folder is incomplete, damaged, or holds nothing to learn from."""

    kind = "dataset_unusable"


class CheckpointUnusable(FitError):
    """The checkpoint is damaged or belongs to another request."""


class Diverged(FitError):
    """The loss is no longer a number."""

    kind = "diverged"


class OutOfMemory(FitError):
    """Memory ran out: on the processor or on the GPU."""

    kind = "out_of_memory"

    def __init__(self, said: str) -> None:
        super().__init__(
            f"{said}: a lower overrides/batch_size or overrides/views, a smaller preset or dataset needs less"
        )


class ParityExceeded(FitError):
    """The exported graph answers otherwise than the module it was made from."""

    kind = "parity"
