"""Predictions: a waveform in, what it means out."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from babbitt.contracts.bearings import Orders
from babbitt.contracts.envelope import Event
from babbitt.contracts.names import MachineName, ModelName, Reference, Sha256, UtcDatetime, VersionNumber
from babbitt.contracts.problems import Problem
from babbitt.contracts.topics import DIAGNOSTICS_EVENTS, PREDICTIONS_REQUESTS, PREDICTIONS_RESULTS


class PredictionRequested(Event, topic=PREDICTIONS_REQUESTS):
    """A waveform to be answered: these fields travel as headers, the samples are the message (see `waveform`).

    Attributes:
        prediction_id: names the prediction; its result is keyed by it.
        model: which model, with the alias or version asked for.
        sampling_rate_hz: of the samples as sent.
        resampled_from_hz: the client's rate, where the gateway resampled.
        shaft_speed_hz: revolutions a second, where the client told it; absent: what the model's DataSpec says.
        fault_orders: BPFO, BPFI, BSF and FTF in multiples of shaft speed, where the client told them or a bearing;
            absent: of DataSpec's bearing.
        machine: where the waveform is from, for the history.
        deadline_ms: absolute UTC milliseconds; after it the answer is PredictionFailed.
        reply_to: which gateway replica holds the caller.
        warnings: what the gateway has to say about the input.
    """

    prediction_id: UUID
    model: ModelName
    reference: Reference
    sampling_rate_hz: Annotated[float, Field(gt=0)]
    resampled_from_hz: float | None = None
    shaft_speed_hz: float | None = None
    fault_orders: Orders | None = None
    machine: MachineName | None = None
    deadline_ms: int
    reply_to: str | None = None
    warnings: tuple[str, ...] = ()

    def key(self) -> str:
        return str(self.prediction_id)


class ServedModel(BaseModel):
    """The version that answered."""

    model_config = ConfigDict(frozen=True)

    name: ModelName
    version: VersionNumber
    digest: Sha256


class InputSummary(BaseModel):
    """What was read of the input; rates and speeds in hertz.

    Attributes:
        shaft_speed_source: `measured`: the client told it; `nominal`: the model's DataSpec did; `refined`: the model
            found it, near to one of these.
    """

    model_config = ConfigDict(frozen=True)

    sampling_rate_hz: float
    resampled_from_hz: float | None = None
    shaft_speed_hz: float | None = None
    shaft_speed_source: Literal["measured", "nominal", "refined"] | str | None = None


class PredictionResult(Event):
    """What every result says."""

    prediction_id: UUID
    model_name: ModelName
    reference: str
    machine: MachineName | None = None
    reply_to: str | None = None

    def key(self) -> str:
        return str(self.prediction_id)


class PredictionCompleted(PredictionResult, topic=PREDICTIONS_RESULTS):
    """What the waveform means.

    Attributes:
        fault: the likeliest class. Of a multilabel model `healthy` where no fault's probability is above a half; of a
            one_class model `healthy` or `novel`.
        confidence: its probability; of what is no class of the model, what the likeliest one leaves to 1.
        probabilities: by class, calibrated; of a multiclass model they add up to 1.
        prediction_set: the classes that it may be, the likeliest first; null: the model was not calibrated for sets.
        coverage: share of such sets that should hold the truth; null: too few groups to say so, or no sets.
        novel: whether it is like nothing that was learnt from; null: nobody knows.
        novelty: how unlike, in the model's own unit; null: the model does not tell.
        severity: how far the fault has gone, from 0 to 1: incipient, mild, moderate and severe lie a third apart; null:
            the model does not tell, or tells of health.
        windows: how many windows were voted into this answer.
        completed_at: when it was answered.
    """

    model: ServedModel
    fault: str
    confidence: float
    probabilities: dict[str, float]
    prediction_set: tuple[str, ...] | None = None
    coverage: float | None = None
    novel: bool | None = None
    novelty: float | None = None
    severity: float | None = None
    windows: int
    input: InputSummary
    warnings: tuple[str, ...] = ()
    completed_at: UtcDatetime


class PredictionFailed(PredictionResult, topic=PREDICTIONS_RESULTS):
    """There is no answer, and why."""

    problem: Problem
    failed_at: UtcDatetime


class ModelUnhealthy(Event, topic=DIAGNOSTICS_EVENTS):
    """A replica cannot serve what an alias points at; what it served before goes on serving."""

    model: ModelName
    reference: str
    version: VersionNumber
    digest: Sha256
    instance: str
    reason: str

    def key(self) -> str:
        return self.model
