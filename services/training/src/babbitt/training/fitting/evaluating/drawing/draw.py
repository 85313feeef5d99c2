"""Which figures a report has."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from babbitt.contracts.model_reports import ModelReport
from babbitt.training.fitting.evaluating.drawing.curves import disturbance, learning
from babbitt.training.fitting.evaluating.drawing.scores import by_group, confusion, per_class, reliability, variants


def draw(report: ModelReport, folder: Path) -> dict[str, Path]:
    """Write every figure that the report has numbers for, as `<name>.png`; by name.

    Equal reports give equal bytes, with one release of matplotlib.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _wanted(report)
    for name, write in wanted.items():
        write(folder / f"{name}.png")
    return {name: folder / f"{name}.png" for name in wanted}


def _wanted(report: ModelReport) -> dict[str, Callable[[Path], None]]:
    test = report.test
    figures: dict[str, Callable[[Path], None]] = {}
    if test.confusion is not None:
        figures["confusion"] = partial(confusion, test)
    if test.classes:
        figures["per_class"] = partial(per_class, test)
    if test.reliability:
        figures["reliability"] = partial(reliability, test)
    if test.by_group:
        figures["by_group"] = partial(by_group, test)
    if any(run.epochs for run in report.runs):
        figures["learning"] = partial(learning, report.runs)
    if any(one.latency_ms is not None for one in report.variants):
        figures["variants"] = partial(variants, report.variants)
    return figures | {curve.kind: partial(disturbance, curve) for curve in report.curves}
