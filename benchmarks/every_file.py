"""Does any file of these folders crash kerasfix, make it hang, or make a rule fail?

    python benchmarks/every_file.py FOLDER... [--ungated] [--sample N --seed 1] [--seconds 10]

Each file is checked and fixed in memory, in a child process that is watched. With `--ungated` files without a word of
Keras go all the way too, so that the standard library exercises LibCST, the interpreter and every rule.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from isolated import Child

from kerasfix import batch
from kerasfix.config import Settings
from kerasfix.source import gate
from kerasfix.source.discovery import SUFFIXES

SHOWN = 100


def main(arguments: list[str] | None = None) -> int:
    """Prints the report; the exit code is 1 if a file did what none may do."""
    options = _parser().parse_args(arguments)
    if options.ungated:
        gate.passes_words = lambda *_: True
        gate.passes_syntax = lambda *_: True
    files = [path for folder in options.folders for path in _files(folder)]
    if options.sample:
        files = random.Random(options.seed).sample(files, min(options.sample, len(files)))
    codes: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    times: list[tuple[float, Path]] = []
    bad: list[str] = []
    with Child(check, max(60.0, 3 * options.seconds)) as child:
        for path in files:
            outcome = child.do(path)
            times.append((outcome.seconds, path))
            if outcome.failure:
                bad.append(f"{path}: {outcome.failure}")
            else:
                codes.update(outcome.value["codes"])
                reached[outcome.value["reached"]] += 1
                bad += [f"{path}: {failure}" for failure in outcome.value["failures"]]
            if outcome.seconds > options.seconds:
                bad.append(f"{path}: took {outcome.seconds:.1f} s")
            for problem in bad:
                print(problem, flush=True)
            count, bad[:] = len(bad), []
            codes["failures"] += count
    print(f"{len(files)} files, {sum(seconds for seconds, _ in times):.0f} s: {dict(reached)}")
    print(f"findings: {dict(sorted(codes.items()))}")
    for seconds, path in sorted(times, reverse=True)[:5]:
        print(f"{seconds:6.1f} s {path}")
    return int(codes["failures"] > 0)


def check(path: Path) -> dict[str, Any]:
    """What came of one file: how far it went, the codes of its findings, and what must not happen."""
    result = batch.check_file(path, Settings(unsafe_fixes=True), batch.Mode.PREVIEW)
    failures = [one.message for one in result.diagnostics if one.code == "KFX999"]
    if result.error and "kerasfix failed" in result.error:
        failures.append(result.error)
    return {
        "codes": [one.code for one in result.diagnostics] + (["unreadable"] if result.error else []),
        "reached": "error" if result.error else result.reached.name,
        "failures": [failure[:300] for failure in failures],
    }


def _files(folder: Path) -> list[Path]:
    found = []
    for directory, _, names in os.walk(folder):
        found += [Path(directory, name) for name in names if name.endswith(SUFFIXES)]
    return sorted(path for path in found if path.is_file())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--ungated", action="store_true", help="look at files without Keras as closely as at others")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only N files taken at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--seconds", type=float, default=10.0, help="what one file may take")
    return parser


if __name__ == "__main__":
    sys.exit(main())
