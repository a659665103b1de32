"""`python -m kerasfix`."""

import sys

if sys.path and not getattr(sys.flags, "safe_path", False):
    # The directory that is being checked comes first with `-m`: a `click.py` in it would be run in place of click.
    del sys.path[0]

from kerasfix.cli import main

if __name__ == "__main__":
    main(prog_name="kerasfix")
