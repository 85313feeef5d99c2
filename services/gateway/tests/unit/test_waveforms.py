"""Samples in JSON: what is said of those that are no numbers, and who waits while many are read."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from babbitt.gateway.errors import InvalidInput
from babbitt.gateway.predictions.waveforms import PARSED_AT_ONCE_BYTES, _samples, read_waveform


@pytest.mark.parametrize("waveform", [["x"] * 1_000_000, [["x"] * 1_000_000], [[0.0], ["x"] * 1_000_000]])
def test_a_million_wrong_samples_are_told_by_the_first(waveform):
    with pytest.raises(InvalidInput) as caught:
        _samples(waveform)
    assert len(caught.value.problem.errors) == 1


def request_of(samples):
    content = json.dumps({"waveform": [0.5] * samples, "sampling_rate_hz": 20480}).encode()

    async def receive():
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-type", b"application/json")]
    return len(content), Request({"type": "http", "headers": headers, "query_string": b""}, receive)


@pytest.mark.parametrize(("samples", "others_go_on"), [(20_000, False), (200_000, True)])
async def test_others_go_on_while_a_large_body_is_read_and_a_small_one_is_read_at_once(samples, others_go_on):
    size_bytes, request = request_of(samples)
    assert (size_bytes > PARSED_AT_ONCE_BYTES) is others_go_on
    turn = asyncio.Event()
    asyncio.get_running_loop().call_soon(turn.set)
    with ThreadPoolExecutor(1) as threads:
        assert (await read_waveform(request, threads)).samples.size == samples
    assert turn.is_set() is others_go_on
