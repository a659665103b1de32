"""What `kerasfix check --fix --verify` proves on real programs: verdicts, reasons and time.

    python benchmarks/verified_fixes.py CORPUS_OR_REPOSITORY... [--unsafe-fixes] [--reasons 12]

Works on copies. A model counts if a fix changes its plan.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from corpus import python_files, repositories


def main() -> None:
    """Prints a line for each repository, then all verdicts and the commonest reasons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--unsafe-fixes", action="store_true")
    parser.add_argument("--reasons", type=int, default=12)
    options = parser.parse_args()
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    began = time.perf_counter()
    for repository in repositories(options.folders):
        found = verified(repository, ["--unsafe-fixes"] if options.unsafe_fixes else [])
        here = Counter(str(one["verdict"]) for one in found)
        verdicts += here
        print(f"{repository.name}: {dict(here)}", flush=True)
        for one in found:
            if one["verdict"] == "different":
                print(f"  {one['filename']}:{one['location']['row']}: {one['reason'][:300]}", flush=True)
            elif one["verdict"] == "not verifiable":
                reasons[re.sub(r"\d+", "N", one["reason"])[:150]] += 1
    seconds = time.perf_counter() - began
    total = verdicts.total()
    built = total - verdicts["not verifiable"]
    print(f"\n{total} models with a fix: {dict(verdicts)}; built: {built / max(total, 1):.1%}; {seconds:.0f} s")
    for reason, number in reasons.most_common(options.reasons):
        print(f"{number:5} {reason}")


def verified(repository: Path, options: list[str]) -> list[dict[str, Any]]:
    """The verdicts on a copy of a repository."""
    with tempfile.TemporaryDirectory(prefix="kerasfix-") as name:
        for path in python_files(repository):
            target = Path(name, path.relative_to(repository))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        command = [sys.executable, "-m", "kerasfix", "check", "--isolated", "--fix", "--verify", "-q"]
        command += ["--output-format", "json", *options, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["verification"]
        return found


if __name__ == "__main__":
    main()
