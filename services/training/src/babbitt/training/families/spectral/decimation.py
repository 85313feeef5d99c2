"""From a fast rate to a slow one by a matrix product: a strided convolution takes ONNX Runtime six times as long."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

FILTER_ZERO_CROSSINGS = 6


def low_pass(decimation: int) -> NDArray[np.float64]:
    """Hamming-windowed sinc for a decimation: passes up to 0.35 of the new rate, sums to 1."""
    half = FILTER_ZERO_CROSSINGS * decimation
    n = np.arange(-half, half + 1)
    kernel = np.sinc(n / decimation) * np.hamming(2 * half + 1)
    return kernel / kernel.sum()


class Decimation(nn.Module):
    """Low-passes sequences and keeps one sample of `factor`.

    The filter is cut into rows as long as a block of `factor` samples. Output i is the sum over r of row r times block
    i + r: products of all blocks and rows are one matrix product, and a shear makes its diagonals columns.
    """

    def __init__(self, samples: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.samples = (samples - 1) // factor + 1
        kernel = low_pass(factor)
        self.rows = math.ceil(len(kernel) / factor)
        self.blocks = self.samples + self.rows - 1
        before = len(kernel) // 2
        self.pad = (before, self.blocks * factor - before - samples)
        rows = np.zeros(self.rows * factor, dtype=np.float32)
        rows[: len(kernel)] = kernel
        kernel_rows = torch.from_numpy(rows.reshape(self.rows, factor).T.copy())
        self.register_buffer("kernel_rows", kernel_rows, persistent=False)

    kernel_rows: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, channel, one of `factor` samples]."""
        if self.factor == 1:
            return x
        batch, channels = x.shape[0], x.shape[1]
        blocks = nn.functional.pad(x, self.pad).reshape(batch, channels, self.blocks, self.factor)
        products = (blocks @ self.kernel_rows).mT.flatten(start_dim=2)
        sheared = nn.functional.pad(products, (0, self.rows)).reshape(batch, channels, self.rows, self.blocks + 1)
        return sheared[..., : self.samples].sum(dim=-2)
