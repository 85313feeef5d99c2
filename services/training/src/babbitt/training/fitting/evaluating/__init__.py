"""How a model does, from arrays and a function that answers windows: what serves is what is evaluated."""
