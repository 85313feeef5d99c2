"""`python -m babbitt.inference`."""

from babbitt.inference.cli import main

if __name__ == "__main__":
    main()
