"""How unlike a window is to all that was learnt from."""

import numpy as np
import pytest
import torch

from babbitt.training.families.novelty import FARTHEST, WIDEST, NoveltyScore

CLASSES, WIDTH = 3, 8


def drawn(windows, seed=0, *, width=WIDTH):
    """Embeddings of three classes around means of their own, with one covariance, and their targets."""
    draw = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).standard_normal((width, width)) + 2 * np.eye(width)
    means = 20 * np.random.default_rng(98).standard_normal((CLASSES, width))
    classes = np.arange(windows) % CLASSES
    embeddings = means[classes] + draw.standard_normal((windows, width)) @ mixing
    return torch.from_numpy(embeddings.astype(np.float32)), torch.eye(CLASSES)[classes], means, mixing.T @ mixing


def taught(embeddings, targets):
    score = NoveltyScore()
    score.learn(embeddings, targets)
    return score


def test_it_is_the_mahalanobis_distance_to_the_nearest_class_over_the_root_of_the_width():
    embeddings, targets, means, covariance = drawn(30_000)
    asked = embeddings[:50] + 10 * torch.randn(50, WIDTH, generator=torch.Generator().manual_seed(1))
    apart = asked.numpy()[:, None] - means
    squared = np.einsum("bki,ij,bkj->bk", apart, np.linalg.inv(covariance), apart)
    assert np.allclose(taught(embeddings, targets)(asked), np.sqrt(squared.min(axis=1) / WIDTH), rtol=0.03)


def test_known_windows_lie_at_about_one_and_what_no_class_is_like_further_than_all_of_them():
    embeddings, targets, means, _ = drawn(300)
    score = taught(embeddings, targets)
    new, *_ = drawn(300, seed=1)
    between = torch.from_numpy(means.mean(axis=0, keepdims=True)).float()
    assert score(new).median().item() == pytest.approx(1.0, abs=0.2)
    assert score(between).item() > 2 * score(new).max().item()


def test_several_faults_at_once_are_a_kind_of_their_own():
    embeddings, targets, *_ = drawn(300)
    both = targets.clone()
    both[targets[:, 2] == 1] = torch.tensor([1.0, 1.0, 0.0])
    with_both, without = taught(embeddings, both), taught(embeddings[targets[:, 2] == 0], both[targets[:, 2] == 0])
    asked = embeddings[targets[:, 2] == 1]
    assert len(with_both.means) == CLASSES
    assert with_both(asked).median() < 1.2
    assert without(asked).median() > 2 * with_both(asked).median()


def test_a_unit_that_was_silent_is_heard_and_not_beyond_measure():
    embeddings, targets, *_ = drawn(300)
    embeddings[:, 0] = 0.0
    score, awake = taught(embeddings, targets), embeddings.clone()
    awake[:, 0] = embeddings[:, 1:].std()
    assert 2 < (score(awake) / score(embeddings)).median() < 1000
    assert score(1e9 * awake).tolist() == [FARTHEST] * len(awake)


@pytest.mark.parametrize(("windows", "spread"), [(12, 1.0), (300, 0.0)])
def test_where_nothing_tells_how_known_windows_spread_there_is_no_such_output(windows, spread):
    embeddings, targets, *_ = drawn(windows)
    assert not taught(spread * embeddings, targets).has_learnt


def test_equal_windows_give_equal_numbers_which_a_state_brings_back():
    embeddings, targets, *_ = drawn(100)
    one, other, again = taught(embeddings, targets), taught(embeddings, targets), NoveltyScore()
    again.load_state_dict(one.state_dict())
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])
    assert torch.equal(one(embeddings), again(embeddings))


def test_a_state_from_before_there_was_novelty_is_of_a_module_that_tells_none():
    score = taught(*drawn(100)[:2])
    score.load_state_dict({})
    assert not score.has_learnt


def test_of_embeddings_that_are_too_wide_a_part_is_read():
    embeddings, targets, *_ = drawn(60, width=2)
    score = taught(embeddings.repeat(1, WIDEST), targets)
    assert len(score.centre) == WIDEST
    assert torch.isfinite(score(embeddings.repeat(1, WIDEST))).all()
