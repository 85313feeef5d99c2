"""The table of variants: each one measured, and why it serves or does not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from babbitt.contracts.evaluations import Variant
from babbitt.training.families.classifier import Task
from babbitt.training.fitting.onnx_answers import OnnxAnswers
from babbitt.training.fitting.variants.choice import REFERENCE, SERVED_ON, Candidate, chosen, objection
from babbitt.training.fitting.variants.errors import TOOL_ERRORS
from babbitt.training.fitting.variants.measuring import Answers, latencies_ms
from babbitt.training.fitting.variants.trials import in_noise
from babbitt.training.fitting.windows import Windows

NAMES = ("float32", "float16", "int8_static", "int8_dynamic", "int8_qat")
DEVICES = {"float16": "cuda"}


TIME_SHARE = 0.2
"""Of the time that is left: more than this no variant's records may take."""


def table(
    files: Mapping[str, Path],
    not_made: Mapping[str, str],
    validation: Windows,
    task: Task,
    threads: int,
    left_s: Callable[[], float],
) -> tuple[tuple[Variant, ...], str]:
    """Measure all files on validation records; the rows, and the name of the one that serves.

    Args:
        files: by name; `float32` is one of them.
        not_made: why others are none of them, by name.
        validation: records as they are; noise is added here where the choice asks for it.
        task: the model's.
        threads: for what is not timed.
        left_s: seconds that may still be spent.
    """
    runs, notes = _running(files, validation)
    ms = latencies_ms(runs, validation)
    answers: dict[str, Answers] = {}
    for name in sorted(runs, key=lambda name: (name != REFERENCE, ms[name])):
        if name != REFERENCE and 1e-3 * ms[name] * validation.records > TIME_SHARE * left_s():
            notes[name] = "not measured: there is no time for it"
        else:
            answers[name] = Answers.of(files[name], validation, task, threads)
    reference, groups = answers[REFERENCE], validation.groups()
    candidates = {
        name: Candidate(
            device=DEVICES.get(name, SERVED_ON),
            latency_ms=ms[name],
            groups=len(set(groups)),
            lost=one.lost(reference, groups),
            severity_error=one.severity_error or 0.0,
        )
        for name, one in answers.items()
    }
    asked = [name for name, one in candidates.items() if not objection(one, candidates[REFERENCE])]
    if asked:
        noisy = replace(validation, inputs=in_noise(validation.inputs))
        noisy_answers = {
            name: Answers.of(files[name], noisy, task, threads, threshold=answers[name].threshold)
            for name in (REFERENCE, *asked)
        }
        for name in asked:
            lost = noisy_answers[name].lost(noisy_answers[REFERENCE], groups)
            candidates[name] = replace(candidates[name], lost_in_noise=lost)
    best, why = chosen(candidates)
    notes = {**not_made, **notes, **why}
    measured = {
        name: Variant(
            name=name,
            chosen=name == best,
            record_accuracy=one.scores.accuracy,
            macro_f1=one.scores.macro_f1,
            flipped=one.flipped(reference),
            max_abs_difference=one.max_abs_difference(reference),
            latency_ms=ms[name],
        )
        for name, one in answers.items()
    }
    rows = (measured.get(name, Variant(name=name)) for name in NAMES)
    return tuple(
        row.model_copy(update={"device": DEVICES.get(row.name, SERVED_ON), "note": notes[row.name]}) for row in rows
    ), best


def _running(files: Mapping[str, Path], validation: Windows) -> tuple[dict[str, Path], dict[str, str]]:
    """Files that this processor runs, and what is to be said of the others."""
    runs: dict[str, Path] = {}
    notes: dict[str, str] = {}
    for name, path in files.items():
        try:
            OnnxAnswers(path, threads=1).probabilities(validation.rows(slice(0, 1)))
        except TOOL_ERRORS as error:
            if name == REFERENCE:
                raise
            notes[name] = f"not measured: it does not run on this processor: {str(error).splitlines()[0][:200]}"
        else:
            runs[name] = path
    return runs, notes
