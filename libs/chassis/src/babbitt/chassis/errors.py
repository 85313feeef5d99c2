"""The kinds of error a message or a request can end in. What is none of these is a bug."""

from babbitt.contracts.errors import MalformedMessage as Malformed
from babbitt.contracts.problems import FieldProblem, Problem

__all__ = ["Malformed", "Refused", "StorageRefused", "Unavailable"]


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

    says = "is away"

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what} {self.says}: {detail}")
        self.what = what


class StorageRefused(Unavailable):
    """A store or a disk is there and takes nothing: no space, no quota, no permission, no bucket. Somebody has to act.

    Who does not bound its tries goes on as with what is away.
    """

    says = "takes nothing"
