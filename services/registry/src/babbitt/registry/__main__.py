"""`python -m babbitt.registry`: the service; `python -m babbitt.registry migrate`: its tables."""

import babbitt.registry
from babbitt.chassis.command import Serve, service_command
from babbitt.registry.settings import RegistrySettings


def _serve() -> Serve[RegistrySettings]:
    from babbitt.registry.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    return serve


if __name__ == "__main__":
    service_command(
        RegistrySettings, _serve, babbitt.registry.__file__, "Decides which version of a model serves, and why."
    )
