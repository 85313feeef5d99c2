"""Engines that this distribution offers to inference, by the entry points `babbitt.engines`."""
