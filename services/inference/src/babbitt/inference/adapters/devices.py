"""The GPU that an engine computes on, as the heartbeats tell it: training lets such a one go."""

import socket

from babbitt.chassis.devices import visible_devices
from babbitt.contracts.heartbeats import UsedDevice
from babbitt.inference.adapters.engines import BUILT_IN, EngineName


def used_devices(engine: EngineName) -> tuple[UsedDevice, ...]:
    """The first device that CUDA shows this process, which all engines take; none of an engine on the processor.

    Blocks for as long as NVIDIA's tool takes to answer.
    """
    if engine == BUILT_IN:
        return ()
    host = socket.gethostname()
    return tuple(UsedDevice(device=device, host=host) for device in visible_devices()[:1])
