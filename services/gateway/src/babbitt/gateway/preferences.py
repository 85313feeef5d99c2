"""The `Prefer` header (RFC 7240): `respond-async` and `wait=N`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the caller prefers; what is not understood is passed over, as the RFC says."""

    respond_async: bool = False
    wait_s: float = 0.0

    @property
    def applied(self) -> dict[str, str]:
        """The header that says what was done."""
        said = (["respond-async"] if self.respond_async else []) + ([f"wait={self.wait_s:g}"] if self.wait_s else [])
        return {"Preference-Applied": ", ".join(said)} if said else {}


def read_preferences(header: str | None) -> Preferences:
    """The preferences of a `Prefer` header."""
    respond_async, wait_s = False, 0.0
    for part in (header or "").split(","):
        name, _, value = part.split(";", 1)[0].partition("=")
        value = value.strip().strip('"')
        match name.strip().lower():
            case "respond-async":
                respond_async = True
            case "wait" if value.isascii() and value.isdecimal():
                wait_s = min(float(value[:9]), LONGEST_WAIT_S)
            case _:
                pass
    return Preferences(respond_async, wait_s)


def _preferences(prefer: Annotated[str | None, Header(description="`wait=SECONDS`: answer once it is done")] = None):  # noqa: ANN202
    return read_preferences(prefer)


Preferred = Annotated[Preferences, Depends(_preferences)]
"""The caller's preferences, as a FastAPI parameter."""
