"""Families of other packages come by the entry point `babbitt.families`."""

import os
import subprocess
import sys

FAMILY = """
from dataclasses import dataclass
from babbitt.training.families.preset import Recipe, Size
from babbitt.training.families.registry import PRESETS

@PRESETS.family("wavelet", small=Size(Recipe(epochs=1, batch_size=1, learning_rate=1.0, patience=1)))
@dataclass(frozen=True)
class WaveletConfig:
    scales: int = 8
"""
NAMES = "from babbitt.training.families.registry import load_presets; print(*load_presets().names())"


def test_an_installed_package_adds_its_family(tmp_path):
    (tmp_path / "wavelets.py").write_text(FAMILY)
    installed = tmp_path / "wavelets-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: wavelets\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[babbitt.families]\nwavelet = wavelets\n")
    run = subprocess.run(
        [sys.executable, "-c", NAMES],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "wavelet_small" in run.stdout.split()
    assert "spectral_base" in run.stdout.split()
