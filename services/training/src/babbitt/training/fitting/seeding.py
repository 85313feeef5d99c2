"""Randomness that follows from the seed and from what it is for, so that a resumed job draws the same numbers."""

import hashlib

import torch


def derived_seed(*parts: int | str) -> int:
    """63 bits that follow from `parts`."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(device: torch.device, *parts: int | str) -> torch.Generator:
    """A generator whose draws follow from `parts`."""
    return torch.Generator(device).manual_seed(derived_seed(*parts))


def seed_torch(*parts: int | str) -> None:
    """Seed torch's own generators (initial weights, dropout) from `parts`."""
    torch.manual_seed(derived_seed(*parts))
