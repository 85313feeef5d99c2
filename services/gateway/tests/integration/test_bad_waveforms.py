"""Wrong waveforms of the table in the interfaces page, each row over real HTTP."""

import json

import numpy as np
import pytest

from .problems import problem_of

pytestmark = pytest.mark.integration

PREDICT = "/v1/models/pump/predictions"
GOOD = np.zeros(2048, "<f4")
JSON = {"waveform": GOOD.tolist(), "sampling_rate_hz": 20480}
GEOMETRY = {"balls": 9, "ball_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}
SAMPLES = {"Content-Type": "application/octet-stream"}


@pytest.mark.parametrize(
    ("body", "pointer", "accepted"),
    [
        (b"{", "", "a JSON object"),
        (b"[1]", "", "a JSON object"),
        (b"", "", "a JSON object"),
        (b"\xff\xfe", "", "a JSON object"),
        (JSON | {"waveform": "loud"}, "/waveform", None),
        (JSON | {"waveform": [1, "2", 3]}, "/waveform/1", None),
        (JSON | {"waveform": [1, None]}, "/waveform/1", None),
        (JSON | {"waveform": [True, 1]}, "/waveform/0", None),
        (JSON | {"waveform": [[1, 2], 3]}, "/waveform/1", None),
        (JSON | {"waveform": [[1, 2], [3]]}, "/waveform", "rows of one length"),
        (JSON | {"waveform": []}, "/waveform", "at least one sample"),
        ({"sampling_rate_hz": 20480}, "/waveform", "a list of numbers, or a list of such lists"),
        ({"waveform": [1, 2]}, "/sampling_rate_hz", None),
        (JSON | {"sampling_rate_hz": "fast"}, "/sampling_rate_hz", None),
        (JSON | {"sampling_rate_hz": 0}, "/sampling_rate_hz", "more than 0"),
        (JSON | {"sampling_rate_hz": 20000}, "/sampling_rate_hz", "20480 or more"),
        (JSON | {"rate": 1}, "/rate", None),
        (JSON | {"machine": "Pump 7"}, "/machine", "text matching"),
        (JSON | {"shaft_speed_hz": 30, "shaft_speed_rpm": 1800}, "/shaft_speed_rpm", "exactly one of the two"),
        (JSON | {"shaft_speed_hz": -1}, "/shaft_speed_hz", "more than 0"),
        (JSON | {"fault_orders": [1, 2, 3]}, "/fault_orders/3", None),
        (JSON | {"fault_orders": [1, 2, 3, -4]}, "/fault_orders/3", "more than 0"),
        (JSON | {"bearing": {"balls": 9}}, "/bearing/ball_diameter_mm", None),
        (JSON | {"bearing": GEOMETRY | {"colour": "red"}}, "/bearing/colour", None),
        (JSON | {"unit": "um"}, "/unit", "m/s2; g and m/s2 are converted"),
        (JSON | {"unit": "furlong"}, "/unit", "'m/s2', 'g', 'mm/s', 'um' or '1'"),
        (JSON | {"channels": ["left"]}, "/channels", "vibration"),
        (JSON | {"waveform": [[0.0] * 2048] * 2}, "/waveform", "1: vibration"),
        (JSON | {"waveform": [0.0] * 1000}, "/waveform", "at least 1024 samples a channel (0.05 s)"),
        (b'{"waveform": [1, NaN], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1, -Infinity], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1, 1e400], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (b'{"waveform": [1, 1e39], "sampling_rate_hz": 20480}', "/waveform", "finite numbers"),
        (JSON | {"waveform": [1, -2e9]}, "/waveform", "finite numbers between -1e+09 and 1e+09, in m/s2"),
        (JSON | {"waveform": [1, 5e8], "unit": "g"}, "/waveform", "finite numbers between -1e+09 and 1e+09, in m/s2"),
        (b'{"waveform": [1], "sampling_rate_hz": NaN}', "/sampling_rate_hz", None),
    ],
)
async def test_a_wrong_json_waveform_is_answered_with_the_field_and_what_is_accepted(
    api, inference, body, pointer, accepted
):
    sent = (
        {"content": body, "headers": {"Content-Type": "application/json"}}
        if isinstance(body, bytes)
        else {"json": body}
    )
    answer = await api.post(PREDICT, **sent)
    assert answer.status_code == 422, answer.text
    wrong = problem_of(answer).errors[0]
    assert wrong.pointer == pointer
    if accepted:
        assert accepted in (wrong.accepted or "")


@pytest.mark.parametrize(
    ("query", "samples", "pointer", "accepted"),
    [
        ({}, GOOD, "sampling_rate_hz", None),
        ({"sampling_rate_hz": "nan"}, GOOD, "sampling_rate_hz", None),
        ({"sampling_rate_hz": 20480, "dtype": "<f2"}, GOOD, "dtype", "'<f4', '<f8' or '<i2'"),
        ({"sampling_rate_hz": 20480, "colour": "red"}, GOOD, "colour", None),
        ({"sampling_rate_hz": 20480, "dtype": "<i2"}, GOOD, "scale", "a number more than 0"),
        ({"sampling_rate_hz": 20480, "scale": 1}, GOOD, "scale", "a number more than 0"),
        ({"sampling_rate_hz": 20480, "dtype": "<i2", "scale": "-1"}, GOOD, "scale", "more than 0"),
        ({"sampling_rate_hz": 20480, "fault_orders": "1,2,3"}, GOOD, "fault_orders.3", None),
        ({"sampling_rate_hz": 20480, "fault_orders": "1,b,3,4"}, GOOD, "fault_orders.1", None),
        ({"sampling_rate_hz": 20480, "bearing": "round"}, GOOD, "bearing", None),
        ({"sampling_rate_hz": 20480, "bearing": "9"}, GOOD, "bearing", None),
        ({"sampling_rate_hz": 20480, "channels": "3"}, GOOD, "", None),
        ({"sampling_rate_hz": 20480, "channels": "a,a"}, GOOD, "channels", "vibration"),
        ({"sampling_rate_hz": 20480, "channels": "2"}, GOOD, "", "1: vibration"),
        ({"sampling_rate_hz": 20480}, np.zeros(10, "<f4"), "", "at least 1024 samples a channel (0.05 s)"),
        ({"sampling_rate_hz": 40960}, np.zeros(2000, "<f4"), "", "at least 2048 samples a channel (0.05 s)"),
        ({"sampling_rate_hz": 20480}, np.full(2048, np.nan, "<f4"), "", "finite numbers"),
        ({"sampling_rate_hz": 20480, "dtype": "<f8"}, np.full(2048, 1e300), "", "finite numbers"),
        ({"sampling_rate_hz": 20480}, np.full(2048, 3e38, "<f4"), "", "finite numbers between -1e+09 and 1e+09"),
        ({"sampling_rate_hz": 20480, "dtype": "<i2", "scale": 1e6}, np.full(2048, 2000, "<i2"), "", "finite numbers"),
        ({"sampling_rate_hz": 20480}, np.zeros(3, "i1"), "", "a multiple of 4"),
        ({"sampling_rate_hz": 20480}, np.zeros(0), "", "a multiple of 4"),
    ],
)
async def test_wrong_samples_are_answered_with_the_parameter_and_what_is_accepted(
    api, inference, query, samples, pointer, accepted
):
    answer = await api.post(PREDICT, params=query, content=samples.tobytes(), headers=SAMPLES)
    assert answer.status_code == 422, answer.text
    wrong = problem_of(answer).errors[0]
    assert wrong.pointer == pointer
    if accepted:
        assert accepted in (wrong.accepted or "")


async def test_a_rate_within_a_thousandth_is_taken_as_it_is(api, inference):
    answer = await api.post(PREDICT, json=JSON | {"sampling_rate_hz": 20490})
    assert answer.status_code == 200
    assert answer.json()["warnings"] == []
    assert answer.json()["input"]["resampled_from_hz"] is None


async def test_g_becomes_metres_a_second_squared(api, inference):
    answer = await api.post(PREDICT, json=JSON | {"waveform": [1.0] * 2048, "unit": "g"})
    assert answer.status_code == 200
    _, encoding, record = inference.seen[-1]
    np.testing.assert_allclose(np.frombuffer(record.value, encoding.dtype), 9.80665, rtol=1e-6)


async def test_what_a_model_reads_beside_the_waveform_is_asked_for_and_handed_on_whichever_way_it_comes(
    api, inference, assigned, until
):
    reads = assigned("turbine", inputs=("waveform", "shaft_speed_hz", "fault_orders"), shaft_speed="per_record")
    learnt = reads.model_spec.model_copy(update={"shaft_speed_range_hz": (29.5, 29.5)})
    await inference.assign(reads.model_copy(update={"model_spec": learnt}))

    async def known():
        return (await api.get("/v1/models/turbine/aliases")).status_code == 200

    await until(known)
    place = "/v1/models/turbine/predictions"
    missing = problem_of(await api.post(place, json=JSON))
    assert (missing.status, missing.errors[0].pointer) == (422, "/shaft_speed_hz")
    bearing = problem_of(await api.post(place, json=JSON | {"shaft_speed_hz": 29.5}))
    assert (bearing.status, bearing.errors[0].pointer) == (422, "/bearing")
    rpm = problem_of(await api.post(place, json=JSON | {"shaft_speed_hz": 1770}))
    assert "as shaft_speed_rpm, 1770 would fit" in rpm.detail
    far = problem_of(
        await api.post(
            place, params={"sampling_rate_hz": 20480, "shaft_speed_rpm": 6000}, content=GOOD.tobytes(), headers=SAMPLES
        )
    )
    assert far.errors[0].pointer == "shaft_speed_rpm"
    query = {"sampling_rate_hz": 20480, "shaft_speed_hz": 29.5}
    as_samples = {"content": GOOD.tobytes(), "headers": SAMPLES}
    for sent in (
        {"json": JSON | {"shaft_speed_rpm": 1770, "bearing": GEOMETRY}},
        {"json": JSON | {"shaft_speed_hz": 29.5, "fault_orders": [3.5848, 5.4152, 2.3567, 0.3983]}},
        {"params": query | {"bearing": json.dumps(GEOMETRY)}, **as_samples},
        {"params": query | {"fault_orders": "3.5848,5.4152,2.3567,0.3983"}, **as_samples},
    ):
        answer = await api.post(place, **sent)
        assert answer.status_code == 200, answer.text
        request = inference.seen[-1][0]
        assert request.shaft_speed_hz == 29.5
        assert request.fault_orders == pytest.approx((3.5848, 5.4152, 2.3567, 0.3983), abs=1e-3)


async def test_a_body_of_another_kind_and_parameters_beside_json_are_refused(api, inference):
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": ""}):
        answer = await api.post(PREDICT, content=b"x", headers=headers)
        assert (answer.status_code, problem_of(answer).type) == (415, "urn:babbitt:problem:unsupported-media-type")
    beside = await api.post(PREDICT, json=JSON, params={"sampling_rate_hz": 1})
    assert (beside.status_code, problem_of(beside).errors[0].pointer) == (422, "sampling_rate_hz")


@pytest.mark.parametrize("asked", ["soon", "0", "-1", "nan", "inf"])
async def test_a_request_timeout_that_is_no_number_of_seconds_is_refused(api, inference, asked):
    answer = await api.post(PREDICT, json=JSON, headers={"Request-Timeout": asked})
    assert (answer.status_code, problem_of(answer).errors[0].pointer) == (422, "Request-Timeout")
