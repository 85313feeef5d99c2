"""Predictions as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import from_json

from babbitt.contracts.bearings import Orders
from babbitt.contracts.mappings import MappedBearing
from babbitt.contracts.names import MachineName
from babbitt.contracts.predictions import InputSummary, ServedModel
from babbitt.contracts.problems import Problem

type Rate = Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)]
type SpeedHz = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
type SpeedRpm = Annotated[float, Field(gt=0, le=600_000, allow_inf_nan=False)]
type Unit = Literal["m/s2", "g", "mm/s", "um", "1"]
type ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,62}$")]


class Description(BaseModel):
    """What describes a waveform, whichever way its samples come.

    Attributes:
        sampling_rate_hz: samples a second. Higher than the model's: it is resampled; lower: refused.
        shaft_speed_hz, shaft_speed_rpm: one of them, where the model reads it.
        fault_orders, bearing: one of them, where the model reads fault orders and its data had no bearing of their own:
            BPFO, BPFI, BSF and FTF in multiples of shaft speed, or the geometry that gives them.
        machine: where the waveform is from, for the history.
        unit: of the samples; absent: the model's own. g and m/s2 are converted.
    """

    model_config = ConfigDict(extra="forbid")

    sampling_rate_hz: Rate
    shaft_speed_hz: SpeedHz | None = None
    shaft_speed_rpm: SpeedRpm | None = None
    fault_orders: Orders | None = None
    bearing: MappedBearing | None = None
    machine: MachineName | None = None
    unit: Unit | None = None


class JsonDescription(Description):
    """Beside the samples in a JSON body. `channels`: names of the rows, in their order; absent: the model's."""

    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1, max_length=64)] | None = None


_ORDERS = {"type": "string", "examples": ["3.5848,5.4152,2.3567,0.3983"]}
_BEARING = {"type": "string", "examples": ['{"balls": 9, "ball_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}']}


def _separated(text: object) -> object:
    return text.split(",") if isinstance(text, str) else text


def _parsed(text: object) -> object:
    return from_json(text) if isinstance(text, str) else text


class QueryDescription(Description):
    """In the query beside a body of samples.

    Attributes:
        dtype: how a sample is stored: little-endian, C order, [channels, samples].
        channels: how many rows there are, or their names, separated by commas; absent: the model's.
        fault_orders: four numbers, separated by commas.
        bearing: a JSON object.
        scale: factor from stored integers to physical units; needed for `<i2`.
    """

    fault_orders: Annotated[Orders, BeforeValidator(_separated), WithJsonSchema(_ORDERS)] | None = None
    bearing: Annotated[MappedBearing, BeforeValidator(_parsed), WithJsonSchema(_BEARING)] | None = None
    dtype: Literal["<f4", "<f8", "<i2"] = "<f4"
    channels: Annotated[str, Field(pattern=r"^([1-9][0-9]?|[a-z0-9_]+(,[a-z0-9_]+)*)$", max_length=4096)] | None = None
    scale: Annotated[float, Field(gt=0, le=1e30, allow_inf_nan=False)] | None = None


class WaveformBody(JsonDescription):
    """A JSON body as the OpenAPI document shows it; it is read by hand, because samples are many."""

    waveform: list[float] | list[list[float]] = Field(
        description="Samples of one channel, or of several: [channels][samples]"
    )


class PredictionAnswer(BaseModel):
    """What the waveform means.

    Attributes:
        fault: the likeliest class. Of a multilabel model `healthy` where no fault's probability is above a half; of a
            one_class model `healthy` or `novel`.
        confidence: its probability.
        probabilities: by class; of a multiclass model they add up to 1.
        prediction_set: the classes that it may be, the likeliest first; null: the model was not calibrated for sets.
        coverage: share of such sets that should hold the truth; null: too few groups to say so, or no sets.
        novel: whether it is like nothing that was learnt from; null: nobody knows.
        novelty: how unlike, in the model's own unit; null: the model does not tell.
        severity: how far the fault has gone, from 0 to 1; null: the model does not tell, or tells of health.
        windows: how many windows of the waveform were voted into this answer.
    """

    prediction_id: UUID
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


class Prediction(BaseModel):
    """A prediction in the log.

    Attributes:
        state: `pending` until its result comes; `expired`: none came in time.
        answer: when completed.
        problem: when failed.
    """

    prediction_id: UUID = Field(validation_alias="id")
    state: Literal["pending", "completed", "failed", "expired"]
    model: str
    reference: str
    machine: str | None
    answer: PredictionAnswer | None
    problem: Problem | None
    requested_by: str | None
    created_at: datetime
    completed_at: datetime | None


class Accepted(BaseModel):
    """A prediction that nobody waits for: where its answer will be."""

    prediction_id: UUID
    state: Literal["pending"] = "pending"


type Document = dict[str, Any]
"""A part of the OpenAPI document."""
