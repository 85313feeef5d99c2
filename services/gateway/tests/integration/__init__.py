"""A package, so that pytest keeps one gateway for all of its modules and ends it after the last."""
