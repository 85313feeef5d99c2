"""How the machine runs while a record is taken.

Engineering values, dimensionless where no unit is named: plausible, not solutions of the Reynolds equation.
"""

from dataclasses import dataclass
from math import exp, sqrt

from numpy.random import Generator

NOMINAL_SHAFT_SPEED_HZ = 60.0
SPEED_RATIO_RANGE = (0.9, 1.1)
LOAD_RANGE_PERCENT = (30.0, 100.0)
TEMPERATURE_RANGE_C = (40.0, 80.0)
REYNOLDS_RANGE = (500.0, 5000.0)
CLEARANCE_RATIO_RANGE = (0.001, 0.003)
SOMMERFELD_RANGE = (0.05, 0.50)
SOMMERFELD_NOMINAL = 0.15
VISCOSITY_PER_C = -0.03
VISCOSITY_REFERENCE_C = 60.0

SLOWEST_SHAFT_SPEED_HZ, FASTEST_SHAFT_SPEED_HZ = (NOMINAL_SHAFT_SPEED_HZ * ratio for ratio in SPEED_RATIO_RANGE)


@dataclass(frozen=True, slots=True)
class OperatingConditions:
    """Drawn once a record.

    Attributes:
        speed_ratio: of the nominal speed.
        load_percent: of the rated load.
        temperature_c: of the oil, degrees Celsius.
        reynolds, clearance_ratio: metadata; nothing depends on them.
    """

    speed_ratio: float
    load_percent: float
    temperature_c: float
    reynolds: float
    clearance_ratio: float

    @classmethod
    def draw(cls, rng: Generator) -> "OperatingConditions":
        """Each quantity uniform in its range."""
        ranges = (SPEED_RATIO_RANGE, LOAD_RANGE_PERCENT, TEMPERATURE_RANGE_C, REYNOLDS_RANGE, CLEARANCE_RATIO_RANGE)
        draws = rng.random(len(ranges)).tolist()
        return cls(*(low + (high - low) * draw for (low, high), draw in zip(ranges, draws, strict=True)))

    @property
    def shaft_speed_hz(self) -> float:
        """Revolutions a second."""
        return NOMINAL_SHAFT_SPEED_HZ * self.speed_ratio

    @property
    def load_factor(self) -> float:
        """From 0.51 to 1."""
        return 0.3 + 0.7 * self.load_percent / 100

    @property
    def temperature_factor(self) -> float:
        """From 0.9 to 1.1."""
        return 0.9 + 0.2 * (self.temperature_c - 40) / 40

    @property
    def operating_factor(self) -> float:
        """How hard the machine works."""
        return self.load_factor * self.temperature_factor

    @property
    def viscosity_ratio(self) -> float:
        """Of the oil, against that at 60 degrees Celsius."""
        return exp(VISCOSITY_PER_C * (self.temperature_c - VISCOSITY_REFERENCE_C))

    @property
    def sommerfeld(self) -> float:
        """The Sommerfeld number: high where the oil is thick, the shaft fast and the load light."""
        number = SOMMERFELD_NOMINAL * self.viscosity_ratio * self.speed_ratio / self.load_factor
        return min(max(number, SOMMERFELD_RANGE[0]), SOMMERFELD_RANGE[1])

    @property
    def physics_factor(self) -> float:
        """1 at the nominal Sommerfeld number."""
        return sqrt(self.sommerfeld / SOMMERFELD_NOMINAL)
