"""What `kerasfix check --fix --verify` proves on real programs: verdicts, reasons, time and memory.

    python benchmarks/verified_fixes.py CORPUS_OR_REPOSITORY... [--unsafe-fixes] [--again] [--reasons 12]

Works on copies. A model counts if a fix changes its plan. With `--again`, every repository is checked a second time
with what Keras said the first time kept.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from corpus import python_files, repositories
from libcst import ParserSyntaxError

from kerasfix.analysis.gathering import analyse
from kerasfix.engine import room_to_work
from kerasfix.rules.registry import MODEL_DOES_NOT_BUILD
from kerasfix.source import gate
from kerasfix.source.document import SourceError, read_document
from kerasfix.verify.plan import plan_models


def main() -> None:
    """Prints a line for each repository, then all verdicts, the commonest reasons, time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--unsafe-fixes", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--reasons", type=int, default=12)
    options = parser.parse_args()
    extra = ["--unsafe-fixes"] if options.unsafe_fixes else []
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    models = refusals = 0
    times = [0.0, 0.0]
    for repository in repositories(options.folders):
        with tempfile.TemporaryDirectory(prefix="kerasfix-") as cache:
            found, refused, times[0] = _timed(repository, [*extra, "--cache-dir", cache], times[0])
            if options.again:
                _, _, times[1] = _timed(repository, [*extra, "--cache-dir", cache], times[1])
        here = Counter(str(one["verdict"]) for one in found)
        verdicts += here
        refusals += len(refused)
        models += (number := models_found(repository))
        print(
            f"{repository.name}: {number} models, with a fix {dict(here)}, refused as written {len(refused)}",
            flush=True,
        )
        for one in refused:
            print(f"  {one['filename']}:{one['location']['row']}: {one['message'][:250]}", flush=True)
        for one in found:
            if one["verdict"] == "different":
                print(f"  {one['filename']}:{one['location']['row']}: {one['reason'][:300]}", flush=True)
            elif one["verdict"] == "not verifiable":
                reasons[re.sub(r"\d+", "N", one["reason"])[:150]] += 1
    built = verdicts.total() - verdicts["not verifiable"]
    print(f"\n{models} models; {verdicts.total()} with a fix: {dict(verdicts)}; {refusals} refused as written")
    print(f"built on both sides: {built / max(verdicts.total(), 1):.1%}")
    again = f", {times[1]:.0f} s the second time" if options.again else ""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{times[0]:.0f} s{again}; largest process {peak:.0f} MB")
    for reason, number in reasons.most_common(options.reasons):
        print(f"{number:5} {reason}")


def _timed(
    repository: Path, options: list[str], seconds: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    began = time.perf_counter()
    found, refused = verified(repository, options)
    return found, refused, seconds + time.perf_counter() - began


def verified(repository: Path, options: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The verdicts on a copy of a repository, and the findings on models that Keras refuses as they are written."""
    with tempfile.TemporaryDirectory(prefix="kerasfix-") as name:
        for path in python_files(repository):
            target = Path(name, path.relative_to(repository))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        command = [sys.executable, "-m", "kerasfix", "check", "--isolated", "--fix", "--verify", "-q"]
        command += ["--output-format", "json", *options, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        report = json.loads(done.stdout)
        refused = [one for one in report["diagnostics"] if one["code"] == MODEL_DOES_NOT_BUILD.code]
        return report["verification"], refused


def models_found(repository: Path) -> int:
    """How many calls in a repository make a model that kerasfix knows."""
    number = 0
    for path in python_files(repository):
        try:
            text = read_document(path).text
        except SourceError:
            continue
        if gate.passes_words(text.encode("utf-8", "replace"), MODEL_DOES_NOT_BUILD.names):
            if isinstance(gate.parse(text), gate.NotPython):
                continue
            with room_to_work(), suppress(ParserSyntaxError):
                number += len(plan_models(analyse(text)))
    return number


if __name__ == "__main__":
    main()
