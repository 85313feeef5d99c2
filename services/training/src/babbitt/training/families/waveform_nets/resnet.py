"""The body of `resnet1d`: residual blocks of two convolutions (He et al., 2016), in one dimension."""

from collections.abc import Sequence

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """relu(x + f(x)) with f of two convolutions of three samples; where the shape changes, x is projected."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv1d(before, after, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm1d(after),
            nn.ReLU(),
            nn.Conv1d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm1d(after),
        )
        self.by: nn.Module = nn.Identity()
        if stride > 1 or before != after:
            self.by = nn.Sequential(nn.Conv1d(before, after, 1, stride=stride, bias=False), nn.BatchNorm1d(after))
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """[batch, before, sample] to [batch, after, sample / stride]."""
        return self.relu(self.by(x) + self.path(x))


class ResNet(nn.Module):
    """A stem, then stages of blocks, each stage after the first at half the rate, then the mean over time.

    Args:
        channels: of the waveform.
        widths: channels of each stage.
        blocks: of each stage.
        stem_samples, stem_stride: of the first convolution, which a maximum over three at stride two follows.
    """

    def __init__(self, channels: int, widths: Sequence[int], blocks: int, stem_samples: int, stem_stride: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(channels, widths[0], stem_samples, stride=stem_stride, padding=stem_samples // 2, bias=False),
            nn.BatchNorm1d(widths[0]),
            nn.ReLU(),
            nn.MaxPool1d(3, stride=2, padding=1),
        )
        stages: list[nn.Module] = []
        before = widths[0]
        for stage, width in enumerate(widths):
            for block in range(blocks):
                stages.append(ResidualBlock(before, width, 2 if stage and not block else 1))
                before = width
        self.stages = nn.Sequential(*stages)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, last width]."""
        return self.stages(self.stem(x)).mean(dim=-1)
