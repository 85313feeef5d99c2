"""The revision of what an event is about: readers of state keep the higher one."""

from babbitt.contracts.envelope import Envelope

LARGEST = 2**63 - 1
_MOST_DIGITS = 20


def sequence_of(envelope: Envelope) -> int:
    """An envelope's sequence as a number that the database holds; 0 where there is none, or none of ours."""
    text = envelope.sequence or ""
    known = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return min(int(text), LARGEST) if known else 0
