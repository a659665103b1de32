"""What `kerasfix check --fix` does to real programs, checked without trusting it.

    python benchmarks/fix_invariants.py CORPUS_OR_REPOSITORY... [--diffs-to DIR] [--sample 50 --seed 1]

Works on a copy. After the fixes every file must still compile if it did before, a second run must change
nothing, no finding may be left whose fix is safe, the syntax trees may differ only by what `tree_difference`
can explain, and comments, line ends and all untouched bytes must be as they were.
"""

from __future__ import annotations

import argparse
import difflib
import io
import random
import re
import shutil
import sys
import tempfile
import tokenize
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import kerasfix_run
from corpus import python_files, repositories
from declared_sites import Unreadable, parse
from tree_difference import Kind, differences

_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Report:
    """What the fixes did, and every invariant that they broke."""

    files: int = 0
    changed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    diffs: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    cpu_seconds: float = 0.0


def main(arguments: list[str] | None = None) -> int:
    """Prints the report; the exit code is 1 if an invariant is broken."""
    options = _parser().parse_args(arguments)
    report = Report()
    for repository in repositories(options.folders):
        seen = len(report.broken)
        check_repository(repository, report, tuple(options.option), options.diffs_to)
        print(f"{repository.name}: {len(report.broken) - seen} broken", flush=True)
        for problem in report.broken[seen:]:
            print(f"  {problem}", flush=True)
    print(f"\n{report.files} files, {report.changed} changed, {report.cpu_seconds:.1f} CPU s for the first runs")
    print("\nfindings left after --fix:")
    for name, number in report.left.most_common():
        print(f"  {number:6} {name}")
    print("\ndifferences between the syntax trees:")
    for name, number in report.kinds.most_common():
        print(f"  {number:6} {name}")
    print(f"\nbroken invariants: {len(report.broken)}")
    if options.sample:
        print()
        chosen = random.Random(options.seed).sample(report.diffs, min(options.sample, len(report.diffs)))
        print("\n".join(chosen))
    return int(bool(report.broken))


def check_repository(
    repository: Path, report: Report, options: tuple[str, ...] = (), diffs_to: Path | None = None
) -> None:
    """Fixes a copy of one repository and adds what came of it to the report."""
    with tempfile.TemporaryDirectory(prefix="kerasfix-") as name:
        copy = Path(name).resolve() / repository.name
        before: dict[Path, bytes] = {}
        for path in python_files(repository):
            target = copy / path.relative_to(repository)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            before[target] = path.read_bytes()
        if not before:
            return
        report.files += len(before)
        first = kerasfix_run.check(copy, "--fix", *options)
        report.cpu_seconds += first.cpu_seconds
        after = {path: path.read_bytes() for path in before}
        second = kerasfix_run.check(copy, "--fix", *options)
        where = repository.name
        for run in (first, second):
            if run.exit_code not in (0, 1, 2) or "Traceback" in run.errors or "not JSON" in run.errors:
                report.broken.append(f"{where}: exit code {run.exit_code}: {run.errors.strip()[-400:]}")
        for finding in second.findings:
            report.left[f"{finding.code} {finding.applicability or 'none'}"] += 1
            if finding.applicability == "safe" or finding.code == "KFX999":
                place = f"{where}/{finding.path.relative_to(copy)}:{finding.start[0]}"
                report.broken.append(f"{place}: left: {finding.code} {finding.message}")
        for path, old in before.items():
            place = f"{where}/{path.relative_to(copy)}"
            if path.read_bytes() != after[path]:
                report.broken.append(f"{place}: a second run changed the file again")
            if old != after[path]:
                _check_file(place, old, after[path], report, diffs_to)
        strangers = {path for path in copy.rglob("*") if path.is_file()} - set(before)
        report.broken += [f"{where}: a new file {path.relative_to(copy)}" for path in sorted(strangers)]


def _check_file(place: str, old: bytes, new: bytes, report: Report, diffs_to: Path | None) -> None:
    report.changed += 1
    diff = unified_diff(place, old, new)
    report.diffs.append(diff)
    if diffs_to is not None:
        diffs_to.mkdir(parents=True, exist_ok=True)
        (diffs_to / f"{place.replace('/', '__')}.diff").write_text(diff, encoding="utf-8")
    report.broken += [f"{place}{problem}" for problem in problems(old, new, report.kinds)]


def problems(old: bytes, new: bytes, kinds: Counter[str]) -> list[str]:
    """What is wrong with the new content of a file; counts the kinds of differences on the way."""
    before, after = parse(old), parse(new)
    if isinstance(before, Unreadable):
        return [": changed, though it is not valid Python"]
    if isinstance(after, Unreadable):
        return [f": no longer parses: {after.reason}"]
    found = []
    if _compiles(old) and not _compiles(new):
        found.append(": no longer compiles")
    for difference in differences(before, after):
        kinds[difference.kind.value] += 1
        if difference.kind is Kind.UNEXPLAINED:
            found.append(f":{difference.line}: {difference.detail}")
    if comments(old) != comments(new):
        found.append(f": comments: {comments(old) - comments(new)} lost, {comments(new) - comments(old)} new")
    if old.startswith(_BOM) != new.startswith(_BOM):
        found.append(": the byte order mark has changed")
    if line_ends(new) - line_ends(old):
        found.append(f": new kinds of line ends: {line_ends(new) - line_ends(old)}")
    if old.endswith((b"\n", b"\r")) != new.endswith((b"\n", b"\r")):
        found.append(": the end of the last line has changed")
    return found


def comments(raw: bytes) -> Counter[str]:
    """The comments of a file, each as often as it occurs."""
    found: Counter[str] = Counter()
    try:
        lines = re.sub(rb"\r\n?", b"\n", raw)  # a lone carriage return ends a line of Python, which `tokenize` forgets
        for token in tokenize.tokenize(io.BytesIO(lines).readline):
            if token.type == tokenize.COMMENT:
                found[token.string.rstrip()] += 1
    except (tokenize.TokenError, SyntaxError):
        return Counter()  # `parse` has said so already
    return found


def line_ends(raw: bytes) -> set[bytes]:
    """The kinds of line ends in a file."""
    without = raw.replace(b"\r\n", b"")
    kinds = {end for end in (b"\n", b"\r") if end in without}
    return kinds | ({b"\r\n"} if b"\r\n" in raw else set())


def unified_diff(place: str, old: bytes, new: bytes) -> str:
    """The change as people read it."""
    one, another = (raw.decode("utf-8", "replace").splitlines() for raw in (old, new))
    return "\n".join(difflib.unified_diff(one, another, f"a/{place}", f"b/{place}", n=4, lineterm=""))


def _compiles(raw: bytes) -> bool:
    """Whether Python takes it whole; `ast` does not mind a `from __future__` in the wrong place."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(raw, "file", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, help="repositories, or folders full of them")
    parser.add_argument("--diffs-to", type=Path, metavar="DIR", help="write a unified diff of each changed file")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="print N diffs taken at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument(
        "--option", action="append", default=[], help="a further option for kerasfix: --option=--unsafe-fixes"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
