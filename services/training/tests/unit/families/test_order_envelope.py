"""What `order_envelope` sees of impacts: their line at the right order, whatever slip or a wrong speed does to it."""

import numpy as np
import pytest
import torch

from babbitt.contracts.bearings import FaultOrders
from babbitt.contracts.dataspec import BearingGeometry, Channel, DataSpec
from babbitt.training.families.errors import UnsuitableData
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig
from babbitt.training.families.order_envelope.lines import BALL, INNER, OUTER, SHAFT

RATE_HZ, SHAFT_HZ, SAMPLES = 12_000.0, 29.93, 6_000
SKF_6205 = BearingGeometry(balls=9, ball_diameter_mm=7.94, pitch_diameter_mm=39.04)
ORDERS = FaultOrders.of(SKF_6205)
IMPACTS_A_TURN = {OUTER: ORDERS.outer_race, INNER: ORDERS.inner_race, BALL: 2 * ORDERS.ball}
OTHER = BearingGeometry(balls=7, ball_diameter_mm=10.0, pitch_diameter_mm=36.0)


def data_spec(**changes) -> DataSpec:
    spec = DataSpec(
        channels=(Channel(),),
        sampling_rate_hz=RATE_HZ,
        record_samples=SAMPLES,
        shaft_speed="per_record",
        bearing=SKF_6205,
        class_names=("healthy", "fault"),
    )
    return spec.model_copy(update=changes)


def built(**config):
    wanted = OrderEnvelopeConfig(**config)
    data = data_spec()
    return wanted.build(data, wanted.model_spec("order_envelope_base", data)).eval()


@pytest.fixture(scope="module")
def module():
    return built()


def impacts(order: float, shaft_hz: float = SHAFT_HZ, *, load_zone: bool = False, seed: int = 0):
    """Blows that ring at 3 kHz, `order` times a turn, in noise; all of it through a load zone once a turn."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(SAMPLES) / RATE_HZ
    since_s = (order * shaft_hz * time_s % 1.0) / (order * shaft_hz)
    ringing = np.exp(-1500.0 * since_s) * np.sin(2 * np.pi * 3000.0 * since_s)
    borne = np.clip(np.cos(2 * np.pi * shaft_hz * time_s), 0, None) ** 1.5 if load_zone else 1.0
    made = (0.1 + borne) * (ringing + 0.05 * rng.standard_normal(SAMPLES))
    return torch.from_numpy(made.astype(np.float32))[None, None]


def four(bearing: BearingGeometry = SKF_6205) -> torch.Tensor:
    orders = FaultOrders.of(bearing)
    return torch.tensor([[orders.outer_race, orders.inner_race, orders.ball, orders.cage]])


def seen(module, waveform, told_hz: float = SHAFT_HZ, bearing: BearingGeometry = SKF_6205):
    """Of each part the mean over the bands of the line at its impacts' own order."""
    lines = line_by_line(module, waveform, told_hz, bearing)
    alone = module.lines.sides.abs().sum(dim=0) == 0
    own = {part: module.lines.carriers[part] == (2.0 if part == BALL else 1.0) for part in range(SHAFT + 1)}
    return {part: float(lines[alone & line].item()) for part, line in own.items()}


def line_by_line(module, waveform, told_hz: float = SHAFT_HZ, bearing: BearingGeometry = SKF_6205):
    """The mean over the bands of each line [line]."""
    with torch.no_grad():
        features = module.front_end(waveform, torch.tensor([told_hz]), four(bearing))
    return features.reshape(-1, module.lines.lines).mean(dim=0)


def refined(module, waveform, told_hz: float) -> float:
    with torch.no_grad():
        return told_hz * float(module.speed(module.spectra(waveform, torch.tensor([told_hz]))))


@pytest.mark.parametrize("part", [OUTER, INNER, BALL])
def test_impacts_show_at_the_order_of_the_part_that_is_struck(module, part):
    found = seen(module, impacts(IMPACTS_A_TURN[part]))
    assert found[part] > 4
    assert max(found, key=lambda one: found[one]) == part
    spectrum = module.spectra(impacts(IMPACTS_A_TURN[part]), torch.tensor([SHAFT_HZ])).mean(dim=(0, 1))
    bins = module.spectrum.bins_an_order
    assert (int(spectrum[bins // 2 :].argmax()) + bins // 2) / bins == pytest.approx(IMPACTS_A_TURN[part], abs=1 / bins)


def test_another_bearing_is_told_by_its_orders_alone(module):
    waveform = impacts(FaultOrders.of(OTHER).outer_race)
    assert seen(module, waveform, bearing=OTHER)[OUTER] > 4
    assert seen(module, waveform)[OUTER] < 2


@pytest.mark.parametrize("slip", [-0.018, 0.018])
def test_a_line_that_slip_has_moved_is_found_within_the_tolerance_and_not_beyond(module, slip):
    assert seen(module, impacts(ORDERS.outer_race * (1 + slip)))[OUTER] > 4
    assert seen(module, impacts(ORDERS.outer_race * (1 + 4 * slip)))[OUTER] < 2


@pytest.mark.parametrize("error", [-0.04, -0.02, 0.0, 0.02, 0.04])
def test_a_nominal_speed_is_refined_within_the_tolerance(module, error):
    waveform = impacts(ORDERS.inner_race, load_zone=True)
    assert refined(module, waveform, SHAFT_HZ * (1 + error)) == pytest.approx(SHAFT_HZ, rel=0.012)
    assert seen(module, waveform, SHAFT_HZ * (1 + error))[INNER] > 4


def test_the_answer_tells_the_speed_that_was_found_unless_none_was_looked_for(module):
    told_hz, waveform = 1.03 * SHAFT_HZ, impacts(ORDERS.inner_race, load_zone=True)
    with torch.no_grad():
        answer = module(waveform, torch.tensor([told_hz]), four())
        as_told = built(speed_tolerance=0.0)(waveform, torch.tensor([told_hz]), four())
    assert answer.refined_shaft_speed_hz.tolist() == pytest.approx([refined(module, waveform, told_hz)])
    assert answer.refined_shaft_speed_hz.item() == pytest.approx(SHAFT_HZ, rel=0.012)
    assert "refined_shaft_speed_hz" not in as_told.outputs()


def test_a_speed_that_is_wrong_beyond_the_tolerance_is_not_found_again(module):
    waveform = impacts(ORDERS.inner_race, load_zone=True)
    assert abs(refined(module, waveform, 1.1 * SHAFT_HZ) / SHAFT_HZ - 1) > 0.03
    assert abs(refined(built(speed_tolerance=0.01), waveform, 1.03 * SHAFT_HZ) / SHAFT_HZ - 1) > 0.015


def test_a_shaft_without_lines_keeps_its_nominal_speed(module):
    noise = torch.from_numpy(np.random.default_rng(1).standard_normal((1, 1, SAMPLES)).astype(np.float32))
    assert refined(module, noise, SHAFT_HZ) == pytest.approx(SHAFT_HZ, rel=0.02)


def test_a_swelling_at_whole_orders_counts_as_the_shafts_and_as_no_faults(module):
    time_s = np.arange(SAMPLES) / RATE_HZ
    swelling = 1 + 0.9 * sum(np.cos(2 * np.pi * order * SHAFT_HZ * time_s) for order in (1, 2, 3, 7, 11))
    noise = np.random.default_rng(2).standard_normal(SAMPLES)
    found = line_by_line(module, torch.from_numpy((swelling * noise).astype(np.float32))[None, None])
    of_shaft = module.lines.carriers[SHAFT] > 0
    assert found[of_shaft].min() > 2.5
    assert found[~of_shaft].max() < 2


def test_the_level_of_a_waveform_changes_nothing(module):
    waveform = impacts(ORDERS.outer_race)
    with torch.no_grad():
        soft, loud = (module.front_end(gain * waveform, torch.tensor([SHAFT_HZ]), four()) for gain in (0.01, 100.0))
    torch.testing.assert_close(soft, loud, rtol=1e-3, atol=1e-3)


def test_faster_and_slower_shafts_show_the_same_lines(module):
    for shaft_hz in (20.0, 40.0):
        assert seen(module, impacts(ORDERS.outer_race, shaft_hz), shaft_hz)[OUTER] > 4


def test_a_slow_shaft_gets_windows_of_as_many_revolutions():
    slow = data_spec(shaft_speed="constant", shaft_speed_hz=5.0, record_samples=60_000)
    config = OrderEnvelopeConfig()
    spec = config.model_spec("order_envelope_base", slow)
    assert spec.window_samples / RATE_HZ * 5.0 == pytest.approx(config.revolutions)
    slowly = config.build(slow, spec).eval()
    long = torch.cat([impacts(3.5848 * 6, 5.0, seed=seed) for seed in range(6)], dim=-1)[..., : spec.window_samples]
    with torch.no_grad():
        assert torch.isfinite(slowly.front_end(long, torch.tensor([5.0]), four())).all()
    with pytest.raises(UnsuitableData, match="15 revolutions"):
        config.model_spec("order_envelope_base", slow.model_copy(update={"record_samples": 20_000}))


@pytest.mark.parametrize(
    ("changes", "why"), [({"shaft_speed": "none"}, "shaft's speed"), ({"sampling_rate_hz": 1_000.0}, "bands above")]
)
def test_data_without_a_speed_or_without_the_bands_are_refused(changes, why):
    with pytest.raises(UnsuitableData, match=why):
        OrderEnvelopeConfig().model_spec("order_envelope_base", data_spec(**changes))
