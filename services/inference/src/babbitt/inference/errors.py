"""Why there is no answer, and why a model cannot serve."""

from babbitt.contracts.problems import Problem


class Unanswered(Exception):
    """A request was read and has no answer. Carries the problem that its sender is told.

    Subclasses name a cause; `slug` is the problem's stable type, `status` the HTTP status it has at the gateway.
    """

    slug: str
    status: int
    title: str

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.problem = Problem.of(self.slug, self.status, self.title, detail)


class UnknownModel(Unanswered):
    slug, status, title = "unknown-model", 404, "There is no such model, alias or version"


class UnsuitableWaveform(Unanswered):
    slug, status, title = "unsuitable-waveform", 422, "The waveform does not fit the model"


class PredictionBroke(Unanswered):
    slug, status, title = "prediction-failed", 500, "The model failed on this waveform"


class ModelUnavailable(Unanswered):
    slug, status, title = "model-unavailable", 503, "The model is not served now"


class DeadlinePassed(Unanswered):
    slug, status, title = "deadline-passed", 504, "The deadline passed before the answer was there"


class ModelUnusable(Exception):
    """An artifact cannot be served: not what its digest says, not to be loaded, or not what its ModelSpec says."""


class ModelBroke(Exception):
    """A loaded model failed at a run, or gave what is no probability."""
