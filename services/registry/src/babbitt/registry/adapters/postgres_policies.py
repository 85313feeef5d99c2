"""The rules of models in PostgreSQL, within one transaction."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.contracts.model_requests import GatePolicy
from babbitt.registry.adapters.tables import MODELS, POLICIES
from babbitt.registry.domain.model import Model


class PostgresPolicies:
    """The port `Policies`.

    Args:
        session: the transaction.
        default: the installation's rules, for models that have none of their own.
    """

    def __init__(self, session: AsyncSession, default: GatePolicy) -> None:
        self._session, self._default = session, default

    async def of(self, model: str) -> GatePolicy:
        """As the port says."""
        kept = await self._session.scalar(select(POLICIES.c.policy).where(POLICIES.c.model == model))
        return self._default if kept is None else GatePolicy.model_validate(kept)

    async def revision(self, model: str) -> int:
        """As the port says."""
        return await self._session.scalar(select(POLICIES.c.revision).where(POLICIES.c.model == model)) or 0

    async def keep(self, model: Model, policy: GatePolicy) -> None:
        """As the port says."""
        facts = {"policy": policy.model_dump(mode="json"), "revision": model.revision}
        kept = insert(POLICIES).values(model=model.name, **facts)
        await self._session.execute(kept.on_conflict_do_update(index_elements=["model"], set_=facts))
        await self._session.execute(update(MODELS).where(MODELS.c.name == model.name).values(revision=model.revision))
