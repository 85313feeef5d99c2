import torch

from babbitt.training.families.preset import Augmentation
from babbitt.training.fitting.augmentation import augmented


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_noise_has_the_level_below_the_windows_own_rms_that_was_asked_for():
    x = 3.0 * torch.sin(torch.arange(50_000.0))[None, None].repeat(4, 1, 1)
    noise = augmented(x, Augmentation(noisy_share=1.0, snr_db=(10.0, 10.0)), draw()) - x
    snr_db = 10.0 * torch.log10(x.square().mean(dim=-1) / noise.square().mean(dim=-1))
    assert torch.allclose(snr_db, torch.full_like(snr_db, 10.0), atol=0.2)


def test_noise_comes_over_the_whole_range_and_spares_the_share_that_is_to_stay_clean():
    x = torch.ones(400, 1, 500)
    noise = augmented(x, Augmentation(noisy_share=0.75, snr_db=(2.0, 25.0)), draw()) - x
    power = noise.square().mean(dim=-1).flatten()
    assert 0.15 < (power == 0).float().mean() < 0.35
    snr_db = -10.0 * torch.log10(power[power > 0])
    assert snr_db.min() < 4.0
    assert snr_db.max() > 23.0


def test_a_shift_turns_the_window_and_loses_nothing():
    x = torch.arange(100.0)[None, None].repeat(8, 1, 1)
    shifted = augmented(x, Augmentation(noisy_share=0.0, max_shift=1.0), draw())
    assert torch.equal(shifted.sort(dim=-1).values, x)
    assert not torch.equal(shifted, x)


def test_the_same_generator_gives_the_same_view():
    x = torch.randn(3, 1, 100)
    assert torch.equal(augmented(x, Augmentation(), draw(5)), augmented(x, Augmentation(), draw(5)))
    assert not torch.equal(augmented(x, Augmentation(), draw(5)), augmented(x, Augmentation(), draw(6)))
