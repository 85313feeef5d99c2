import pytest
import torch

from babbitt.contracts.recipes import CrossEntropy, FocalLoss
from babbitt.training.fitting.losses import balanced_weights, losses

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, -3.0]])
LABELS = torch.tensor([0, 2])
ONE_HOT = torch.nn.functional.one_hot(LABELS, 3).float()
MANY = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_one_class_is_that_of_torch(smoothing):
    ours = losses(LOGITS, ONE_HOT, CrossEntropy(label_smoothing=smoothing), "multiclass")
    theirs = torch.nn.functional.cross_entropy(LOGITS, LABELS, reduction="none", label_smoothing=smoothing)
    assert torch.allclose(ours, theirs)


def test_cross_entropy_of_faults_is_the_mean_of_each_ones():
    ours = losses(LOGITS, MANY, CrossEntropy(label_smoothing=0.0), "multilabel")
    probability = torch.sigmoid(LOGITS)
    by_fault = -(MANY * probability.log() + (1 - MANY) * (1 - probability).log())
    assert torch.allclose(ours, by_fault.mean(dim=1), atol=1e-6)


@pytest.mark.parametrize(("targets", "task"), [(ONE_HOT, "multiclass"), (MANY, "multilabel")])
def test_a_focal_loss_without_focus_is_the_cross_entropy_and_with_it_spares_the_easy_ones(targets, task):
    plain = losses(LOGITS, targets, CrossEntropy(label_smoothing=0.0), task)
    assert torch.allclose(losses(LOGITS, targets, FocalLoss(name="focal", gamma=0.0), task), plain, atol=1e-6)
    focused = losses(LOGITS, targets, FocalLoss(name="focal", gamma=2.0), task)
    easy, hard = plain.argmin(), plain.argmax()
    assert focused[easy] / plain[easy] < focused[hard] / plain[hard] < 1.0


def test_balanced_weights_let_all_classes_count_the_same():
    targets = torch.nn.functional.one_hot(torch.tensor([0, 0, 0, 0, 1, 2, 2, 2])).float()
    weights = balanced_weights(targets)
    counted = weights * targets.sum(dim=0)
    assert torch.allclose(counted, counted[0].expand(3))
    assert weights.mean() == pytest.approx(1.0)
