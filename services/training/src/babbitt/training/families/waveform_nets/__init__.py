"""Nets that learn from the waveform itself: `resnet1d`, `cnn_lstm`, `tcn`."""
