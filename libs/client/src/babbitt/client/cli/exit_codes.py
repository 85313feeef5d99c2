"""How a command ends, for scripts. The README has the same table."""

DONE = 0
"""What was asked for was done."""
ERROR = 1
"""The service said no or cannot be reached, or a file cannot be read."""
USAGE = 2
"""The command line is wrong."""
ENDED_BADLY = 3
"""The job, the dataset or the command was accepted and ended without success: failed, cancelled or refused."""
INTERRUPTED = 130
"""Ctrl-C. A job that was watched goes on."""
