"""Public recordings by name: where they are published, and what they must be. None of them is part of Babbitt."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A published file; only what has a sum is offered."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Files of one publisher.

    Attributes:
        base_url: their names are added to it.
        mapping: of the repository: what they are.
        split: how a dataset of these files can be divided.
        credit: whose they are.
    """

    name: str
    base_url: str
    files: tuple[PublicFile, ...]
    mapping: str
    split: str
    credit: str


CWRU = PublicSet(
    name="cwru",
    base_url="https://engineering.case.edu/sites/default/files/",
    files=(
        PublicFile("97.mat", 3_903_344, "16bf48babcf1c7ac224bc1a81cd9eafdb27e42d5cf559761907e067e8eeadf3c"),
        PublicFile("105.mat", 2_910_768, "f80b0ea04fd06b372a0eaec7c056543ea37e4bb4727a5b173d2a5bacd2aa9cab"),
        PublicFile("118.mat", 2_942_112, "b00628f8dd8d1d930af77fa465d1e5cdb385fe259489053f91f3680bda7f640e"),
        PublicFile("130.mat", 2_928_192, "35a095307d0971477049b343a1b5981dde465a58fb7f233ad89b035068c1717d"),
        PublicFile("169.mat", 2_924_712, "f5448673725c4ea2735fe7d3fe4b16ad82b217eac6b62c4bf351c4549b0a5229"),
        PublicFile("185.mat", 2_924_712, "5bea2c60f177215ba3ec4ae287faf745d7e14aed1a12efe9e37b27c27044bafc"),
        PublicFile("197.mat", 2_924_712, "fa571b47cd942f9514a920b403fb7c053cd442bb2963a360a96d0f61432f03e9"),
        PublicFile("209.mat", 2_931_672, "9f723d6d9d2eba714c6dc50f99321dffa73d8b1e4d3605675b2c2251511eff80"),
        PublicFile("222.mat", 2_928_192, "fcc0ee740fa123b1f4683f555458891719efb2857afd9fdee63e8fde0ed14469"),
        PublicFile("234.mat", 2_938_632, "ebcbdb96612e8085bbdbf81f0e5e8e8a8d1a693d1ec559c4894f7792771aa9b2"),
    ),
    mapping="examples/mappings/cwru.yaml",
    split="--split time --test 0.3",
    credit="Case Western Reserve University, Bearing Data Center; its page has the terms",
)
"""The ten-class set at no load: normal, and three sizes of faults of inner race, ball and outer race, drive end."""

PUBLIC_SETS = {one.name: one for one in (CWRU,)}
