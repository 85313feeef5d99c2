"""The rules of models that nobody has given other ones."""

from babbitt.contracts.models import GatePolicy


class DefaultPolicies:
    """The port `Policies`."""

    async def of(self, model: str) -> GatePolicy:  # noqa: ARG002 - the port's
        """As the port says."""
        return GatePolicy()
