"""`order_envelope`: the spectrum of the squared envelope in orders of the shaft, and a linear head."""
