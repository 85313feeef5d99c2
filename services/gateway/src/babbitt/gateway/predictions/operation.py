"""How the machine ran, as the client tells it, against what the model reads: shaft speed, orders of the bearing.

What the client does not tell and DataSpec says of all machines is left out: inference takes it from there. Pure.
"""

from babbitt.contracts.bearings import LARGEST_ORDER, FaultOrders, Orders
from babbitt.contracts.dataspec import BearingGeometry, DataSpec, ModelSpec
from babbitt.contracts.operation import FAR_SPEED, Range, speeds_seen_hz, widened, within
from babbitt.gateway.errors import InvalidInput
from babbitt.gateway.predictions.waveforms import Waveform

_ACCEPTED = (
    "bearing (balls, ball_diameter_mm, pitch_diameter_mm, contact_angle_deg)"
    " or fault_orders (BPFO, BPFI, BSF, FTF in multiples of shaft speed), exactly one"
)


def shaft_speed(waveform: Waveform, model: ModelSpec, data: DataSpec) -> tuple[float | None, tuple[str, ...]]:
    """Revolutions a second, where the client told them, and what is doubtful about them.

    Raises:
        InvalidInput: told twice, or the model reads them and none are known, or none such as it has learnt from.
    """
    speed_hz, speed_rpm = waveform.description.shaft_speed_hz, waveform.description.shaft_speed_rpm
    if speed_hz is not None and speed_rpm is not None:
        raise InvalidInput.at(waveform.at("shaft_speed_rpm"), "given beside shaft_speed_hz", "exactly one of the two")
    given_hz = speed_rpm / 60 if speed_rpm is not None else speed_hz
    needed = "shaft_speed_hz" in model.inputs
    if given_hz is None:
        if needed and data.shaft_speed_hz is None:
            accepted = "shaft_speed_hz or shaft_speed_rpm, exactly one"
            raise InvalidInput.at(waveform.at("shaft_speed_hz"), "is missing, and this model reads it", accepted)
        return None, ()
    seen_hz = speeds_seen_hz(model, data)
    if seen_hz is None:
        return given_hz, ()
    accepted_hz = widened(seen_hz, FAR_SPEED)
    if within(given_hz, accepted_hz):
        return given_hz, ()
    said = f"{given_hz:g} Hz is far from the {_told(seen_hz)} Hz of the training data"
    if speed_rpm is None and within(given_hz / 60, accepted_hz):
        said += f"; as shaft_speed_rpm, {given_hz:g} would fit"
    if needed:
        name = "shaft_speed_hz" if speed_rpm is None else "shaft_speed_rpm"
        raise InvalidInput.at(waveform.at(name), said, f"{_told(accepted_hz)} Hz")
    return given_hz, (said,)


def fault_orders(waveform: Waveform, model: ModelSpec, data: DataSpec) -> Orders | None:
    """BPFO, BPFI, BSF and FTF in multiples of shaft speed, where the client told them or a bearing.

    Raises:
        InvalidInput: told twice, or of no bearing that can be, or the model reads them and none are known.
    """
    orders, bearing = waveform.description.fault_orders, waveform.description.bearing
    if orders is not None and bearing is not None:
        raise InvalidInput.at(waveform.at("fault_orders"), "given beside bearing", "exactly one of the two")
    if bearing is not None:
        return _orders_of(bearing, waveform.at("bearing"))
    if orders is None and "fault_orders" in model.inputs and data.bearing is None:
        raise InvalidInput.at(waveform.at("bearing"), "is missing, and this model reads its fault orders", _ACCEPTED)
    return orders


def _orders_of(bearing: BearingGeometry, place: str) -> Orders:
    orders = FaultOrders.of(bearing).in_order
    if not all(0 < order <= LARGEST_ORDER for order in orders):
        detail = (
            f"{bearing.balls} balls of {bearing.ball_diameter_mm:g} mm do not fit on {bearing.pitch_diameter_mm:g} mm"
        )
        raise InvalidInput.at(place, detail, "the geometry of a bearing that can turn")
    return orders


def _told(speeds_hz: Range) -> str:
    lowest, highest = speeds_hz
    return f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"
