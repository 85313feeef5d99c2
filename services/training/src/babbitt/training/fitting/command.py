"""`python -m babbitt.training fit|evaluate|import`: a job as a process of its own, without broker or database."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from babbitt.contracts.training_requests import EvaluationRequested, ImportRequested, TrainRequested
from babbitt.training.families.registry import load_presets
from babbitt.training.fitting import processes
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable, FitError, OutOfMemory
from babbitt.training.fitting.layout import CHECKPOINTS
from babbitt.training.fitting.memory import FOREIGN_BYTES, bounded, is_of_memory
from babbitt.training.fitting.parent import Parent
from babbitt.training.fitting.progress import CheckpointWritten, Failed, Progress, take_standard_output
from babbitt.training.fitting.request import read_request

DONE, FAILED, BAD_INPUT, PARENT_GONE = 0, 1, 2, 3
SPREADS = "fit"
AUTO = "auto"

type Tell = Callable[[Progress], None]
type Work = Callable[[argparse.Namespace, Tell], None]


@dataclass(frozen=True, slots=True)
class Command:
    """A kind of job, as a command."""

    description: str
    work: Work


EPILOG = "exit status: 0 done; 1 nothing came of it; 2 the request or the data cannot be used; 3 the parent is gone"


def main(name: str, arguments: Sequence[str]) -> int:
    """Do a job as the command line says; the process's exit status."""
    command = COMMANDS[name]
    options = _parser(name, command.description).parse_args(arguments)
    if name == SPREADS and not processes.launched() and (number := _processes(options)) > 1:
        return processes.launch(number, [name, *arguments])
    with processes.told_of():
        return _run(name, command.work, options)


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m babbitt.training {name}",
        description=description,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("request", type=Path, metavar="REQUEST", help="a JSON file: what is asked for")
    parser.add_argument("--data", type=Path, required=True, metavar="DATA", help="folder of the dataset")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="OUT", help="folder of what comes out; made if missing"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT, if there is one")
    parser.add_argument(
        "--or-anew", action="store_true", help="with --resume: from the beginning where that cannot be used"
    )
    parser.add_argument(
        "--threads",
        type=_positive,
        help="processor threads of each process (default: all there are, divided among the processes)",
    )
    parser.add_argument(
        "--processes",
        type=lambda text: None if text == AUTO else _positive(text),
        default=1,
        metavar="N",
        help="processes that a fit is spread over; auto: one for each CUDA device (default: %(default)s)",
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
    parser.add_argument(
        "--trial", action="store_true", help="end with the validation loss: no file, no look at the test split"
    )
    parser.add_argument(
        "--profile",
        type=_positive,
        metavar="STEPS",
        help="write where the time of so many steps of learning goes: OUT/profile.txt and OUT/profile-trace.json",
    )
    parser.add_argument("--end-with-stdin", action="store_true", help="end at once when standard input is closed")
    parser.add_argument(
        "--in-step",
        action="store_true",
        help="be at most one checkpoint ahead of the reader, who answers each with a line on standard input",
    )
    return parser


def _run(name: str, work: Work, arguments: argparse.Namespace) -> int:
    tell = _teller(arguments)
    try:
        _prepare()
        work(arguments, tell)
    except FitError as error:
        return _failed(name, tell, error)
    except Exception as error:  # ONNX Runtime's errors have no other kind
        if not is_of_memory(error):
            raise
        return _failed(name, tell, OutOfMemory(str(error).splitlines()[0] if str(error) else "no memory is left"))
    return DONE


def _failed(name: str, tell: Tell, error: FitError) -> int:
    if processes.has_last_word():
        tell(Failed(kind=error.kind, reason=str(error)))
    sys.stderr.write(f"{name}: {error}\n")
    return BAD_INPUT if isinstance(error, BadRequest | DatasetUnusable) else FAILED


def _teller(arguments: argparse.Namespace) -> Tell:
    """Writes progress to standard output; in step with the parent, it waits where that is a checkpoint behind.

    Of several processes the first one tells, but for the end that another one comes to.
    """
    parent, leads = None, processes.rank() == 0
    if leads and (arguments.end_with_stdin or arguments.in_step):
        parent = Parent(end_with_it=PARENT_GONE if arguments.end_with_stdin else None)
    lines, checkpoints = take_standard_output(), 0

    def tell(progress: Progress) -> None:
        nonlocal checkpoints
        if not (leads or isinstance(progress, Failed)):
            return
        lines.write(progress.model_dump_json() + "\n")
        if parent and arguments.in_step and isinstance(progress, CheckpointWritten):
            parent.wait_for_lines(checkpoints)
            checkpoints += 1

    return tell


def _prepare() -> None:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it would write a device id into the user's cache
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads stall each other where processors are shared
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic sums on CUDA


def _fit(arguments: argparse.Namespace, tell: Tell) -> None:
    request, dataset = read_request(arguments.request, TrainRequested), DatasetFolder(arguments.data)
    import torch  # noqa: PLC0415 - takes seconds: not for --help, nor where there is nothing to read

    from babbitt.training.fitting.bases import Bases  # noqa: PLC0415 - loads torch
    from babbitt.training.fitting.fit import Fit  # noqa: PLC0415 - loads torch and ONNX Runtime
    from babbitt.training.fitting.hardware import Hardware  # noqa: PLC0415 - loads torch

    hardware = Hardware.chosen(arguments.device)
    if hardware.device.type == "cuda":
        torch.cuda.set_device(hardware.device)
    fit = Fit(load_presets(), request, dataset, arguments.out, tell, Bases(arguments.bases), arguments.budget_s)
    fit.run(
        resume=arguments.resume,
        or_anew=arguments.or_anew,
        threads=_threads(arguments),
        hardware=hardware,
        trial=arguments.trial,
        profiled_steps=(arguments.profile or 0) if hardware.leads else 0,
    )


def _threads(arguments: argparse.Namespace) -> int:
    return arguments.threads or max(1, len(os.sched_getaffinity(0)) // processes.ranks())


def _processes(arguments: argparse.Namespace) -> int:
    """How many are asked for; on a processor a resume takes as many as before, or its sums would differ."""
    goes_on = arguments.resume and (arguments.out / CHECKPOINTS).is_dir()
    if arguments.processes == 1 and not goes_on:
        return 1
    from babbitt.training.fitting import checkpoint as checkpoints  # noqa: PLC0415 - loads torch
    from babbitt.training.fitting.hardware import Hardware, devices  # noqa: PLC0415 - loads torch

    try:
        exact = Hardware.chosen(arguments.device).exact
    except BadRequest:
        return 1  # which says so itself
    before = checkpoints.latest(arguments.out / CHECKPOINTS) if goes_on and exact else None
    if before:
        return checkpoints.ranks_of(before)
    return arguments.processes or (1 if exact else devices())


def _evaluate(arguments: argparse.Namespace, tell: Tell) -> None:
    request, dataset = read_request(arguments.request, EvaluationRequested), DatasetFolder(arguments.data)
    from babbitt.training.fitting.bases import Bases  # noqa: PLC0415 - loads torch
    from babbitt.training.fitting.tested_version import VersionTest  # noqa: PLC0415 - loads ONNX Runtime

    with bounded(FOREIGN_BYTES + 2 * dataset.size_bytes):
        VersionTest(request, dataset, Bases(arguments.bases), arguments.out, tell).run(_threads(arguments))


def _import(arguments: argparse.Namespace, tell: Tell) -> None:
    request, dataset = read_request(arguments.request, ImportRequested), DatasetFolder(arguments.data)
    from babbitt.training.fitting.bases import Bases  # noqa: PLC0415 - loads torch
    from babbitt.training.fitting.model_import import ModelImport  # noqa: PLC0415 - loads ONNX Runtime

    with bounded(FOREIGN_BYTES + 2 * dataset.size_bytes):
        ModelImport(request, dataset, Bases(arguments.bases), arguments.out, tell).run(_threads(arguments))


FIT = """\
Train a model on a dataset, export it to ONNX, and evaluate the exported file on the test split.

REQUEST is a TrainRequested as JSON; model and dataset are enough:
  {"model": "pump", "dataset": "<SHA-256>", "preset": "spectral_base", "seed": 0, "overrides": {"epochs": 20}}
DATA holds a dataset: manifest.json and beside it its shards.
OUT gets model.onnx, weights.pt, variants/, report.json, predictions.json, figures/, and checkpoints/ as it learns.

Standard output has one JSON object a line, told apart by "event": started, progress, epoch, checkpoint, completed,
failed; standard error is for people. The same request, data, processor and number of threads give the same weights, bit
for bit. With --processes N, or started by `torchrun --nproc-per-node=N`, it is spread over N processes of this host.
"""
EVALUATE = """\
Test a version on the test split of a dataset, by the ONNX file that serves.

REQUEST is an EvaluationRequested as JSON; BASES/bases.json names the version's file with the role "tested".
OUT gets report.json, predictions.json and figures/; standard output tells progress, evaluated, failed.
"""
IMPORT = """\
Make a candidate of an ONNX file that was trained elsewhere: hold it against its specifications, calibrate and test it.

REQUEST is an ImportRequested as JSON; BASES/bases.json names the file with the role "tested".
OUT gets model.onnx, report.json, predictions.json and figures/; standard output tells progress, completed, failed.
"""
COMMANDS = {"fit": Command(FIT, _fit), "evaluate": Command(EVALUATE, _evaluate), "import": Command(IMPORT, _import)}


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
