"""`healthy_baseline`: how far a window is from healthy ones; it needs no faulty record."""
