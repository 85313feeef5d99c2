"""Make all variants of an exported model, measure them side by side, choose the one that serves."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto

from babbitt.contracts.evaluations import Variant
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.onnx_answers import OnnxAnswers
from babbitt.training.fitting.variants import int8
from babbitt.training.fitting.variants.choice import REFERENCE, SERVED_ON, is_faster
from babbitt.training.fitting.variants.errors import TOOL_ERRORS, NotMade
from babbitt.training.fitting.variants.float16 import half_precision
from babbitt.training.fitting.variants.measuring import latencies_ms
from babbitt.training.fitting.variants.parts import Parts
from babbitt.training.fitting.variants.table import DEVICES, NAMES, table
from babbitt.training.fitting.variants.trials import calibration_inputs
from babbitt.training.fitting.windows import Windows

COMPARED_WINDOWS = 16
SAME_WITHIN = 1e-5
"""What folding constants may change of a probability."""

type FineTune = Callable[[], WaveformClassifier]
"""Makes a copy of the module that has learnt with the rounding of eight bits; raises NotMade."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it.

    Attributes:
        variants: the table, without what a store will say of the files.
        files: of those that could be made, by name.
        chosen: the one of these that serves.
    """

    variants: tuple[Variant, ...]
    files: Mapping[str, Path]
    chosen: Path

    @property
    def serves(self) -> Variant:
        """The row of the one that serves."""
        return next(one for one in self.variants if one.chosen)


def make_variants(
    exported: Path,
    folder: Path,
    model: WaveformClassifier,
    training: Windows,
    validation: Windows,
    threads: int,
    fine_tune: FineTune | None = None,
    left_s: Callable[[], float] = lambda: math.inf,
) -> Made:
    """All forms of an exported model, as `<name>.onnx` in `folder`, each with the metadata of `exported`.

    What cannot be made is told in the table. Nothing learns anew unless eight bits are faster at all.

    Args:
        exported: the module's ONNX file, float32.
        folder: it exists, and `exported` is not in it.
        model: what it was exported from, in evaluation mode.
        training: what ranges are taken from.
        validation: what is measured on; never the test split.
        threads: for what is not timed.
        fine_tune: see there; None: the module did not learn by gradients, or there is no time.
        left_s: seconds that may still be spent; what takes too much of them is not measured.
    """
    whole = onnx.load(exported)
    made = _Folder(folder)
    made.add(REFERENCE, lambda: whole)
    try:
        parts = _parts(whole, model)
    except (NotMade, *TOOL_ERRORS) as error:
        made.refuse(error, "float16", "int8_static", "int8_dynamic", "int8_qat")
    else:
        calibration = calibration_inputs(training)

        def relearnt() -> ModelProto:
            if fine_tune is None:
                raise NotMade("nothing was to learn anew")
            if "int8_static" not in made.files:
                raise NotMade("eight bits cannot be had")
            ms = latencies_ms({name: made.files[name] for name in (REFERENCE, "int8_static")}, validation)
            if not is_faster(ms["int8_static"], ms[REFERENCE]):
                raise NotMade("eight bits are not faster by a tenth")
            tuned = fine_tune()
            graph = tuned.to_onnx(training.rows(slice(0, 2)))
            return parts.joined(int8.static(_parts(graph, tuned), calibration))

        made.add(REFERENCE, lambda: _faithful(parts, validation))
        made.add("float16", lambda: parts.joined(half_precision(parts.head)))
        made.add("int8_static", lambda: parts.joined(int8.static(parts, calibration)))
        made.add("int8_dynamic", lambda: parts.joined(int8.dynamic(parts)))
        made.add("int8_qat", relearnt)
    variants, chosen = table(made.files, made.notes, validation, model.task, threads, left_s)
    return Made(variants, made.files, made.files[chosen])


def unmeasured(exported: Path, folder: Path) -> Made:
    """The exported file as it is: no record was held out of learning, by which anything could be shown of others."""
    made = _Folder(folder)
    made.add(REFERENCE, lambda: onnx.load(exported))
    notes = dict.fromkeys(NAMES, "not made: no record was held out to show what it loses")
    notes[REFERENCE] = "no record was held out to show what another form loses"
    rows = (
        Variant(name=name, device=DEVICES.get(name, SERVED_ON), chosen=name == REFERENCE, note=note)
        for name, note in notes.items()
    )
    return Made(tuple(rows), made.files, made.files[REFERENCE])


def _parts(whole: ModelProto, model: WaveformClassifier) -> Parts:
    if model.task == "one_class":
        raise NotMade("its threshold holds for the scores of float32 alone")
    return Parts.of(whole, {name for name, _ in model.named_parameters()})


def _faithful(parts: Parts, validation: Windows) -> ModelProto:
    """The optimised graph, which answers as the exported one.

    Raises:
        NotMade: it does not.
    """
    some, model = validation.rows(slice(0, COMPARED_WINDOWS)), parts.joined(parts.head)
    one, other = (
        OnnxAnswers(graph.SerializeToString(), threads=1).probabilities(some) for graph in (model, parts.whole)
    )
    if not np.allclose(one, other, rtol=0.0, atol=SAME_WITHIN):
        raise NotMade("optimised it answers otherwise")
    return model


class _Folder:
    """The files that could be made, and why others could not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, Path] = {}
        self.notes: dict[str, str] = {}

    def add(self, name: str, make: Callable[[], ModelProto]) -> None:
        path = self._folder / f"{name}.onnx"
        try:
            path.write_bytes(make().SerializeToString(deterministic=True))
        except (NotMade, *TOOL_ERRORS) as error:
            self.refuse(error, name)
        else:
            self.files[name] = path

    def refuse(self, error: Exception, *names: str) -> None:
        lines = str(error).splitlines() or [type(error).__name__]
        self.notes |= dict.fromkeys(names, f"not made: {lines[0][:200]}")
