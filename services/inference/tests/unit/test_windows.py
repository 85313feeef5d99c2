import numpy as np
import pytest

from babbitt.inference.domain.windows import cut, window_starts


@pytest.mark.parametrize(
    ("samples", "window", "hop", "starts"),
    [(64, 64, 32, [0]), (128, 64, 64, [0, 64]), (128, 64, 48, [0, 48, 64]), (65, 64, 64, [0, 1])],
)
def test_windows_start_every_hop_and_the_last_is_aligned_to_the_end(samples, window, hop, starts):
    assert window_starts(samples, window, hop) == starts


def test_windows_are_views_that_cover_every_sample(model_spec):
    waveform = np.arange(2 * 150, dtype=np.float32).reshape(2, 150)
    windows = cut(waveform, model_spec)
    assert all(window.shape == (2, 64) and np.shares_memory(window, waveform) for window in windows)
    assert set(np.concatenate([window[0] for window in windows])) == set(waveform[0])
    assert np.array_equal(windows[-1], waveform[:, -64:])
