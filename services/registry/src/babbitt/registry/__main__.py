"""`python -m babbitt.registry`: the service; `python -m babbitt.registry migrate`: its tables."""

import babbitt.registry
from babbitt.chassis.command import service_command
from babbitt.registry.main import serve
from babbitt.registry.settings import RegistrySettings

if __name__ == "__main__":
    service_command(
        RegistrySettings, serve, babbitt.registry.__file__, "Decides which version of a model serves, and why."
    )
