"""The kinds of error a message or a request can end in. What is none of these is a bug."""

from babbitt.contracts.errors import MalformedMessage as Malformed
from babbitt.contracts.problems import FieldProblem, Problem

__all__ = ["Malformed", "Refused", "Unavailable"]


class Refused(Exception):
    """A request was read, and the rules say no. Carries the problem that its sender is told.

    Subclasses name a rule; `slug` is the problem's stable type, `status` the HTTP status it would have.
    """

    slug = "refused"
    status = 409
    title = "The request was refused"

    def __init__(self, detail: str, *, errors: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(detail)
        self.problem = Problem.of(self.slug, self.status, self.title, detail, errors=errors)


class Unavailable(Exception):
    """Something outside is away (database, broker, object store). Tried again for as long as it lasts.

    Attributes:
        what: the dependency's name, for readiness and logs.
    """

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what} is away: {detail}")
        self.what = what
