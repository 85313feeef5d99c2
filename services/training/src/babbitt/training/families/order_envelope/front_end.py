"""What `order_envelope` reads, whatever its head: lines of bands' envelopes at the orders of a bearing's faults."""

import torch
from torch import Tensor

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.classifier import Answer, WaveformClassifier
from babbitt.training.families.order_envelope.bands import BandEnvelopes
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig
from babbitt.training.families.order_envelope.lines import FaultLines
from babbitt.training.families.order_envelope.orders import OrderSpectrum
from babbitt.training.families.order_envelope.speed import SpeedRefinement


class ReadsFaultLines(WaveformClassifier):
    """From inputs to `features` numbers: how far each line stands above its background, in every band.

    Reads no amplitude: a window is brought to RMS 1, and lines count over their background. Why
    squared envelopes, and why in orders: Randall and Antoni, "Rolling element bearing diagnostics - a tutorial", 2011.
    """

    def __init__(self, config: OrderEnvelopeConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__()
        self.task = spec.task
        slowest_hz = config.revolutions / config.window_duration_s(data)
        self.envelopes = BandEnvelopes(
            config.bands, config.lowest_hz, config.highest_hz, data.sampling_rate_hz, config.points * slowest_hz
        )
        self.spectrum = OrderSpectrum(self.envelopes.rate_hz, config.revolutions, config.points, config.highest_order)
        bins_an_order, bins = self.spectrum.bins_an_order, self.spectrum.bins
        self.speed = SpeedRefinement(bins_an_order, config.speed_tolerance)
        self.refines = config.speed_tolerance > 0
        self.lines = FaultLines(bins_an_order, bins, config.harmonics, config.slip_tolerance)
        self.signals = len(data.channels) * config.bands
        self.features = self.signals * self.lines.lines

    def front_end(self, *inputs: Tensor) -> Tensor:
        """Waveform [batch, channel, sample], shaft speed [batch], fault orders [batch, 4] to [batch, feature]."""
        return self._at_refined_speed(*inputs)[0]

    def forward(self, *inputs: Tensor) -> Answer:
        """Answer a batch of windows; where the nominal speed is refined, tell to what."""
        features, speed_ratio = self._at_refined_speed(*inputs)
        answer = self.answer(features)
        return answer._replace(refined_shaft_speed_hz=speed_ratio * inputs[1]) if self.refines else answer

    def _at_refined_speed(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Features [batch, feature], and the speed over the nominal one [batch]."""
        waveform, shaft_speed_hz, fault_orders = inputs
        spectra = self.spectra(waveform, shaft_speed_hz)
        speed_ratio = self.speed(spectra)
        return self.lines(spectra, speed_ratio, fault_orders).flatten(start_dim=1), speed_ratio

    def spectra(self, waveform: Tensor, shaft_speed_hz: Tensor) -> Tensor:
        """Envelopes over their background [batch, channel * band, bin], in orders of the nominal speed."""
        centred = waveform - waveform.mean(dim=-1, keepdim=True)
        rms = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + 1e-30)
        return self.spectrum(self.envelopes(centred / rms), shaft_speed_hz)
