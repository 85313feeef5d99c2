"""What a caller may do, as FastAPI dependencies; the OpenAPI document learns the scheme from them."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase

from babbitt.gateway.errors import MissingScope
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.schemas import Scope
from babbitt.gateway.metrics import AUTH_FAILURES


def check_scope(caller: Caller, scope: Scope) -> None:
    """Let the caller pass.

    Raises:
        MissingScope: its key does not have the scope.
    """
    if scope not in caller.scopes:
        AUTH_FAILURES.labels("scope").inc()
        raise MissingScope(f"this needs the scope {scope}; the key has {', '.join(sorted(caller.scopes))}")


class Needs(SecurityBase):
    """Lets a request pass whose key has a scope; the front has checked the key before."""

    def __init__(self, scope: Scope) -> None:
        self.scope: Scope = scope
        self.model = HTTPBearer(description="An API key: `bbt_<id>_<secret>`")
        self.scheme_name = "api_key"

    async def __call__(self, request: Request) -> Caller:
        """The caller.

        Raises:
            MissingScope: as `check_scope`.
        """
        caller: Caller = request.state.caller
        check_scope(caller, self.scope)
        return caller


class ScopedRoute(APIRoute):
    """A route whose scopes are asked for before FastAPI reads and parses a body, which it does before anything else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own, for those who may."""
        handle = super().get_route_handler()
        needed = [part.call for part in self.dependant.dependencies if isinstance(part.call, Needs)]

        async def scoped(request: Request) -> Response:
            for needs in needed:
                await needs(request)
            return await handle(request)

        return scoped


READ, PREDICT = Depends(Needs("read")), Depends(Needs("predict"))
DATASETS, TRAIN = Depends(Needs("datasets")), Depends(Needs("train"))
PROMOTE, ADMIN = Depends(Needs("promote")), Depends(Needs("admin"))
