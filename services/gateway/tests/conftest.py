"""What models the tests know."""

from datetime import UTC, datetime

import pytest

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import Channel, DataSpec, ModelSpec
from babbitt.contracts.models import AliasAssigned

RATE_HZ, WINDOW = 20_480.0, 1024


@pytest.fixture(scope="session")
def assigned():
    """Makes an AliasAssigned for a model of one channel, 20,480 Hz, windows of 1,024 samples."""

    def make(model="pump", reference="champion", version=1, *, inputs=("waveform",), channels=("vibration",), **data):
        classes = ("healthy", "imbalance")
        return AliasAssigned(
            model=model,
            reference=reference,
            version=version,
            artifact=ObjectReference(key=f"registry/artifacts/{version:064x}", sha256=f"{version:064x}", size_bytes=1),
            data_spec=DataSpec(
                **{
                    "channels": tuple(Channel(name=name, unit="m/s2") for name in channels),
                    "sampling_rate_hz": RATE_HZ,
                    "record_samples": 5 * WINDOW,
                    "class_names": classes,
                    **data,
                }
            ),
            model_spec=ModelSpec(
                family="spectral_small", window_samples=WINDOW, hop_samples=WINDOW, inputs=inputs, class_names=classes
            ),
            assigned_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    return make
