"""What both clients do with a call, save the sending: how they introduce themselves, and what ends an attempt."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import httpx

from babbitt.client.calls import TIMEOUT_S
from babbitt.client.errors import error_of, unreachable
from babbitt.client.retries import RetryPolicy
from babbitt.client.settings import ClientSettings

IDLE_S = 3.0
"""Idle connections are dropped before a server does it (5 s is common), or a call meets a connection that is gone."""


def httpx_options(settings: ClientSettings) -> dict[str, Any]:
    """What `httpx.Client` and `httpx.AsyncClient` are made with."""
    headers = {"Accept": "application/json", "User-Agent": f"babbitt-client/{version('babbitt-client')}"}
    if settings.key:
        headers["Authorization"] = f"Bearer {settings.key.get_secret_value()}"
    return {
        "base_url": settings.url.rstrip("/"),
        "headers": headers,
        "timeout": TIMEOUT_S,
        "limits": httpx.Limits(keepalive_expiry=IDLE_S),
        "follow_redirects": False,  # a redirect would carry the key to another place
    }


@dataclass(slots=True)
class Attempts:
    """The sendings of one call: each one that failed gives the seconds to wait before the next, or raises.

    Attributes:
        repeatable: the call may be sent again although it may have arrived.
        failed: attempts without success so far.
    """

    policy: RetryPolicy
    repeatable: bool
    failed: int = 0

    def after_no_answer_s(self, error: httpx.RequestError) -> float:
        """Raises Unavailable when it is not to be sent again."""
        self.failed += 1
        delay_s = self.policy.delay_after_failure_s(error, self.failed, repeatable=self.repeatable)
        if delay_s is None:
            raise unreachable(error.request.url, error) from error
        return delay_s

    def after_answer_s(self, response: httpx.Response) -> float | None:
        """None: a success. Raises the answer's BabbittError when it is not to be sent again."""
        if response.is_success:
            return None
        self.failed += 1
        delay_s = self.policy.delay_after_answer_s(response, self.failed, repeatable=self.repeatable)
        if delay_s is None:
            raise error_of(response)
        return delay_s

    def after_break_s(self, response: httpx.Response, asked_s: float) -> float:
        """A stream ended, which it never does by itself. Raises Unavailable when it keeps ending without a word.

        Args:
            response: the stream.
            asked_s: the wait that the stream asked for.
        """
        self.failed += 1
        if self.failed >= self.policy.attempts:
            raise unreachable(response.url, ConnectionError("the stream keeps breaking off"))
        return max(asked_s, self.policy.backoff_s(self.failed))

    def went_on(self) -> None:
        """Something arrived: what failed before counts no more."""
        self.failed = 0
