from collections.abc import Callable

import pytest

from babbitt.contracts.dataspec import Channel, DataSpec


@pytest.fixture(scope="session")
def data_spec() -> Callable[..., DataSpec]:
    def make(samples: int = 2048, rate_hz: float = 4096.0, channels: int = 1) -> DataSpec:
        return DataSpec(
            channels=tuple(Channel(name=f"channel_{index}") for index in range(channels)),
            sampling_rate_hz=rate_hz,
            record_samples=samples,
            class_names=("sain", "desequilibre", "oilwhirl"),
        )

    return make
