"""Waveform messages: samples as bytes, all else in headers."""

import json

import numpy as np
import pytest

from babbitt.contracts.errors import MalformedMessage
from babbitt.contracts.measurements import MeasurementTaken
from babbitt.contracts.names import new_id
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.waveform import (
    Claim,
    Encoding,
    claim_of,
    decode_samples,
    encode_samples,
    read_waveform,
    waveform_headers,
)

WAVEFORM = np.random.default_rng(1).standard_normal((2, 500)).astype(np.float32)
REQUEST = PredictionRequested(
    prediction_id=new_id(),
    model="pump",
    reference="champion",
    sampling_rate_hz=20480,
    deadline_ms=1_772_366_410_000,
    shaft_speed_hz=29.5,
    fault_orders=(3.5848, 5.4152, 2.3567, 0.3983),
    machine="pump-12",
    warnings=("resampled", "ä"),
)


def test_a_request_and_its_waveform_come_back_as_they_went():
    raw, encoding = encode_samples(WAVEFORM)
    request, read = read_waveform(PredictionRequested, waveform_headers(REQUEST, encoding))
    assert request == REQUEST
    assert read == encoding
    assert np.array_equal(decode_samples(raw, read), WAVEFORM)


def test_float32_samples_are_not_copied():
    raw, encoding = encode_samples(WAVEFORM)
    assert np.shares_memory(decode_samples(raw, encoding), np.frombuffer(raw, np.uint8))


@pytest.mark.parametrize(("dtype", "scale", "within"), [("<f8", None, 1e-7), ("<i2", 0.001, 0.0006)])
def test_other_sample_types_become_float32(dtype, scale, within):
    stored = WAVEFORM.astype(dtype) if scale is None else np.round(WAVEFORM / scale).astype(dtype)
    waveform = decode_samples(stored.tobytes(), Encoding(dtype=dtype, shape=WAVEFORM.shape, scale=scale))
    assert waveform.dtype == np.float32
    assert np.abs(waveform - WAVEFORM).max() < within


@pytest.mark.parametrize(
    ("raw", "encoding", "said"),
    [
        (b"1234", Encoding(dtype="<f4", shape=(1, 2)), "4 bytes of samples"),
        (b"", Encoding(dtype="<f4", shape=(0, 0)), "at least one"),
        (b"12", Encoding(dtype="<i2", shape=(1, 1)), "scale"),
        (b"1234", Encoding(dtype="<f4", shape=(1, 1), scale=2.0), "scale"),
        (np.float32([1, np.nan]).tobytes(), Encoding(dtype="<f4", shape=(1, 2)), "NaN or infinity"),
        (np.float32([np.inf, -np.inf]).tobytes(), Encoding(dtype="<f4", shape=(2, 1)), "NaN or infinity"),
        (np.float64([1e300]).tobytes(), Encoding(dtype="<f8", shape=(1, 1)), "NaN or infinity"),
    ],
)
def test_wrong_samples_are_named(raw, encoding, said):
    with pytest.raises(MalformedMessage, match=said):
        decode_samples(raw, encoding)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("bbt_dtype", b"<c8", "bbt_dtype"),
        ("bbt_shape", b"[1]", "bbt_shape"),
        ("bbt_shape", b"one by two", "JSON"),
        ("bbt_model", b"Not A Name", "bbt_model"),
        ("bbt_deadline_ms", b"\xff\xfe", "bbt_deadline_ms"),
        ("bbt_sampling_rate_hz", b"-1", "bbt_sampling_rate_hz"),
        ("bbt_fault_orders", b"[3.6, 5.4, 2.4]", "bbt_fault_orders"),
        ("bbt_fault_orders", b"[3.6, 5.4, 2.4, 0]", "bbt_fault_orders"),
        ("bbt_fault_orders", b"3.6, 5.4", "JSON"),
        ("bbt_claim_key", b"../etc/passwd", "bbt_claim_key"),
        ("bbt_claim_key", b"gateway/../registry/artifacts/x", "bbt_claim_key"),
    ],
)
def test_wrong_headers_are_named(name, value, said):
    headers = dict(waveform_headers(REQUEST, encode_samples(WAVEFORM)[1])) | {name: value}
    with pytest.raises(MalformedMessage, match=said):
        read_waveform(PredictionRequested, list(headers.items()))


def test_a_claim_is_a_key_and_a_digest():
    encoding = Encoding(dtype="<f4", shape=(1, 2), claim_key="gateway/claims/x", claim_sha256="ab" * 32)
    assert claim_of(encoding) == Claim("gateway/claims/x", "ab" * 32)
    with pytest.raises(MalformedMessage, match="digest"):
        claim_of(encoding.model_copy(update={"claim_sha256": None}))
    assert json.loads(dict(waveform_headers(REQUEST, encoding))["bbt_shape"]) == [1, 2]


def test_a_measurement_travels_as_a_request_does():
    measured = MeasurementTaken(
        machine="pump-12",
        taken_at="2026-03-01T12:00:00Z",
        sampling_rate_hz=20_480,
        shaft_speed_hz=59.4,
        channels=("left", "right"),
        unit="g",
    )
    encoding = encode_samples(WAVEFORM)[1]
    assert read_waveform(MeasurementTaken, waveform_headers(measured, encoding)) == (measured, encoding)
