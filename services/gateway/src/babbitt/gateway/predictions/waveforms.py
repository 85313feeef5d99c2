"""Bodies become waveforms: samples as JSON, or as they are. What is wrong is named, with what is accepted."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Annotated, Any, cast

import numpy as np
import numpy.typing as npt
from pydantic import FailFast, TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.requests import Request

from babbitt.gateway.errors import InvalidInput, UnsupportedMedia
from babbitt.gateway.limits import SAMPLES, media_type_of
from babbitt.gateway.predictions.schemas import Description, JsonDescription, QueryDescription
from babbitt.gateway.problems import invalid_input

JSON = "application/json"
PARSED_AT_ONCE_BYTES = 256 * 1024
"""JSON up to this is read in 4 ms; 100,000 samples take 20.

Parsing, checking and conversion each hold the interpreter, in a thread too: a thread lets others in between them. How
long each may take is bounded by the limit of such bodies.
"""
type _Row = Annotated[list[float], FailFast()]
"""Checking ends at the first wrong sample: to list a million of them would hold up everybody else for seconds."""
_ROW: TypeAdapter[list[float]] = TypeAdapter(_Row)
_ROWS: TypeAdapter[list[list[float]]] = TypeAdapter(Annotated[list[_Row], FailFast()])

type Stored = npt.NDArray[np.float32 | np.float64 | np.int16]


@dataclass(frozen=True, slots=True)
class Waveform:
    """What a client sent.

    Attributes:
        samples: [channels, samples] or, while nobody said how many channels there are, [samples]; float32 or int16,
            a view of the body where that was possible; not checked yet.
        scale: factor from stored integers to physical units.
        channels: names of the rows, in their order; None: the model's.
        description: rate, speed, machine, unit.
        in_query: whether the description came in the query, beside a body of samples.
    """

    samples: Stored
    scale: float | None
    channels: tuple[str, ...] | None
    description: Description
    in_query: bool

    def at(self, name: str) -> str:
        """Where a value stands: the parameter's name, or a JSON pointer into the body."""
        if not self.in_query:
            return f"/{name}"
        return "" if name == "waveform" else name


async def read_waveform(request: Request, threads: Executor) -> Waveform:
    """The waveform of a request; what takes long is read in one of `threads`.

    Raises:
        UnsupportedMedia: neither JSON nor samples.
        InvalidInput: what is wrong, and where.
    """
    media_type = media_type_of(request.headers.get("content-type", ""))
    if media_type == SAMPLES:
        return _from_samples(dict(request.query_params), await request.body())
    if media_type == JSON:
        if request.query_params:
            raise InvalidInput.at(next(iter(request.query_params)), "with a JSON body there are no query parameters")
        body = await request.body()
        if len(body) <= PARSED_AT_ONCE_BYTES:
            return _from_json(body)
        return await asyncio.get_running_loop().run_in_executor(threads, _from_json, body)
    raise UnsupportedMedia(f"{media_type or 'no content type'}: {JSON} and {SAMPLES} are accepted")


def _from_samples(query: dict[str, str], body: bytes) -> Waveform:
    try:
        said = QueryDescription.model_validate(query)
    except ValidationError as error:
        raise invalid_input(_of("query", error)) from error
    if (said.dtype == "<i2") != (said.scale is not None):
        raise InvalidInput.at("scale", "to be given exactly when dtype is <i2", "a number more than 0")
    itemsize = np.dtype(said.dtype).itemsize
    if not body or len(body) % itemsize:
        accepted = f"a multiple of {itemsize}, at least {itemsize}"
        raise InvalidInput.at("", f"{len(body)} bytes are no whole number of {said.dtype} samples", accepted)
    stored = np.frombuffer(body, said.dtype)
    names = tuple(said.channels.split(",")) if said.channels and not said.channels.isdecimal() else None
    rows = len(names) if names else int(said.channels) if said.channels else None
    if rows is not None:
        if stored.size % rows:
            raise InvalidInput.at("", f"{stored.size} samples are not {rows} channels of equal length")
        stored = stored.reshape(rows, -1)
    return Waveform(_narrowed(stored, ""), said.scale, names, said, in_query=True)


def _from_json(body: bytes) -> Waveform:
    try:
        parsed = from_json(body, allow_inf_nan=True)
    except ValueError as error:
        raise InvalidInput.at("", f"not JSON: {error}", "a JSON object") from error
    if not isinstance(parsed, dict):
        raise InvalidInput.at("", "not a JSON object", "a JSON object")
    fields = cast("dict[str, Any]", parsed)
    missing = object()
    waveform = fields.pop("waveform", missing)
    try:
        said = JsonDescription.model_validate(fields)
    except ValidationError as error:
        raise invalid_input(_of("body", error)) from error
    if waveform is missing:
        raise InvalidInput.at("/waveform", "is missing", "a list of numbers, or a list of such lists")
    samples = _samples(waveform)
    if said.channels and samples.ndim == 1:
        samples = samples.reshape(1, -1)
    if said.channels and samples.shape[0] != len(said.channels):
        raise InvalidInput.at("/channels", f"{len(said.channels)} names for {samples.shape[0]} rows")
    return Waveform(_narrowed(samples, "/waveform"), None, said.channels, said, in_query=False)


def _samples(waveform: Any) -> npt.NDArray[np.float64]:
    """float64 [samples] or [channels, samples]."""
    nested = isinstance(waveform, list) and bool(waveform) and isinstance(waveform[0], list)
    try:
        checked = (_ROWS if nested else _ROW).validate_python(waveform, strict=True)
    except ValidationError as error:
        findings = error.errors(include_input=False, include_url=False)[:20]
        for finding in findings:
            finding["loc"] = ("body", "waveform", *finding["loc"])
        raise invalid_input(findings) from error
    if nested and len({len(cast("list[float]", row)) for row in checked}) > 1:
        raise InvalidInput.at("/waveform", "the channels' lengths differ", "rows of one length")
    return np.asarray(checked, dtype=np.float64)


def _narrowed(stored: Stored, pointer: str) -> Stored:
    """The same samples as float32 or int16; what is too large for them becomes infinite."""
    if stored.size == 0:
        raise InvalidInput.at(pointer, "there are no samples", "at least one sample")
    if stored.dtype == np.int16:
        return stored
    with np.errstate(over="ignore"):
        return stored.astype(np.float32, copy=False)


def _of(place: str, error: ValidationError) -> list[Any]:
    findings: list[Any] = list(error.errors(include_input=False, include_url=False))
    for finding in findings:
        finding["loc"] = (place, *finding["loc"])
    return findings
