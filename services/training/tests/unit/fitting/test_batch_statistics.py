"""Batch statistics of several processes: what they are of several is in test_spread.py."""

import torch
from torch import distributed, nn

from babbitt.training.fitting.batch_statistics import SharedBatchNorm


def test_in_bfloat16_they_are_as_exact_as_those_of_one_process(monkeypatch):
    monkeypatch.setattr(distributed, "all_reduce", lambda _: None)  # of one process the sum is its own
    examples = (5.0 + torch.randn(9, 2, 57, generator=torch.Generator().manual_seed(0))).bfloat16()
    own, shared = nn.BatchNorm1d(2), SharedBatchNorm(2)
    answers = [norm(examples) for norm in (own, shared)]
    assert answers[1].dtype == torch.bfloat16
    torch.testing.assert_close(answers[1], answers[0])
    torch.testing.assert_close(shared.running_mean, own.running_mean, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(shared.running_var, own.running_var, rtol=1e-5, atol=1e-6)
