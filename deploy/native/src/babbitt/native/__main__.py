"""`python -m babbitt.native`."""

from babbitt.native.cli import main

main()
