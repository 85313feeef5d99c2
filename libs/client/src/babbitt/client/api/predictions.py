"""Ask what a waveform means, and read what was answered before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import numpy.typing as npt

from babbitt.client.api.samples import encode
from babbitt.client.calls import Answer, Call, answer_of, get, path_of
from babbitt.client.pages import Page, list_call
from babbitt.contracts.dataspec import BearingGeometry
from babbitt.contracts.predictions import InputSummary, ServedModel
from babbitt.contracts.problems import Problem

MARGIN_S = 5.0
"""The gateway's timer rules: the client gives it this much longer to say that the deadline has passed."""

SAMPLES = {"Content-Type": "application/octet-stream"}

type Unit = Literal["m/s2", "g", "mm/s", "um", "1"]


class Prediction(Answer):
    """What a waveform means.

    Attributes:
        fault: the likeliest class; `confidence` is its probability. Of a multilabel model `healthy` where no fault's
            probability is above a half; of a one_class model `healthy` or `novel`.
        probabilities: by class; of a multiclass model they add up to 1.
        prediction_set: the classes that it may be, the likeliest first; `coverage`: the share of such sets that should
            hold the truth, None where too few groups were there to say so.
        novel: whether it is like nothing that was learnt from; `novelty`: how unlike, in the model's own unit.
        severity: how far the fault has gone, from 0 (incipient) to 1 (severe); None: the model does not tell, or tells
            of health.
        windows: how many windows were voted into this answer.
        input: what was read of the waveform; rates and speeds in hertz.
        warnings: what the service has to say about the input.
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


class PendingPrediction(Answer):
    """A prediction that nobody waits for: its answer is told as an event, and kept under its id."""

    prediction_id: UUID
    state: str = "pending"


class LoggedPrediction(Answer):
    """A prediction in the history.

    Attributes:
        state: `expired`: no result came in time.
        answer: what was answered, when completed.
        problem: why there is no answer, when failed.
    """

    prediction_id: UUID
    state: Literal["pending", "completed", "failed", "expired"] | str
    model: str
    reference: str
    machine: str | None = None
    answer: Prediction | None = None
    problem: Problem | None = None
    requested_by: str | None = None
    created_at: datetime
    completed_at: datetime | None = None


def predict(
    model: str,
    waveform: npt.ArrayLike,
    *,
    sampling_rate_hz: float,
    shaft_speed_hz: float | None = None,
    bearing: BearingGeometry | None = None,
    fault_orders: Sequence[float] | None = None,
    machine: str | None = None,
    unit: Unit | None = None,
    channels: Sequence[str] | None = None,
    scale: float | None = None,
    deadline_s: float | None = None,
) -> Call[Prediction]:
    """Ask a model what a waveform means.

    Args:
        model: its name, with an alias or version where the champion is not meant: `pump@challenger`, `pump@7`.
        waveform: [samples] or [channels, samples].
        sampling_rate_hz: of the waveform; where it is higher than the model's, the service resamples.
        shaft_speed_hz: revolutions a second, where known.
        bearing: its geometry, where the model reads fault orders and its data had no bearing of their own.
        fault_orders: these orders themselves, instead: BPFO, BPFI, BSF and FTF in multiples of shaft speed.
        machine: where the waveform is from, for the history.
        unit: of the samples; None: the model's own.
        channels: names of the rows; None: the model's, in its order.
        scale: factor from 16-bit integers to physical units.
        deadline_s: seconds after which the answer is worth nothing; None: the gateway's own deadline.

    Raises:
        InvalidRequest: the waveform is none, or not what the model reads; the problem says what is accepted.
        DeadlinePassed: no answer in time.
    """
    content, dtype, rows = encode(waveform, scale)
    return Call(
        "POST",
        path_of("models", model, "predictions"),
        answer_of(Prediction),
        query={
            "dtype": dtype,
            "channels": ",".join(channels) if channels else rows,
            "scale": scale,
            "sampling_rate_hz": sampling_rate_hz,
            "shaft_speed_hz": shaft_speed_hz,
            "bearing": bearing.model_dump_json() if bearing else None,
            "fault_orders": ",".join(f"{order:.9g}" for order in fault_orders) if fault_orders is not None else None,
            "machine": machine,
            "unit": unit,
        },
        headers=SAMPLES | ({"Request-Timeout": f"{deadline_s:g}"} if deadline_s is not None else {}),
        content=content,
        repeatable=True,  # it changes nothing: at worst the history has it twice
        timeout_s=None if deadline_s is None else deadline_s + MARGIN_S,
    )


def predict_later(
    model: str,
    waveform: npt.ArrayLike,
    *,
    sampling_rate_hz: float,
    shaft_speed_hz: float | None = None,
    bearing: BearingGeometry | None = None,
    fault_orders: Sequence[float] | None = None,
    machine: str | None = None,
    unit: Unit | None = None,
    channels: Sequence[str] | None = None,
    scale: float | None = None,
) -> Call[PendingPrediction]:
    """As `predict`, without waiting: the answer comes as a PredictionCompleted event and stays in the history."""
    call = predict(
        model, waveform, sampling_rate_hz=sampling_rate_hz, shaft_speed_hz=shaft_speed_hz, bearing=bearing,
        fault_orders=fault_orders, machine=machine, unit=unit, channels=channels, scale=scale,
    )  # fmt: skip
    headers = SAMPLES | {"Prefer": "respond-async"}
    return Call(
        "POST", call.path, answer_of(PendingPrediction), query=call.query, headers=headers, content=call.content
    )


def prediction(prediction_id: UUID | str, *, wait_s: float | None = None) -> Call[LoggedPrediction]:
    """One prediction of the history.

    Args:
        prediction_id: its id.
        wait_s: seconds that the answer is held while there is no result yet; None: answered at once.
    """
    return get(LoggedPrediction, "predictions", prediction_id).held(wait_s)


def predictions(
    *,
    model: str | None = None,
    machine: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Call[Page[LoggedPrediction]]:
    """The history, the newest first. `since` and `until` are moments with their zone."""
    return list_call(
        path_of("predictions"), LoggedPrediction, model=model, machine=machine, state=state,
        since=since.isoformat() if since else None, until=until.isoformat() if until else None,
    )  # fmt: skip
