"""What can go wrong around the processes, told in one line a user can act on."""


class NativeError(Exception):
    """The native stack cannot do what was asked; the message says why and what to do."""


class PortTakenError(NativeError):
    """Something else listens on the port that was asked for."""

    def __init__(self, host: str, port: int, *, of: str, choose: str) -> None:
        """Name the port, what it is for (`of`) and how another one is chosen (`choose`)."""
        super().__init__(f"port {port} on {host} is taken, {of} cannot listen there: {choose}")
