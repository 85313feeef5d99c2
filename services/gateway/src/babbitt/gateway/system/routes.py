"""`/v1/system/services`: who is alive, and what it serves."""

from fastapi import APIRouter

from babbitt.gateway.keys.scopes import READ
from babbitt.gateway.problems import documented
from babbitt.gateway.system.roster import Roster
from babbitt.gateway.system.schemas import Replica, Services


def system_routes(roster: Roster) -> APIRouter:
    """The routes of the installation's own state."""
    router = APIRouter(prefix="/v1/system", tags=["system"], dependencies=[READ])

    @router.get("/services", responses=documented())
    async def list_services() -> Services:
        """Every replica of every service, by its heartbeats."""
        now = roster.now()
        return Services(
            items=[
                Replica(
                    **seen.heartbeat.model_dump(include=set(Replica.model_fields)),
                    alive=seen.alive(now),
                    silent_s=round(seen.silent_s(now), 3),
                    heard_at=seen.heartbeat.sent_at,
                )
                for seen in roster.replicas()
            ]
        )

    return router
