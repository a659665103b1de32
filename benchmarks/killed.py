"""Kills `kerasfix check --fix` at random moments, and looks whether each file is as before or wholly fixed.

    python benchmarks/killed.py [--runs 300] [--seed 0] [--jobs 1]

The files are this repository's fixtures. A run that is not killed is timed first; the others die at a moment between
its start and its end. What a killed run leaves behind beside its files must be no file to check.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def main(arguments: list[str] | None = None) -> int:
    """Prints how many runs left how many files fixed; the exit status is 1 where a file was harmed."""
    options = _parser().parse_args(arguments)
    before = {path.name: path.read_bytes() for path in sorted(FIXTURES.glob("kfx1*.in.py"))}
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, before)
        began = time.perf_counter()
        _start(folder, options.jobs).wait()
        seconds = time.perf_counter() - began
        after = {path.name: path.read_bytes() for path in folder.glob("*.py")}
        told: Counter[str] = Counter()
        for _ in range(options.runs):
            _write(folder, before)
            process = _start(folder, options.jobs)
            time.sleep(moments.uniform(0, seconds))
            process.kill()
            process.wait()
            told[_outcome(folder, before, after)] += 1
    print(
        f"{len(before)} files, {sum(before[name] != after[name] for name in before)} with fixes, {seconds:.2f} s a run"
    )
    print(f"{options.runs} runs killed: " + ", ".join(f"{count} {what}" for what, count in sorted(told.items())))
    return 1 if told.keys() - {"all as before", "some fixed", "all fixed"} else 0


def _outcome(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """What a killed run has done; its temporary files are taken away."""
    found = {}
    for path in folder.iterdir():
        if path.name.startswith(".kerasfix-"):
            path.unlink()
        else:
            found[path.name] = path.read_bytes()
    if found.keys() != before.keys():
        return "with files that are none of ours"
    if any(found[name] not in (before[name], after[name]) for name in found):
        return "with a harmed file"
    if found == after:
        return "all fixed"
    return "all as before" if found == before else "some fixed"


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _start(folder: Path, jobs: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kerasfix", "check", "--isolated", "--no-cache", "--fix", f"-j{jobs}", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
