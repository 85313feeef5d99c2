"""`python -m babbitt.registry`: the service; `… migrate`: its tables; `… rebuild`: their content, from the topics."""

import sys

import babbitt.registry
from babbitt.chassis.command import Serve, service_command
from babbitt.registry.settings import RegistrySettings

DESCRIPTION = """Decides which version of a model serves, and why.

`rebuild --help` tells how an empty schema is filled from the topics."""


def _serve() -> Serve[RegistrySettings]:
    from babbitt.registry.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    return serve


if __name__ == "__main__":
    if sys.argv[1:2] == ["rebuild"]:
        from babbitt.registry.entrypoints.rebuild_command import rebuild_command
        from babbitt.registry.rebuilding import rebuild

        rebuild_command(sys.argv[2:], rebuild)
    else:
        service_command(RegistrySettings, _serve, babbitt.registry.__file__, DESCRIPTION)
