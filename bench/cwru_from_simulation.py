"""Real faults located by what has learnt from simulated machines of profile `rolling` alone: nothing real."""

from typing import Any

import numpy as np
import torch
from bearing_windows import BearingWindows, simulated
from cwru_unseen_size import HEALTHY, LABELS
from order_envelope_model import built, exported, features_of

from babbitt.contracts.answers import voted
from babbitt.contracts.simulations import ROLLING_FAULTS, RollingSource
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig

FAULTS = ROLLING_FAULTS[1:]
RECORDS_PER_MACHINE = 2


def from_simulation(windows: BearingWindows, seeds: tuple[int, ...], machines: int) -> dict[str, Any]:
    """Faults of the real recordings located by what has learnt from simulated ones; and with health as an answer."""
    faulty = windows.chosen(windows.labels > 0)
    found: dict[str, Any] = {"seeds": list(seeds), "window_accuracy": [], "with_healthy": [], "recordings_right": []}
    for seed in seeds:
        source = RollingSource(
            profile="rolling", machines_per_class=machines, records_per_machine=RECORDS_PER_MACHINE, seed=seed
        )
        module, spec = built(OrderEnvelopeConfig(), ROLLING_FAULTS)
        learnt = simulated(source, spec)
        features, labels = features_of(module, learnt), torch.from_numpy(learnt.labels)
        module.learn(features, labels, seed)
        found["with_healthy"].append(float(np.mean(exported(module, spec, windows)(faulty).argmax(1) == faulty.labels)))
        locating, spec = built(OrderEnvelopeConfig(), FAULTS)
        locating.learn(features[labels > 0], labels[labels > 0] - 1, seed)
        said = exported(locating, spec, windows)(faulty)
        right = said.argmax(1) == faulty.labels - 1
        of_recording = {
            number: float(np.mean(right[faulty.recording == number])) for number in LABELS if number != HEALTHY
        }
        found["window_accuracy"].append(float(np.mean(list(of_recording.values()))))
        found["recordings_right"].append(
            sum(int(voted(said[faulty.recording == number]).argmax() == LABELS[number] - 1) for number in of_recording)
        )
        found["recordings"] = of_recording
    return found
