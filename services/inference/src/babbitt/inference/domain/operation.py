"""How the machine ran: what the client told, else what the model's DataSpec says of all its machines."""

from babbitt.contracts.bearings import FaultOrders, Orders
from babbitt.contracts.dataspec import DataSpec
from babbitt.contracts.predictions import PredictionRequested


def shaft_speed_hz(request: PredictionRequested, data: DataSpec) -> float | None:
    """Revolutions a second; None: nobody knows."""
    return data.shaft_speed_hz if request.shaft_speed_hz is None else request.shaft_speed_hz


def fault_orders(request: PredictionRequested, data: DataSpec) -> Orders | None:
    """The bearing's orders; None: nobody knows."""
    if request.fault_orders is not None:
        return request.fault_orders
    return None if data.bearing is None else FaultOrders.of(data.bearing).in_order
