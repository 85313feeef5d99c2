import torch

from babbitt.training.fitting.averaging import WeightAverage
from babbitt.training.fitting.early_stopping import EarlyStopping


def stopping_after(losses: list[float], standard_error: float = 0.1, patience: int = 2) -> EarlyStopping:
    stopping = EarlyStopping(patience)
    for epoch, loss in enumerate(losses, start=1):
        stopping.saw(epoch, loss, standard_error, {"weight": torch.tensor(float(epoch))})
    return stopping


def test_the_latest_weights_within_a_standard_error_of_the_best_are_kept():
    stopping = stopping_after([1.0, 0.5, 0.55, 0.59, 0.7])
    assert stopping.kept_epoch == 4
    assert stopping.kept_weights["weight"] == 4.0


def test_what_is_clearly_worse_uses_up_patience_and_what_is_not_restores_it():
    assert stopping_after([0.5, 0.7]).waited == 1
    assert not stopping_after([0.5, 0.7, 0.55, 0.7]).over
    assert stopping_after([0.5, 0.7, 0.7]).over


def test_weights_are_kept_as_they_were_then():
    weight = torch.tensor(1.0)
    stopping = EarlyStopping(2)
    stopping.saw(1, 0.5, 0.1, {"weight": weight})
    weight.add_(1.0)
    assert stopping.kept_weights["weight"] == 1.0


def test_a_running_average_follows_the_weights_and_forgets_faster_while_it_is_young():
    model = torch.nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(0.0)
    average = WeightAverage(model, decay=0.9)
    model.weight.data.fill_(1.0)
    average.add(model)
    young = average.model.weight.item()
    for _ in range(100):
        average.add(model)
    assert 0.5 < young < 1.0
    assert 0.999 < average.model.weight.item() <= 1.0
