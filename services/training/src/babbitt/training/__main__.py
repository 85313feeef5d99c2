"""`python -m babbitt.training`: the service; `… migrate`: its tables; `… fit`: a fit by itself."""

import sys

import babbitt.training
from babbitt.chassis.command import Serve, service_command
from babbitt.training.fitting import command as fit
from babbitt.training.settings import TrainingSettings

DESCRIPTION = """\
Runs training jobs: leases, checkpoints, evaluation, export to ONNX.
A third command, `fit`, trains a model without broker or database: `fit --help` says how.
"""


def main() -> int:
    """Do what the command line says; the exit status."""
    if sys.argv[1:2] == ["fit"]:
        return fit.main(sys.argv[2:])
    service_command(TrainingSettings, _serve, babbitt.training.__file__, DESCRIPTION)
    return 0


def _serve() -> Serve[TrainingSettings]:
    from babbitt.training.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    return serve


if __name__ == "__main__":
    sys.exit(main())
