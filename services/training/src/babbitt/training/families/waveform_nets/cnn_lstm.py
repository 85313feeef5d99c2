"""The body of `cnn_lstm`: convolutions shorten the waveform, a recurrent layer reads what they leave."""

from collections.abc import Sequence

from torch import Tensor, nn

POOLED = 4
"""Samples that each convolution's maximum is taken over, which is its stride too."""
KERNEL_SAMPLES = 9


class CnnLstm(nn.Module):
    """Convolutions with a maximum over four samples each, then an LSTM; its outputs' mean over time.

    The mean and not the last output: a burst early in the window counts as much as one at its end.

    Args:
        channels: of the waveform.
        widths: channels of each convolution.
        hidden: of the LSTM, which reads in both directions: it has twice as many outputs.
    """

    def __init__(self, channels: int, widths: Sequence[int], hidden: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels
        for width in widths:
            layers += [
                nn.Conv1d(before, width, KERNEL_SAMPLES, padding=KERNEL_SAMPLES // 2, bias=False),
                nn.BatchNorm1d(width),
                nn.ReLU(),
                nn.MaxPool1d(POOLED),
            ]
            before = width
        self.convolutions = nn.Sequential(*layers)
        self.recurrent = nn.LSTM(before, hidden, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channel, sample] to [batch, 2 hidden]."""
        steps = self.convolutions(x).transpose(1, 2)
        return self.recurrent(steps)[0].mean(dim=1)
