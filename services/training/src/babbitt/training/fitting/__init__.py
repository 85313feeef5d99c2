"""Fitting a model to a dataset: what the worker's child process does, without broker or database."""
