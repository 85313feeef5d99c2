"""Several faults at once: a probability for each, whatever the family learns by."""

from dataclasses import replace

import pytest
import torch

from babbitt.contracts.dataspec import Targets

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("name", ["logistic_small", "extra_trees_small"])
def test_each_fault_is_told_by_itself_and_health_is_none(case, name):
    one = case(name, "multilabel")
    assert one.spec.class_names == ("outer_race", "inner_race")
    with torch.no_grad():
        answer = one.taught(*one.windows.inputs.values())
    assert ((answer.probabilities > 0.5) == (one.windows.targets > 0.5)).all()
    assert (answer.probabilities[one.windows.targets.sum(dim=-1) == 0] < 0.5).all()
    assert torch.allclose(torch.sigmoid(answer.logits), answer.probabilities, atol=1e-5)


def test_an_ensemble_of_multilabel_members_is_the_mean_of_their_probabilities(case):
    one = case("ensemble_base")
    bases = [replace(base, model_spec=base.model_spec.model_copy(update={"task": "multilabel"})) for base in one.bases]
    data = one.data.model_copy(update={"targets": Targets(fault="multilabel")})
    spec = one.preset.config.model_spec("ensemble_base", data, bases)
    model = one.preset.config.build(data, spec, bases)
    inputs = tuple(values[:4] for values in one.windows.inputs.values())
    with torch.no_grad():
        answer = model(*inputs)
        members = [case(name).taught(*inputs) for name in ("spectral_small", "logistic_small")]
    mean = (members[0].probabilities + members[1].probabilities) / 2
    assert torch.allclose(answer.probabilities, mean, atol=1e-4)
    assert torch.allclose(torch.sigmoid(answer.logits), answer.probabilities, atol=1e-4)
    assert torch.allclose(answer.embedding, torch.cat([one.embedding for one in members], dim=-1), atol=1e-2)
