"""Families that are made of other versions' files: `prototype`, `ensemble`."""
