import subprocess
import sys
from dataclasses import dataclass

import pytest

from babbitt.training.families.errors import UnknownPreset, UnsuitableData
from babbitt.training.families.preset import Recipe, Size
from babbitt.training.families.registry import Presets, load_presets

RECIPE = Recipe(epochs=1, batch_size=1, learning_rate=1.0, patience=1)


@dataclass(frozen=True)
class Config:
    width: int = 8


def test_an_unknown_preset_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UnknownPreset, match=r"unknown preset 'nonsense': known are .*spectral_base, spectral_small"):
        load_presets().named("nonsense")


def test_a_family_registers_a_preset_for_each_of_its_sizes_with_what_the_size_changes():
    presets = Presets()
    presets.family("plain", small=Size(RECIPE, {"width": 4}), base=Size(RECIPE))(Config)
    assert presets.names() == ("plain_base", "plain_small")
    assert presets.named("plain_small").config == Config(width=4)


def test_a_preset_is_not_registered_twice():
    presets = Presets()
    presets.family("plain", base=Size(RECIPE))(Config)
    with pytest.raises(ValueError, match="plain_base"):
        presets.family("plain", base=Size(RECIPE))(Config)


def test_presets_are_named_without_loading_torch():
    code = (
        "import sys; from babbitt.training.families.registry import load_presets; "
        "assert load_presets().names(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_records_shorter_than_the_family_can_read_are_unsuitable(data_spec):
    with pytest.raises(UnsuitableData, match="at least 512 is needed"):
        load_presets().named("spectral_base").config.model_spec("spectral_base", data_spec(samples=500))


def test_a_record_up_to_five_seconds_is_one_window_and_a_longer_one_is_cut(data_spec):
    config = load_presets().named("spectral_base").config
    assert config.model_spec("spectral_base", data_spec(samples=102_400, rate_hz=20_480.0)).window_samples == 102_400
    assert config.model_spec("spectral_base", data_spec(samples=6_000, rate_hz=12_000.0)).window_samples == 6_000
    assert config.model_spec("spectral_base", data_spec(samples=500_000, rate_hz=20_480.0)).window_samples == 102_400
