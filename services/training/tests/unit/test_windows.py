import numpy as np
import pytest
import torch

from babbitt.contracts.dataspec import ModelSpec
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import DatasetUnusable
from babbitt.training.fitting.windows import Windows

SPEC = ModelSpec(family="spectral_small", window_samples=4, hop_samples=4, class_names=("a", "b"))


def test_a_record_shorter_than_a_window_is_unusable_and_named():
    records = Records(("short",), (np.zeros((1, 3), np.float32),), np.array([0]))
    with pytest.raises(DatasetUnusable, match="record short: 3 samples are fewer than a window of 4"):
        Windows.of(records, SPEC)


def test_a_records_answer_is_the_mean_of_its_windows():
    waveforms = (np.arange(9, dtype=np.float32)[None], np.arange(4, dtype=np.float32)[None])
    windows = Windows.of(Records(("long", "short"), waveforms, np.array([1, 0])), SPEC)
    assert windows.waveforms[:, 0, 0].tolist() == [0.0, 4.0, 5.0, 0.0]
    assert windows.labels.tolist() == [1, 1, 1, 0]
    assert windows.record_labels().tolist() == [1, 0]
    votes = windows.vote(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.2, 0.8]]))
    assert torch.allclose(votes, torch.tensor([[0.5, 0.5], [0.2, 0.8]]))
