"""CPU seconds of `kerasfix check` on trees with Keras and without, and what each gate let through.

    python benchmarks/speed.py TREE... [--runs 3] [--jobs 1]

With no tree it measures two that every machine has: Python's own library (no Keras), and this repository's
fixtures. The smallest of the runs is given, since everything that disturbs a run only makes it longer.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
from pathlib import Path

import gates
import kerasfix_run
from corpus import python_files


def main(arguments: list[str] | None = None) -> int:
    """Prints one line a tree."""
    options = _parser().parse_args(arguments)
    fixtures = Path(__file__).resolve().parent.parent / "fixtures"
    trees = options.trees or [Path(sysconfig.get_path("stdlib")), fixtures]
    for tree in trees:
        files = python_files(tree)
        runs = [kerasfix_run.check(tree, "--jobs", str(options.jobs)) for _ in range(options.runs)]
        least = min(run.cpu_seconds for run in runs)
        size = sum(path.stat().st_size for path in files)
        per_file = 1000 * least / max(len(files), 1)
        print(
            f"{tree}: {least:.2f} CPU s ({per_file:.2f} ms a file), {size / 1e6:.1f} MB,"
            f" {len(runs[0].findings)} findings; {gates.count(files)}"
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("trees", nargs="*", type=Path, help="folders to check")
    parser.add_argument("--runs", type=int, default=3, help="the smallest of so many runs counts")
    parser.add_argument("--jobs", type=int, default=1, help="processes that kerasfix may use")
    return parser


if __name__ == "__main__":
    sys.exit(main())
