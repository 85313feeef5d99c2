"""`python -m babbitt.training fit`: a fit as a process of its own, without broker or database."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable, FitError
from babbitt.training.fitting.parent import Parent
from babbitt.training.fitting.progress import CheckpointWritten, Failed, Progress, take_standard_output
from babbitt.training.fitting.request import read_request

DONE, FAILED, BAD_INPUT, PARENT_GONE = 0, 1, 2, 3

DESCRIPTION = """\
Train a model on a dataset, export it to ONNX, and evaluate the exported file on the test split.

REQUEST is a TrainRequested as JSON; model and dataset are enough:
  {"model": "pump", "dataset": "<SHA-256>", "preset": "spectral_base", "seed": 0, "overrides": {"epochs": 20}}
DATA holds a dataset: manifest.json and beside it its shards.
OUT gets model.onnx, report.json, predictions.json, and checkpoints/ after every epoch.

Standard output has one JSON object a line, told apart by "event": started, epoch, checkpoint, completed, failed;
standard error is for people. The same request, data, processor and number of threads give the same model, bit for bit.
"""
EPILOG = "exit status: 0 done; 1 no model came of it; 2 the request or the data cannot be used; 3 the parent is gone"


def main(arguments: Sequence[str]) -> int:
    """Fit as the command line says; the process's exit status."""
    return _run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.training fit",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("request", type=Path, metavar="REQUEST", help="a JSON file: what to train")
    parser.add_argument("--data", type=Path, required=True, metavar="DATA", help="folder of the dataset")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="OUT", help="folder of what comes out; made if missing"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT, if there is one")
    parser.add_argument(
        "--threads",
        type=_positive,
        default=len(os.sched_getaffinity(0)),
        help="processor threads (default: %(default)s)",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: CUDA where there is one"
    )
    parser.add_argument(
        "--bases", type=Path, metavar="FOLDER", help="other versions that it needs: bases.json and files"
    )
    parser.add_argument(
        "--budget-s", type=float, metavar="S", help="seconds that all may take (default: the request's budget_minutes)"
    )
    parser.add_argument("--end-with-stdin", action="store_true", help="end at once when standard input is closed")
    parser.add_argument(
        "--in-step",
        action="store_true",
        help="be at most one checkpoint ahead of the reader, who answers each with a line on standard input",
    )
    return parser


def _run(arguments: argparse.Namespace) -> int:
    tell = _teller(arguments)
    try:
        _fit(arguments, tell)
    except FitError as error:
        tell(Failed(kind=error.kind, reason=str(error)))
        sys.stderr.write(f"fit: {error}\n")
        return BAD_INPUT if isinstance(error, BadRequest | DatasetUnusable) else FAILED
    return DONE


def _teller(arguments: argparse.Namespace) -> Callable[[Progress], None]:
    """Writes progress to standard output; in step with the parent, it waits where that is a checkpoint behind."""
    parent = None
    if arguments.end_with_stdin or arguments.in_step:
        parent = Parent(end_with_it=PARENT_GONE if arguments.end_with_stdin else None)
    lines, checkpoints = take_standard_output(), 0

    def tell(progress: Progress) -> None:
        nonlocal checkpoints
        lines.write(progress.model_dump_json() + "\n")
        if parent and arguments.in_step and isinstance(progress, CheckpointWritten):
            parent.wait_for_lines(checkpoints)
            checkpoints += 1

    return tell


def _fit(arguments: argparse.Namespace, tell: Callable[[Progress], None]) -> None:
    request, dataset = read_request(arguments.request), DatasetFolder(arguments.data)
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it would write a device id into the user's cache
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads stall each other where processors are shared
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic sums on CUDA
    import torch  # noqa: PLC0415 - takes seconds: not for --help, nor where there is nothing to read

    from babbitt.training.fitting.bases import Bases  # noqa: PLC0415 - loads torch
    from babbitt.training.fitting.fit import Fit  # noqa: PLC0415 - loads torch and ONNX Runtime
    from babbitt.training.fitting.hardware import Hardware  # noqa: PLC0415 - loads torch

    hardware = Hardware.chosen(arguments.device)
    if hardware.device.type == "cuda":
        torch.cuda.set_device(hardware.device)
    with hardware.joined():
        fit = Fit(load_presets(), request, dataset, arguments.out, tell, Bases(arguments.bases), arguments.budget_s)
        fit.run(resume=arguments.resume, threads=arguments.threads, hardware=hardware)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
