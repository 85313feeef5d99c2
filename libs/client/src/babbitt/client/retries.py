"""When a call is sent again: only when that is safe, and not for ever."""

import random
from dataclasses import dataclass

import httpx

from babbitt.client.errors import retry_after_s

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before the first byte of a request left: sending it again cannot do anything twice."""
TRANSIENT_STATUSES = frozenset({429, 502, 503})
"""504 is none: the deadline has passed, and more work would only lengthen the queue."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after how long.

    Attributes:
        attempts: sendings in all; 1 never sends again.
        first_delay_s, longest_delay_s: the wait doubles from one to the other, with jitter.
        longest_retry_after_s: a service that asks for a longer wait is not waited for.
    """

    attempts: int = 4
    first_delay_s: float = 0.2
    longest_delay_s: float = 5.0
    longest_retry_after_s: float = 30.0

    def delay_after_failure_s(self, error: httpx.RequestError, attempt: int, *, repeatable: bool) -> float | None:
        """Seconds to wait after no answer came to the `attempt`th sending (from 1); None: give up."""
        if attempt >= self.attempts or not (repeatable or isinstance(error, NOT_SENT)):
            return None
        return self.backoff_s(attempt)

    def delay_after_answer_s(self, response: httpx.Response, attempt: int, *, repeatable: bool) -> float | None:
        """Seconds to wait after an answer that is no success; None: that is the answer."""
        if attempt >= self.attempts or not repeatable or response.status_code not in TRANSIENT_STATUSES:
            return None
        asked = retry_after_s(response)
        if asked is None:
            return self.backoff_s(attempt)
        return asked if asked <= self.longest_retry_after_s else None

    def backoff_s(self, attempt: int) -> float:
        """A wait that doubles with each attempt, between half and the whole of it, so that clients spread."""
        whole = min(self.longest_delay_s, self.first_delay_s * 2 ** min(attempt - 1, 30))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load; guards nothing


NEVER_AGAIN = RetryPolicy(attempts=1)
