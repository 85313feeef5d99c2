"""Figures of what changes along an axis."""

from collections.abc import Sequence
from pathlib import Path

from babbitt.contracts.model_reports import CURVES, Curve, Run
from babbitt.training.fitting.evaluating.drawing.style import COLOURS, MARKERS, figure, shares

MOST_RUNS = len(COLOURS)


def disturbance(curve: Curve, path: Path) -> None:
    """Record accuracy over a disturbance."""
    title, label = CURVES.get(curve.kind, (curve.kind, "level"))
    factor = 100.0 if curve.kind == "speed_error" else 1.0
    with figure(path, f"{title} ({curve.records} records)") as axes:
        levels = [factor * point.level for point in curve.points]
        axes.plot(
            levels,
            [point.record_accuracy for point in curve.points],
            color=COLOURS[0],
            marker="o",
            label="record accuracy",
        )
        if all(point.macro_auroc is not None for point in curve.points):
            areas = [point.macro_auroc or 0.0 for point in curve.points]
            axes.plot(levels, areas, color=COLOURS[1], marker="s", linestyle="--", label="macro-AUROC")
            axes.legend()
        axes.set_xlabel("error, %" if curve.kind == "speed_error" else label)
        axes.set_xticks(levels)
        if curve.kind == "record_snr_db":
            axes.invert_xaxis()
        shares(axes)


def learning(runs: Sequence[Run], path: Path) -> None:
    """Losses over epochs, a colour a run; the epoch that was kept is marked."""
    shown = [run for run in runs if run.epochs][:MOST_RUNS]
    some = f", the first {len(shown)} of {len(runs)} runs" if len(shown) < len(runs) else ""
    with figure(path, f"Learning{some}") as axes:
        for colour, marker, run in zip(COLOURS, MARKERS, shown, strict=False):
            epochs = [point.epoch for point in run.epochs]
            name = f"{run.name}: " if run.name else ""
            validation = [
                (point.epoch, point.validation_loss) for point in run.epochs if point.validation_loss is not None
            ]
            if validation:
                axes.plot(*zip(*validation, strict=True), color=colour, label=f"{name}validation")
            axes.plot(
                epochs, [point.train_loss for point in run.epochs], color=colour, linestyle=":", label=f"{name}train"
            )
            for epoch, loss in validation:
                if epoch == run.kept_epoch:
                    axes.plot([epoch], [loss], color=colour, marker=marker)
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss, nats")
        axes.legend(fontsize=6)
