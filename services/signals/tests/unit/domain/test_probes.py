"""What one number alone tells of the class."""

import numpy as np
import pytest

from babbitt.signals.domain.quality.probes import Examples, probe, wilson

CLASSES = ("ok", "worn", "cracked")


def examples(values, labels, repeat=1, groups=None):
    values, labels = np.repeat(np.array(values, float), repeat), np.repeat(np.array(labels), repeat)
    return Examples(values[:, np.newaxis], labels, np.arange(labels.size) if groups is None else groups)


def probed(train, test, channels=("vibration",)):
    return probe("rms", train, test, classes=CLASSES, channels=channels)


def test_a_number_that_is_another_in_each_class_tells_all_of_them():
    told = probed(examples([1, 2, 3], [0, 1, 2], 10), examples([1, 2, 3], [0, 1, 2], 5))
    assert (told.accuracy, told.tells, told.suspicious) == (1.0, CLASSES, True)
    assert told.chance == pytest.approx(1 / 3)


def test_a_number_that_tells_one_class_alone_is_suspicious_though_the_others_are_guessed():
    train = examples([48, 12, 12], [0, 1, 2], 10)
    told = probed(train, examples([48, 12, 12], [0, 1, 2], 4, groups=np.arange(12) // 4))
    assert (told.tells, told.test_groups) == (("ok",), 3)
    assert told.accuracy == pytest.approx(2 / 3)
    assert told.suspicious


def test_a_number_that_says_nothing_is_scored_as_guessing():
    rng = np.random.default_rng(1)
    train, test = (Examples(rng.standard_normal((n, 1)), rng.integers(0, 3, n), np.arange(n)) for n in (3_000, 600))
    told = probed(train, test)
    assert told.low < 1 / 3 < told.high
    assert (told.tells, told.suspicious) == ((), False)


def test_a_number_that_never_varies_is_no_probe():
    assert probed(examples([1, 1, 1], [0, 1, 2]), examples([1, 1, 1], [0, 1, 2])) is None


def test_what_tells_a_class_by_luck_as_there_are_few_groups_is_not_told():
    values = np.linspace(1, 9, 9)
    train = Examples(values[:, np.newaxis], np.arange(9) // 3, np.arange(9))
    assert probed(train, examples([1.5, 5.5, 8.5], [0, 1, 2], 1)).tells == ()
    assert probed(train, examples([1.5, 5.5, 8.5], [0, 1, 2], 3)).tells == CLASSES


def test_the_channel_that_does_best_in_training_is_scored():
    labels = np.arange(30) % 3
    values = np.stack([np.random.default_rng(3).standard_normal(30), labels.astype(float)], axis=1)
    both = Examples(values, labels, np.arange(30))
    told = probed(both, both, channels=("x", "y"))
    assert (told.channel, told.accuracy) == ("y", 1.0)


def test_classes_that_are_not_tested_count_neither_for_nor_against():
    told = probed(examples([1, 2, 3], [0, 1, 2], 10), examples([1, 2], [0, 1], 5))
    assert told.accuracy == 1.0


def test_the_interval_is_that_of_wilson():
    assert wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(1.0, 3)[0] == pytest.approx(0.4385, abs=1e-3)
    assert wilson(0.0, 3)[0] == 0.0
