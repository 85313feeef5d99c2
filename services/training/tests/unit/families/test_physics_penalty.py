"""What physics has against a damaged part that leaves no line."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from babbitt.training.families.order_envelope.lines import INNER, OUTER, FaultLines
from babbitt.training.families.order_envelope.physics import MissingLines, chance_level
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware

CLASSES, SIGNALS = ("healthy", "outer_race", "imbalance", "inner_race"), 2
HARMONICS = 3
LINES = FaultLines(bins_an_order=30, bins=600, harmonics=HARMONICS, slip_tolerance=0.02)
SILENT, LOUD = -1.0, 10.0


def features(**parts: int) -> torch.Tensor:
    """One window whose lines all lie below the background, but in one band the second harmonic of these parts."""
    found = torch.full((1, SIGNALS, LINES.lines), SILENT)
    for part in parts.values():
        found[0, 1, (LINES.sides.abs().sum(dim=0) == 0) & (LINES.carriers[part] == 2)] = LOUD
    return found.flatten(start_dim=1)


def objection(read: torch.Tensor, **believed: float) -> torch.Tensor:
    probabilities = torch.tensor([[believed.get(name, 0.0) for name in CLASSES]])
    return MissingLines(LINES, SIGNALS, CLASSES)(read, probabilities)


@pytest.mark.parametrize("bins", [1, 18, 54])
def test_the_strongest_of_so_many_bins_of_noise_exceeds_the_chance_level_one_time_in_twenty(bins):
    power = np.random.default_rng(0).exponential(size=(20_000, bins)) / np.log(2.0)
    assert (np.log(power.max(axis=1)) > chance_level(bins)).mean() == pytest.approx(0.05, abs=0.006)


def test_physics_objects_to_a_damaged_part_by_how_far_its_line_is_missing_and_how_much_it_is_believed():
    missing = chance_level(3 * SIGNALS * HARMONICS) - SILENT
    assert objection(features(), outer_race=0.5).item() == pytest.approx(0.5 * missing)
    assert objection(features(inner=INNER), outer_race=0.5).item() == pytest.approx(0.5 * missing)


def test_physics_has_nothing_against_a_part_with_a_line_or_a_class_that_names_no_part():
    assert objection(features(outer=OUTER), outer_race=1.0).item() == 0.0
    assert objection(features(), healthy=0.6, imbalance=0.4).item() == 0.0


def test_physics_has_nothing_to_say_of_lines_that_could_not_be_looked_for():
    assert objection(torch.zeros_like(features()), outer_race=1.0).item() == 0.0


def test_the_objection_moves_probability_away_from_the_part_and_leaves_the_features_alone():
    logits, read = torch.zeros(1, len(CLASSES), requires_grad=True), features(inner=INNER).requires_grad_()
    MissingLines(LINES, SIGNALS, CLASSES)(read, torch.softmax(logits, dim=-1)).sum().backward()
    assert logits.grad[0, 1] > 0
    assert (logits.grad[0, [0, 2, 3]] < 0).all()
    assert read.grad is None or not read.grad.any()


def test_a_net_that_is_taught_against_physics_believes_it_less_where_the_penalty_weighs(case):
    one = case("order_envelope_net")
    few = one.windows.chosen(range(9))
    against = few.targets[:, [1, 0, 2]]  # what is healthy is said to have a damaged outer race
    taught_wrong = replace(one, windows=replace(few, targets=against))
    read = tuple(few.inputs.values())
    objections: list[float] = []
    for weight in (0.0, 3.0):
        model = taught_wrong.learnt(epochs=12, learning_rate=1e-2, physics_penalty=weight)
        with torch.no_grad():
            found = model.front_end(*read)
            objections.append(model.penalty(found, model.head(found)[0]).item())
    assert objections[1] < 0.9 * objections[0]


def test_a_penalty_is_refused_where_the_family_knows_no_physics_of_the_classes(dataset, make_request, tmp_path):
    folder, manifest = dataset
    request = make_request(tmp_path / "request.json", manifest, overrides={"physics_penalty": 1.0})
    fit = Fit(load_presets(), request, DatasetFolder(folder), tmp_path, lambda progress: None)
    with pytest.raises(BadRequest, match="overrides/physics_penalty: spectral_small knows no physics"):
        fit.run(resume=False, threads=1, hardware=Hardware(torch.device("cpu")))
