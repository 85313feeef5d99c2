"""What variants are tried on: windows as they are, and in white noise."""

import torch

from babbitt.contracts.recipes import NoiseAugmentation
from babbitt.training.fitting.augmentation import augmented
from babbitt.training.fitting.seeding import generator
from babbitt.training.fitting.windows import Inputs, Windows

CALIBRATION_WINDOWS = 128
NOISE = NoiseAugmentation(share=1.0, snr_db=(10.0, 10.0))
"""The middle of what is trained for: what eight bits do to a signal in noise shows nowhere else."""


def in_noise(inputs: Inputs) -> Inputs:
    """Windows with white noise at their own level, the same at each call."""
    draw = generator(torch.device("cpu"), "variants", len(inputs["waveform"]))
    return inputs | {"waveform": augmented(inputs["waveform"], (NOISE,), draw)}


def calibration_inputs(training: Windows) -> Inputs:
    """Windows from all over the training split, every second one in noise: ranges must hold there too."""
    count = min(CALIBRATION_WINDOWS, len(training))
    rows = torch.linspace(0, len(training) - 1, count).round().long()
    inputs = training.rows(rows)
    noisy = in_noise(inputs)["waveform"]
    noisy[::2] = inputs["waveform"][::2]
    return inputs | {"waveform": noisy}
