"""`python -m babbitt.gateway`: the service; `… migrate`: its tables; `… keys`: API keys."""

import sys

import babbitt.gateway
from babbitt.chassis.command import service_command
from babbitt.gateway.keys.commands import keys_command
from babbitt.gateway.main import serve
from babbitt.gateway.settings import GatewaySettings

DESCRIPTION = """Serves client applications: REST and server-sent events.

`keys --help` tells how API keys are made, listed and revoked."""

if __name__ == "__main__":
    if sys.argv[1:2] == ["keys"]:
        keys_command(sys.argv[2:])
    else:
        service_command(GatewaySettings, serve, babbitt.gateway.__file__, DESCRIPTION)
