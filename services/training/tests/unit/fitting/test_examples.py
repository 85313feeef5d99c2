"""How the examples of an epoch are dealt into steps, and a step's among processes."""

from dataclasses import replace

import pytest
import torch

from babbitt.contracts.manifests import RecordEntry
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.examples import LiveExamples
from babbitt.training.fitting.windows import Windows


def entry(row):
    name = f"record-{row}"
    return RecordEntry(
        record=name, label="sain", split="train", group=name, shard=0, row=row, samples=1, blake3="0" * 64
    )


@pytest.fixture
def dealt():
    """A function from numbers of examples, batch and processes to the rows and weights of each step's processes."""

    def deal(examples, batch_size, ranks):
        windows = Windows(
            inputs={"waveform": torch.arange(float(examples))[:, None, None]},
            targets=torch.eye(examples),
            record=torch.arange(examples),
            entries=tuple(map(entry, range(examples))),
        )
        recipe = replace(load_presets().named("resnet1d_small").recipe, batch_size=batch_size, augmentations=())
        each = [LiveExamples(windows, recipe, 0, torch.device("cpu"), rank, ranks) for rank in range(ranks)]
        return [[one.batch(1, step) for one in each] for step in range(each[0].steps(1))]

    return deal


@pytest.mark.parametrize(("examples", "batch_size", "ranks"), [(24, 7, 2), (15, 7, 2), (16, 4, 3), (9, 4, 1)])
def test_each_example_is_learnt_from_once_an_epoch_by_one_process(dealt, examples, batch_size, ranks):
    steps = dealt(examples, batch_size, ranks)
    rows = torch.cat([batch.read[0].flatten() for step in steps for batch in step])
    assert sorted(rows.tolist()) == list(range(examples))
    assert all(len(batch) for step in steps for batch in step)


@pytest.mark.parametrize("ranks", [2, 3])
def test_a_step_is_the_same_whoever_is_at_it(dealt, ranks):
    for alone, together in zip(dealt(24, 7, 1), dealt(24, 7, ranks), strict=True):
        rows = torch.cat([batch.read[0].flatten() for batch in together])
        assert sorted(rows.tolist()) == sorted(alone[0].read[0].flatten().tolist())


def test_weights_make_the_mean_of_means_the_mean_over_all(dealt):
    for step in dealt(24, 7, 2):
        means = [batch.read[0].mean() * batch.weight for batch in step]
        together = torch.cat([batch.read[0] for batch in step])
        assert float(sum(means) / len(means)) == pytest.approx(float(together.mean()))
