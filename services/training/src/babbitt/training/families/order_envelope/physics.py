"""What physics has against an answer: a damaged part that strikes leaves a line at its own order."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from babbitt.training.families.order_envelope.lines import BALL, CAGE, INNER, OUTER, FaultLines

PARTS = {"outer_race": OUTER, "inner_race": INNER, "ball": BALL, "cage": CAGE}
"""Classes that name the part that is damaged."""
BINS_A_LINE = 3
"""A line is looked for among so many bins at least."""
BY_CHANCE = 0.05


def chance_level(bins: int) -> float:
    """What the strongest of so many bins of noise exceeds one time in twenty, in nats over their median.

    The power of noise in a bin is exponentially distributed: with median 1 it exceeds e^x with probability 2^-(e^x).
    """
    return math.log(-math.log2(1.0 - (1.0 - BY_CHANCE) ** (1.0 / bins)))


class MissingLines(nn.Module):
    """A penalty on probability that is given to a part whose lines stand no higher than noise might by chance.

    Of the classes c that name a part of the bearing: sum of p_c * max(0, chance - e_c), in nats, where e_c is the level
    over the background of the strongest harmonic of the part's order in any band, and `chance` the `chance_level` of as
    many bins. Probabilities alone have gradients; the features are what was measured. 0 where every part that is
    believed to be damaged has a line, or where none of its lines could be looked for. It is a hinge on a constraint, as
    in Karpatne et al., "Physics-guided neural networks", 2017; the lines are those of Randall and Antoni, 2011. Balls
    often damage without a line: then it is wrong.

    Args:
        lines: where features come from.
        signals: channels times bands.
        class_names: in the order of the probabilities.
    """

    def __init__(self, lines: FaultLines, signals: int, class_names: Sequence[str]) -> None:
        super().__init__()
        self.shape = signals, lines.lines
        alone = lines.sides.abs().sum(dim=0) == 0
        self.known = [(place, PARTS[name]) for place, name in enumerate(class_names) if name in PARTS]
        own = [alone & (lines.carriers[part] > 0) for _, part in self.known]
        chances = [chance_level(BINS_A_LINE * signals * int(one.sum())) for one in own]
        self.register_buffer("own", torch.stack(own) if own else torch.zeros(0, lines.lines), persistent=False)
        self.register_buffer("chances", torch.tensor(chances), persistent=False)

    own: Tensor
    chances: Tensor

    @property
    def knows_any(self) -> bool:
        """Whether any class names a part."""
        return bool(self.known)

    def forward(self, features: Tensor, probabilities: Tensor) -> Tensor:
        """[batch, feature] and [batch, class] to [batch]."""
        strongest = features.reshape(-1, *self.shape).amax(dim=1)[:, None].expand(-1, len(self.known), -1)
        looked_for = self.own & (strongest != 0)  # where the spectrum ends a line is 0
        level = torch.where(looked_for, strongest, -torch.inf).amax(dim=-1)
        missing = torch.where(looked_for.any(dim=-1), torch.relu(self.chances - level), 0.0)
        return (probabilities[:, [place for place, _ in self.known]] * missing.detach()).sum(dim=-1)
