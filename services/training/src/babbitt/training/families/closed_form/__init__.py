"""Families that learn at once from the features that `spectral` reads: `logistic`, `extra_trees`."""
