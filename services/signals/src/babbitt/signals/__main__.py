"""`python -m babbitt.signals`: the service; `python -m babbitt.signals migrate`: its tables."""

import babbitt.signals
from babbitt.chassis.command import Serve, service_command
from babbitt.signals.settings import SignalsSettings


def _serve() -> Serve[SignalsSettings]:
    from babbitt.signals.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    return serve


if __name__ == "__main__":
    service_command(
        SignalsSettings, _serve, babbitt.signals.__file__, "Makes datasets: simulated, or imported from recordings."
    )
