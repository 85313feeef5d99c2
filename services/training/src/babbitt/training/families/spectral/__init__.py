"""`spectral`: a two-resolution log-power front end and a small net; the default family."""
