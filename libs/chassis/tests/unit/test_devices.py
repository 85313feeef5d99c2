"""Which GPUs a process may use."""

import pytest

from babbitt.chassis.devices import restricted, visible_devices

DEVICES = ("GPU-1a", "GPU-1b", "GPU-2c")


@pytest.mark.parametrize(
    ("visible", "left"),
    [
        (None, DEVICES),
        ("", ()),
        ("-1", ()),
        ("2,0", ("GPU-2c", "GPU-1a")),
        ("GPU-1b", ("GPU-1b",)),
        ("GPU-2", ("GPU-2c",)),
        ("MIG-7f", ("MIG-7f",)),
        ("1,7,0", ("GPU-1b",)),
    ],
)
def test_what_cuda_would_show_is_what_is_seen(visible, left):
    assert restricted(DEVICES, visible) == left


def test_a_machine_without_driver_has_no_device(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_devices() == ()


def test_devices_are_those_that_the_driver_names(monkeypatch, tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho GPU-1a; echo GPU-1b\n")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_devices({"CUDA_VISIBLE_DEVICES": "1"}) == ("GPU-1b",)
