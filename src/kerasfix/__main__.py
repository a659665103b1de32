"""`python -m kerasfix`."""

from kerasfix.cli import main

if __name__ == "__main__":
    main(prog_name="kerasfix")
