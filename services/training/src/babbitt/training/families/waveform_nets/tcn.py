"""The body of `tcn`: dilated convolutions with residuals (Bai et al., 2018), here over both past and future."""

from torch import Tensor, nn


class DilatedBlock(nn.Module):
    """relu(x + f(x)) with f of two convolutions of three samples that lie `dilation` apart."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm1d(width),
        )
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """[batch, width, sample], of the same shape."""
        return self.relu(x + self.path(x))


class Tcn(nn.Module):
    """A strided stem, then blocks whose dilation doubles, then the mean over time.

    Args:
        channels: of the waveform.
        width: channels of every block.
        blocks: how many; the last one's dilation is 2^(blocks - 1).
        stem_stride: of the stem, whose kernel is twice as long.
    """

    def __init__(self, channels: int, width: int, blocks: int, stem_stride: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(channels, width, 2 * stem_stride, stride=stem_stride, padding=stem_stride // 2, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(DilatedBlock(width, 2**block) for block in range(blocks)))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, width]."""
        return self.blocks(self.stem(x)).mean(dim=-1)
