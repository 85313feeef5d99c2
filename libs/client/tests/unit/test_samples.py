import numpy as np
import pytest

from babbitt.client.api.samples import encode
from babbitt.client.errors import InvalidRequest


@pytest.mark.parametrize(
    ("given", "sent"),
    [("float32", "<f4"), (">f4", "<f4"), ("float16", "<f4"), ("int16", "<f4"), ("float64", "<f8"), ("int32", "<f8")],
)
def test_samples_keep_every_digit(given, sent):
    waveform = np.array([[1, -2, 3], [4, 5, -6]], dtype=given)
    content, dtype, channels = encode(waveform, None)
    assert (dtype, channels) == (sent, 2)
    assert np.array_equal(np.frombuffer(content, dtype).reshape(2, 3), waveform)


def test_stored_integers_go_as_they_are_with_their_scale():
    content, dtype, channels = encode(np.array([1, -2], dtype=">i2"), 0.01)
    assert (content, dtype, channels) == (b"\x01\x00\xfe\xff", "<i2", 1)


def test_an_array_in_any_order_goes_channel_after_channel():
    content, _, channels = encode(np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]), None)
    assert np.frombuffer(content, "<f8").tolist() == [1.0, 2.0, 3.0, 4.0]
    assert channels == 2


@pytest.mark.parametrize(
    ("waveform", "scale"),
    [
        ([], None),
        ([[[1.0]]], None),
        ([1j], None),
        (["a"], None),
        ([True], None),
        ([1.0, float("nan")], None),
        ([float("inf")], None),
        (np.array([1], dtype=np.int32), 0.5),
        ([1.0], 0.5),
    ],
)
def test_what_is_no_waveform_is_refused_before_it_is_sent(waveform, scale):
    with pytest.raises(InvalidRequest, match=r"waveform: .*\(accepted: .+\)"):
        encode(waveform, scale)
