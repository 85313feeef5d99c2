"""One fit in several processes of one host: how they are started, told apart and ended together."""

import ctypes
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

PR_SET_PDEATHSIG = 1
"""Of Linux: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html."""
OF_SIGNALS = 128
"""An exit status above this one stands for a signal, as shells have it."""
HERE = "127.0.0.1"
LAUNCHER = "BABBITT_FIT_LAUNCHER"
"""In the environment of a launched process: the id of the one that launched it."""
LAUNCHER_GONE = 3
INTERFACES = ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME")
STORE_WAIT_S = 5.0


def rank() -> int:
    """Which of them this one is; 0: the first, or the only one."""
    return int(os.environ.get("RANK", "0"))


def ranks() -> int:
    """How many there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def launched() -> bool:
    """Whether this process is one that a launcher started."""
    return "WORLD_SIZE" in os.environ


def launch(processes: int, arguments: Sequence[str]) -> int:
    """Run `python -m babbitt.training` with these arguments in so many processes; the exit status.

    By torch's elastic launcher, which is what `torchrun` is made of: where one fails, it ends the others.
    """
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs  # noqa: PLC0415 - loads torch
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError  # noqa: PLC0415
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch  # noqa: PLC0415

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # its words are not for people
    for name in INTERFACES:
        os.environ.setdefault(name, "lo")
    os.environ[LAUNCHER] = str(os.getpid())
    with tempfile.TemporaryDirectory(prefix="babbitt-fit-") as errors:
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=processes,
            run_id=uuid4().hex,
            rdzv_backend="c10d",
            rdzv_endpoint=f"{HERE}:0",
            local_addr=HERE,
            max_restarts=0,
            logs_specs=DefaultLogsSpecs(log_dir=errors),
        )
        try:
            elastic_launch(config, sys.executable)("-m", "babbitt.training", *arguments)
        except ChildFailedError as error:
            return _failed(error, processes)
    return 0


def _failed(error: "ChildFailedError", processes: int) -> int:
    """Say what the launcher knows of the first failure; what a process can be told of, it has said itself."""
    first, failure = error.get_first_failure()
    if Path(failure.error_file).is_file() or failure.exitcode < 0:
        said: Any = failure.message  # or what a process has recorded
        reason: str = said["message"] if isinstance(said, dict) else said
        sys.stderr.write(f"process {first + 1} of {processes} failed first: {reason.strip().splitlines()[-1]}\n")
    return failure.exitcode if failure.exitcode > 0 else OF_SIGNALS - failure.exitcode


@contextmanager
def told_of() -> Generator[None]:
    """One of several processes: its launcher hears of its errors, and it ends where the launcher does.

    Also where that one is killed: by itself it would wait for the others for ever.
    """
    if not launched():
        yield
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = str(os.getppid())
    if os.environ.get(LAUNCHER, parent) != parent:  # it was gone before: of that there is no signal
        sys.exit(LAUNCHER_GONE)
    from torch.distributed.elastic.multiprocessing.errors import get_error_handler  # noqa: PLC0415 - takes seconds

    handler = get_error_handler()
    handler.initialize()
    try:
        yield
    except Exception as error:
        handler.record_exception(error)
        raise


def has_last_word() -> bool:
    """Whether this is the process that says why all of them end: the first that asks."""
    if ranks() == 1:
        return True
    from torch._C._distributed_c10d import TCPStore  # noqa: PLC0415 - where its stubs have it
    from torch.distributed import DistError  # noqa: PLC0415 - loads torch

    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    try:
        store = TCPStore(
            address, port, is_master=False, wait_for_workers=False, timeout=timedelta(seconds=STORE_WAIT_S)
        )
        return store.add("babbitt/last word", 1) == 1
    except DistError:
        return rank() == 0
