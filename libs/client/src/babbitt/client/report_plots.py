"""How each part of a report is drawn, from its data frame."""

from typing import TYPE_CHECKING

from babbitt.contracts.figure_style import SHADES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


def draw_part(part: str, frame: "DataFrame", axes: "Axes") -> None:
    """Draw it; of a part without rows it is said that there are none."""
    if frame.empty:
        axes.text(0.5, 0.5, f"the report has no {part}", ha="center", transform=axes.transAxes)
        return
    match part:
        case "confusion":
            _confusion(frame, axes)
        case "curves":
            for kind, points in frame.groupby("kind"):
                axes.plot(points["level"], points["record_accuracy"], marker="o", label=str(kind))
            axes.set(xlabel="level", ylabel="record accuracy")
            axes.legend()
        case "epochs":
            _epochs(frame, axes)
        case "reliability":
            axes.plot([0, 1], [0, 1], color="grey", linestyle="--")
            axes.plot(frame["confidence"], frame["accuracy"], marker="o")
            axes.set(xlabel="confidence", ylabel="right")
        case "variants":
            for name, one in frame.dropna(subset=["latency_ms", "record_accuracy"]).iterrows():
                axes.plot(one["latency_ms"], one["record_accuracy"], "o", label=str(name))
            axes.set(xlabel="ms a record, one CPU thread", ylabel="record accuracy, validation")
            axes.legend()
        case _:
            frame["recall" if part == "classes" else "record_accuracy"].plot.bar(ax=axes)


def _confusion(frame: "DataFrame", axes: "Axes") -> None:
    counts = frame.to_numpy()
    axes.imshow(counts / counts.sum(axis=1, keepdims=True).clip(1), cmap=SHADES, vmin=0.0, vmax=1.0)
    axes.grid(visible=False)
    for row, column in zip(*counts.nonzero(), strict=True):
        axes.text(float(column), float(row), str(counts[row, column]), ha="center", va="center")
    axes.set_xticks(range(len(frame)), list(frame.columns), rotation=45, ha="right")
    axes.set_yticks(range(len(frame)), list(frame.index))
    axes.set(xlabel="answer", ylabel="truth")


def _epochs(frame: "DataFrame", axes: "Axes") -> None:
    for run, points in frame.groupby("run"):
        if len(held := points.dropna(subset=["validation_loss"])):
            axes.plot(held["epoch"], held["validation_loss"], label=f"{run} validation".strip())
        axes.plot(points["epoch"], points["train_loss"], linestyle=":", label=f"{run} train".strip())
    axes.set(xlabel="epoch", ylabel="loss, nats")
    axes.legend()
