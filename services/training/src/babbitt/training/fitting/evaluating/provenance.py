"""On what a version was made: what has to be equal for equal weights."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "onnx", "onnxruntime")


def cpu_name(described: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's own name, where the system tells it; else its kind."""
    try:
        lines = described.read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def package_versions() -> dict[str, str]:
    """Of those that compute."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
