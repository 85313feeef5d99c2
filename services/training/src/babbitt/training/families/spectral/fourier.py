"""Discrete Fourier transforms as matrix products: DFT and STFT nodes of ONNX are slow and inexact."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


def cosines_and_sines(products: NDArray[np.int64], period: int) -> tuple[Tensor, Tensor]:
    """Cosine and minus sine of 2 pi `products` / `period`, products reduced before rounding."""
    angle = 2.0 * np.pi * (products % period) / period
    return torch.from_numpy(np.cos(angle).astype(np.float32)), torch.from_numpy(-np.sin(angle).astype(np.float32))


def shape(samples: int) -> tuple[int, int]:
    """Rows and columns of the nearly square rectangle that a sequence is written into."""
    rows = math.isqrt(samples)
    return rows, math.ceil(samples / rows)


class FourStepPower(nn.Module):
    """Power of the lowest `bins` of the DFT of real sequences, by the four-step algorithm (Bailey, 1990).

    A sequence of up to `rows * columns` samples is padded with zeros, x[columns r + c] = X[r, c].
    With w(n) = exp(-2 pi i / n), bin k = p + rows q is the sum over c of
    w(columns)^(c q) w(rows columns)^(c p) times the sum over r of w(rows)^(r p) X[r, c].
    Only the q that the wanted bins need are computed.
    """

    def __init__(self, samples: int, bins: int) -> None:
        super().__init__()
        self.samples, self.bins = samples, bins
        self.rows, self.columns = shape(samples)
        self.length = self.rows * self.columns
        turns = math.ceil(bins / self.rows)
        p, c, q = np.arange(self.rows), np.arange(self.columns), np.arange(turns)
        for name, products, period in (
            ("first", np.outer(p, np.arange(self.rows)), self.rows),
            ("twiddle", np.outer(p, c), self.length),
            ("second", np.outer(c, q), self.columns),
        ):
            cosine, minus_sine = cosines_and_sines(products, period)
            self.register_buffer(f"{name}_real", cosine, persistent=False)
            self.register_buffer(f"{name}_imaginary", minus_sine, persistent=False)

    first_real: Tensor
    first_imaginary: Tensor
    twiddle_real: Tensor
    twiddle_imaginary: Tensor
    second_real: Tensor
    second_imaginary: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, samples] to squared magnitudes [batch, channel, bins]."""
        channels = x.shape[1]
        x = nn.functional.pad(x, (0, self.length - self.samples)).reshape(-1, channels, self.rows, self.columns)
        real, imaginary = self.first_real @ x, self.first_imaginary @ x
        real, imaginary = (
            real * self.twiddle_real - imaginary * self.twiddle_imaginary,
            real * self.twiddle_imaginary + imaginary * self.twiddle_real,
        )
        real, imaginary = (
            real @ self.second_real - imaginary @ self.second_imaginary,
            real @ self.second_imaginary + imaginary @ self.second_real,
        )
        power = (real.square() + imaginary.square()).transpose(-1, -2)
        return power.reshape(-1, channels, power.shape[-2] * self.rows)[..., : self.bins]
