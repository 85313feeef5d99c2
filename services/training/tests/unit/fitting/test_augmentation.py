import pytest
import torch

from babbitt.contracts.recipes import GainAugmentation, NoiseAugmentation, ShiftAugmentation
from babbitt.training.fitting.augmentation import augmented


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_noise_has_the_level_below_the_windows_own_rms_that_was_asked_for():
    x = 3.0 * torch.sin(torch.arange(50_000.0))[None, None].repeat(4, 1, 1)
    noise = augmented(x, [NoiseAugmentation(share=1.0, snr_db=(10.0, 10.0))], draw()) - x
    snr_db = 10.0 * torch.log10(x.square().mean(dim=-1) / noise.square().mean(dim=-1))
    assert torch.allclose(snr_db, torch.full_like(snr_db, 10.0), atol=0.2)


def test_noise_comes_over_the_whole_range_and_spares_the_share_that_is_to_stay_clean():
    x = torch.ones(400, 1, 500)
    noise = augmented(x, [NoiseAugmentation(share=0.75, snr_db=(2.0, 25.0))], draw()) - x
    power = noise.square().mean(dim=-1).flatten()
    assert 0.15 < (power == 0).float().mean() < 0.35
    snr_db = -10.0 * torch.log10(power[power > 0])
    assert snr_db.min() < 4.0
    assert snr_db.max() > 23.0


def test_a_shift_turns_the_window_and_loses_nothing():
    x = torch.arange(100.0)[None, None].repeat(8, 2, 1)
    shifted = augmented(x, [ShiftAugmentation(name="shift")], draw())
    assert torch.equal(shifted.sort(dim=-1).values, x)
    assert torch.equal(shifted[:, 0], shifted[:, 1])
    first = int(shifted[0, 0, 0])
    assert torch.equal(shifted[0, 0], x[0, 0].roll(-first))
    assert len(shifted[:, 0, 0].unique()) > 4


def test_a_gain_changes_the_level_alone_and_not_by_more_than_was_asked_for():
    x = torch.ones(500, 2, 3)
    gain_db = 20.0 * torch.log10(augmented(x, [GainAugmentation(name="gain", max_db=6.0)], draw()))
    assert torch.allclose(gain_db, gain_db[:, :1, :1].expand_as(gain_db))
    assert gain_db.abs().max() <= 6.0
    assert gain_db.min() < -5.0 < 5.0 < gain_db.max()


@pytest.mark.parametrize("how", [NoiseAugmentation(), ShiftAugmentation(name="shift"), GainAugmentation(name="gain")])
def test_the_same_generator_gives_the_same_view(how):
    x = torch.randn(3, 1, 100)
    assert torch.equal(augmented(x, [how], draw(5)), augmented(x, [how], draw(5)))
    assert not torch.equal(augmented(x, [how], draw(5)), augmented(x, [how], draw(6)))
