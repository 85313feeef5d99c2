"""`python -m babbitt.training`: the service; with another command something else: `--help` names them."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Never

import babbitt.training
from babbitt.chassis.command import Serve, service_command
from babbitt.training.adapters.signing import new_pair
from babbitt.training.entrypoints import keys
from babbitt.training.families import command as families
from babbitt.training.fitting import command as jobs
from babbitt.training.settings import TrainingSettings

DESCRIPTION = """\
Runs training jobs: leases, checkpoints, evaluation, export to ONNX.
More commands need neither broker nor database: `fit` trains a model, `evaluate` tests one, `import` takes in one that
was trained elsewhere, `families` lists what can be trained, `keys` makes a pair of keys to sign artifacts with; each
has its own --help.
"""


def _job(name: str, arguments: Sequence[str]) -> Never:
    """Do a job, and end at once: taking down what torch has built, object by object, takes seconds."""
    status = jobs.main(name, arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


OTHERS = {
    **{name: partial(_job, name) for name in jobs.COMMANDS},
    "families": families.main,
    "keys": partial(keys.main, new_pair=new_pair),
}


def main() -> int:
    """Do what the command line says; the exit status."""
    if other := OTHERS.get(next(iter(sys.argv[1:]), "")):
        return other(sys.argv[2:])
    service_command(TrainingSettings, _serve, babbitt.training.__file__, DESCRIPTION)
    return 0


def _serve() -> Serve[TrainingSettings]:
    from babbitt.training.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    return serve


if __name__ == "__main__":
    sys.exit(main())
