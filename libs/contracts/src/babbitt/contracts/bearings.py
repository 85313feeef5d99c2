"""How often the parts of a rolling-element bearing meet, in orders: multiples of shaft speed."""

from dataclasses import dataclass
from math import cos, radians
from typing import Annotated, Self

from pydantic import Field

from babbitt.contracts.dataspec import BearingGeometry

LARGEST_ORDER = 1000.0
"""No bearing has as many balls."""

type Order = Annotated[float, Field(gt=0, le=LARGEST_ORDER, allow_inf_nan=False)]
type Orders = tuple[Order, Order, Order, Order]
"""BPFO, BPFI, BSF and FTF, as models read them: see `FaultOrders`."""


@dataclass(frozen=True, slots=True)
class FaultOrders:
    """Where a fault of each part shows, without slip: multiples of the speed of the ring that turns.

    Attributes:
        outer_race: BPFO, balls that pass a place on the outer race.
        inner_race: BPFI, the same of the inner race.
        ball: BSF, turns of a ball; it strikes both races, so twice as often.
        cage: FTF, turns of the cage.
    """

    outer_race: float
    inner_race: float
    ball: float
    cage: float

    @classmethod
    def of(cls, bearing: BearingGeometry) -> Self:
        """By rolling without slip (Randall and Antoni, "Rolling element bearing diagnostics", 2011, section 2).

        Balls pass a race as often whichever ring turns; the cage follows the ring that does.
        """
        ratio = bearing.ball_diameter_mm / bearing.pitch_diameter_mm * cos(radians(bearing.contact_angle_deg))
        return cls(
            outer_race=bearing.balls / 2 * (1 - ratio),
            inner_race=bearing.balls / 2 * (1 + ratio),
            ball=bearing.pitch_diameter_mm / (2 * bearing.ball_diameter_mm) * (1 - ratio**2),
            cage=(1 - ratio) / 2 if bearing.turning_ring == "inner" else (1 + ratio) / 2,
        )

    @property
    def in_order(self) -> Orders:
        """As models read them."""
        return self.outer_race, self.inner_race, self.ball, self.cage
