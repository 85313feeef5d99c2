"""What the data is, in words: a term and what is said of it."""

from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec
from babbitt.signals.adapters.report_page.figures import number


def facts_of(spec: DataSpec) -> tuple[tuple[str, str], ...]:
    """Rate, record, channels, shaft speed, and the bearing where it is one for all."""
    speeds = {"none": "not known", "per_record": "known of each record"}
    constant = f"{number(spec.shaft_speed_hz)} revolutions a second" if spec.shaft_speed_hz else spec.shaft_speed
    seconds = number(spec.record_samples / spec.sampling_rate_hz)
    facts = (
        ("Sampling rate", f"{spec.sampling_rate_hz:g} Hz"),
        ("Record", f"{spec.record_samples:,} samples, {seconds} s; where lengths differ, the shortest"),
        ("Channels", "; ".join(map(_channel, spec.channels))),
        ("Shaft speed", speeds.get(spec.shaft_speed, constant)),
    )
    return (*facts, ("Bearing", _bearing(spec.bearing))) if spec.bearing else facts


def unit_of(channel: Channel) -> str:
    """As it stands behind a number: nothing for a dimensionless one."""
    return "" if channel.unit == "1" else f" {channel.unit}"


def _channel(channel: Channel) -> str:
    where = ", ".join(filter(None, (channel.direction, channel.position)))
    unit = f" in{unit_of(channel)}" if unit_of(channel) else ""
    return f"{channel.name}: {channel.quantity}{unit}{', ' if where else ''}{where}"


def _bearing(bearing: BearingGeometry) -> str:
    return (
        f"{bearing.balls} balls of {bearing.ball_diameter_mm:g} mm on {bearing.pitch_diameter_mm:g} mm, contact angle "
        f"{bearing.contact_angle_deg:g} degrees, the {bearing.turning_ring} ring turns"
    )
