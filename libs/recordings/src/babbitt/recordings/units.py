"""Units of samples: which can be turned into which."""

STANDARD_GRAVITY_M_S2 = 9.80665
"""By definition (3rd General Conference on Weights and Measures, 1901)."""

_IN_M_S2 = {"g": STANDARD_GRAVITY_M_S2, "m/s2": 1.0}


def factor(from_unit: str, to_unit: str) -> float | None:
    """What a value in `from_unit` is multiplied by to be one in `to_unit`; None: nothing makes it one."""
    if from_unit == to_unit:
        return 1.0
    if from_unit in _IN_M_S2 and to_unit in _IN_M_S2:
        return _IN_M_S2[from_unit] / _IN_M_S2[to_unit]
    return None


def accepted_for(unit: str) -> str:
    """The units that can be turned into `unit`, for people."""
    return ", ".join(_IN_M_S2) if unit in _IN_M_S2 else unit
