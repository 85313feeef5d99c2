"""Samples of a record of each class, as they were given once."""

import numpy as np
import pytest

from babbitt.contracts.simulations import JOURNAL_FAULTS, JournalSource
from babbitt.signals.domain.journal.faults import HEALTHY
from babbitt.signals.domain.journal.severity import SeverityLevel
from babbitt.signals.domain.journal.simulation import Simulator
from babbitt.signals.domain.time_base import TimeBase

GIVEN = {
    "sain": {0: 0.05, 5_000: 0.033488, 10_239: -0.013},
    "desalignement": {0: 0.313482, 5_964: -0.461132, 10_239: -0.411253},
    "desequilibre": {0: 0.282547, 6_080: 0.3712, 10_239: -0.104277},
    "jeu": {0: 0.05, 5_039: 0.431438, 10_239: -0.324965},
    "lubrification": {0: -0.505885, 4_282: 1.031078, 10_239: -0.378557},
    "cavitation": {0: 0.05, 5_133: 0.34655, 10_239: -0.013},
    "usure": {0: -0.020678, 9_618: 0.920669, 10_239: -0.093829},
    "oilwhirl": {0: -0.372739, 6_082: 1.249538, 10_239: 0.742509},
    "mixed_misalign_imbalance": {0: 0.203184, 5_898: 0.545081, 10_239: -0.090955},
    "mixed_wear_lube": {0: 0.233578, 6_099: 0.734954, 10_239: -0.322297},
    "mixed_cavit_jeu": {0: 0.05, 5_123: 0.474893, 10_239: -0.194487},
}
"""The first and the last sample, and the one to which the fault adds most."""

ALIAS_AND_IMPULSE = {0: 0.016443, 1_985: -0.078806, 2_386: -0.010002}
"""Samples of a record in which an alias and an impulse are at their greatest."""

LOOSE = 1.1e-3
"""A quantum and a bit: sines differ in the last bit between CPU families, and one may round the other way."""


def check(label, record, given):
    assert JournalSource.model_fields["generator"].default == 2
    simulator = Simulator(2, TimeBase.of(0.5, 20_480.0))
    samples = simulator.make(label, record=record, level=SeverityLevel.MODERATE).samples[0]
    np.testing.assert_allclose(samples[[*given]], [*given.values()], atol=LOOSE, rtol=0)


@pytest.mark.parametrize("label", JOURNAL_FAULTS)
def test_generator_version_2_gives_what_it_always_gave(label):
    """Another generator is another dataset: change this only with the version in the contract."""
    check(label, 7, GIVEN[label])


def test_generator_version_2_gives_the_aliases_and_impulses_that_it_always_gave():
    check(HEALTHY, 10, ALIAS_AND_IMPULSE)
