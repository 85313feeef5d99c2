"""What varies in training, each in a file of its own; `plugin.py` says when they are called."""
