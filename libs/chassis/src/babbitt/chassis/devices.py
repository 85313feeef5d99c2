"""The GPUs that this process may use, by names that mean the same in every process and container."""

import os
import subprocess
from collections.abc import Mapping, Sequence

LIST = ("nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader")
VISIBLE = "CUDA_VISIBLE_DEVICES"
_ANSWERS_WITHIN_S = 20.0


def visible_devices(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """UUIDs of the NVIDIA devices that CUDA would show this process, in its order; none where there is no driver.

    Blocks for as long as NVIDIA's tool takes to answer: for a service's start.
    """
    try:
        listed = subprocess.run(  # noqa: S603 - fixed words
            LIST, check=True, capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return restricted(listed.stdout.split(), environment.get(VISIBLE))


def restricted(devices: Sequence[str], visible: str | None) -> tuple[str, ...]:
    """Those of all devices that `CUDA_VISIBLE_DEVICES` leaves: numbers or beginnings of UUIDs, up to an unknown one.

    Parts of a device (`MIG-…`), which are not among the devices, are taken as they are named.
    """
    if visible is None:
        return tuple(devices)
    left: list[str] = []
    for asked in visible.split(","):
        if asked.startswith("MIG-"):
            left.append(asked)
            continue
        found = [one for number, one in enumerate(devices) if asked == str(number) or _begins(one, asked)]
        if not found:
            break
        left.append(found[0])
    return tuple(left)


def _begins(device: str, asked: str) -> bool:
    return asked.startswith("GPU-") and device.startswith(asked)
