"""The GPU that an engine computes on, as the heartbeats tell it: training lets such a one go."""

import socket

from babbitt.chassis.devices import LIST, visible_devices
from babbitt.chassis.settings import SettingsError
from babbitt.contracts.heartbeats import UsedDevice
from babbitt.inference.adapters.engines import BUILT_IN, PROVIDERS, EngineName


def used_devices(engine: EngineName) -> tuple[UsedDevice, ...]:
    """The first device that CUDA shows this process, which all engines take; none of an engine on the processor.

    Blocks for as long as NVIDIA's tool takes to answer.

    Raises:
        SettingsError: an engine that needs a device has none that can be named: training might take it.
    """
    if engine == BUILT_IN:
        return ()
    host = socket.gethostname()
    used = tuple(UsedDevice(device=device, host=host) for device in visible_devices()[:1])
    if engine in PROVIDERS and not used:
        raise SettingsError(
            f"BABBITT_INFERENCE_ENGINE: {engine} needs a GPU, and {LIST[0]} names none for this process"
        )
    return used
