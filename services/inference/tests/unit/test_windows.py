import numpy as np

from babbitt.inference.domain.windows import cut


def test_windows_are_views_that_cover_every_sample(model_spec):
    waveform = np.arange(2 * 150, dtype=np.float32).reshape(2, 150)
    windows = cut(waveform, model_spec)
    assert all(window.shape == (2, 64) and np.shares_memory(window, waveform) for window in windows)
    assert set(np.concatenate([window[0] for window in windows])) == set(waveform[0])
    assert np.array_equal(windows[-1], waveform[:, -64:])
