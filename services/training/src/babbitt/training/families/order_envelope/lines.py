"""The lines that faults of a rolling bearing have in the spectrum of its envelope, and where to look for them."""

import math

import numpy as np
import torch
from torch import Tensor, nn

OUTER, INNER, BALL, CAGE, SHAFT = range(5)
SHAFT_LINE_ORDERS = 0.1
"""A line of the shaft, at every whole order, is so wide to either side: nothing there is counted as a fault's."""


class FaultLines(nn.Module):
    """How far each line of each fault stands above the background, in nats of power; 0 where the spectrum ends.

    Lines: harmonics of BPFO and BPFI with their neighbours a turn of the shaft away, of 2 BSF with those a turn of the
    cage away, the odd harmonics of BSF, FTF, and harmonics of the shaft. Slip moves a harmonic by a share of its order,
    so each is the strongest bin within that share; neighbours keep their distance.
    """

    def __init__(self, bins_an_order: int, bins: int, harmonics: int, slip_tolerance: float) -> None:
        super().__init__()
        self.bins_an_order, self.bins = bins_an_order, bins
        carriers, sides = np.array(_lines(harmonics)).swapaxes(0, 1)
        reach = math.ceil(slip_tolerance * bins)
        faults = (carriers[:, SHAFT] == 0).astype(np.float32)
        for name, values in (
            ("carriers", carriers.T),
            ("sides", sides.T),
            ("faults", faults[:, None]),
            ("steps", np.linspace(-1, 1, 2 * reach + 1)),
        ):
            self.register_buffer(name, torch.from_numpy(values.astype(np.float32)), persistent=False)
        self.slip_tolerance = slip_tolerance
        self.lines = len(faults)

    carriers: Tensor
    sides: Tensor
    faults: Tensor
    steps: Tensor

    def forward(self, spectra: Tensor, speed_ratio: Tensor, fault_orders: Tensor) -> Tensor:
        """[batch, signal, bin], [batch] and [batch, 4] to [batch, signal, line]."""
        orders = torch.cat([fault_orders, torch.ones_like(fault_orders[:, :1])], dim=1)
        carrier, side = (orders @ self.carriers)[..., None], (orders @ self.sides)[..., None]
        reach = (self.slip_tolerance * carrier).clamp(min=1 / self.bins_an_order)
        order = carrier + reach * self.steps + side
        place = (order * speed_ratio[:, None, None] * self.bins_an_order).round()
        inside = (place < self.bins).to(spectra.dtype)
        index = place.clamp(0, self.bins - 1).long().flatten(start_dim=1)[:, None].expand(-1, spectra.shape[1], -1)
        found = torch.gather(spectra, 2, index).reshape(-1, spectra.shape[1], *place.shape[1:])
        of_shaft = ((order - order.round()).abs() < SHAFT_LINE_ORDERS).to(spectra.dtype) * self.faults
        found = found - torch.relu(found) * of_shaft[:, None]
        return (found * inside[:, None]).amax(dim=-1)


def _lines(harmonics: int) -> list[tuple[list[float], list[float]]]:
    """Each line's order, and how far beside: multiples of the orders of outer race, inner race, ball, cage, shaft."""

    def times(part: int, number: float) -> list[float]:
        return [number if one == part else 0.0 for one in range(SHAFT + 1)]

    found: list[tuple[list[float], list[float]]] = []
    for harmonic in range(1, harmonics + 1):
        for part, multiple, neighbour in ((OUTER, 1, SHAFT), (INNER, 1, SHAFT), (BALL, 2, CAGE)):
            found += [(times(part, multiple * harmonic), times(neighbour, side)) for side in (-1, 0, 1)]
        found.append((times(SHAFT, harmonic), times(SHAFT, 0)))
    found += [(times(BALL, odd), times(SHAFT, 0)) for odd in range(1, harmonics + 1, 2)]
    return [*found, (times(CAGE, 1), times(SHAFT, 0))]
