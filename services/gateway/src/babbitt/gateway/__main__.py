"""`python -m babbitt.gateway`: the service; `… migrate`: its tables; `… keys`: API keys."""

import sys

import babbitt.gateway
from babbitt.chassis.command import Serve, service_command
from babbitt.gateway.settings import GatewaySettings

DESCRIPTION = """Serves client applications: REST and server-sent events.

`keys --help` tells how API keys are made, listed and revoked."""


def _serve() -> Serve[GatewaySettings]:
    from babbitt.gateway.main import serve  # noqa: PLC0415 - most of what it loads is not needed to migrate

    return serve


if __name__ == "__main__":
    if sys.argv[1:2] == ["keys"]:
        from babbitt.gateway.keys.commands import keys_command

        keys_command(sys.argv[2:])
    else:
        service_command(GatewaySettings, _serve, babbitt.gateway.__file__, DESCRIPTION)
