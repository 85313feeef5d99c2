"""`python -m babbitt.signals`: the service; `python -m babbitt.signals migrate`: its tables."""

import babbitt.signals
from babbitt.chassis.command import service_command
from babbitt.signals.main import serve
from babbitt.signals.settings import SignalsSettings

if __name__ == "__main__":
    service_command(
        SignalsSettings, serve, babbitt.signals.__file__, "Makes datasets: simulated, or imported from recordings."
    )
