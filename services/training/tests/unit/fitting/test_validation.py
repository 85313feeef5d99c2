"""What is told of validation records after each epoch."""

import pytest
import torch

from babbitt.training.fitting.validation import judged_metrics


def test_f1_and_area_are_means_over_the_classes_that_occur():
    probabilities = torch.tensor([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.3, 0.6, 0.1], [0.4, 0.5, 0.1]])
    targets = torch.eye(3)[[0, 1, 1, 1]]
    told = judged_metrics(probabilities, targets, "multiclass")
    assert told["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert told["macro_auroc"] == 1.0


def test_each_fault_is_decided_by_itself():
    probabilities = torch.tensor([[0.9, 0.2], [0.7, 0.8], [0.1, 0.6]])
    targets = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    told = judged_metrics(probabilities, targets, "multilabel")
    assert told == {"macro_f1": pytest.approx((1 + 2 / 3) / 2), "macro_auroc": 1.0}


def test_without_two_kinds_of_records_no_area_is_told():
    assert judged_metrics(torch.tensor([[0.9]]), torch.tensor([[1.0]]), "one_class") == {"macro_f1": 1.0}
