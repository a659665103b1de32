"""What `kerasfix check --fix` does to real notebooks, checked without trusting it.

    python benchmarks/notebooks.py FOLDER_OF_REPOSITORIES [--diffs-to DIR] [--option=--unsafe-fixes]

Works on a copy. Outside of the sources of changed code cells not a byte may differ, a source must stay a list or a
string, what nbformat thinks of the file must stay the same, and a second run must change nothing. The JSON is read
by a tokenizer of this script's own, which shares no code with kerasfix.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import kerasfix_run
import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+|\s+', re.DOTALL)
_SOURCES = re.compile(r"(?:worksheets/\d+/)?cells/(\d+)/(?:source|input)(/|$)")
_FAILED = re.compile(r"^error: (?P<path>[^\n]*?\.ipynb): (?P<reason>.*)$", re.MULTILINE)


@dataclass(slots=True)
class Report:
    """What came of all notebooks."""

    read: int = 0
    changed: int = 0
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    not_python: list[str] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Prints the report; the exit code is 1 if an invariant is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder of repositories")
    parser.add_argument(
        "--diffs-to", type=Path, metavar="DIR", help="write a diff of the changed cells of each notebook"
    )
    parser.add_argument("--option", action="append", default=[], help="a further option for kerasfix")
    options = parser.parse_args(arguments)
    report = Report()
    repositories = sorted(path for path in options.folder.iterdir() if path.is_dir())
    for repository in repositories:
        check_repository(repository, report, tuple(options.option), options.diffs_to)
    print(f"{len(repositories)} repositories, {report.read} notebooks read, {len(report.failed)} failed")
    for title, lines in (("failed", report.failed), ("cells that are not Python", report.not_python)):
        print(f"{title}: {len(lines)}", *lines, sep="\n  ")
    print("formats:", dict(report.formats.most_common()))
    print("findings:", dict(sorted(report.found.items())))
    print("left after the fixes:", dict(sorted(report.left.items())))
    print(f"{report.changed} notebooks changed, {report.seconds:.1f} CPU s for the first runs")
    print(f"broken invariants: {len(report.broken)}", *report.broken, sep="\n  ")
    return int(bool(report.broken))


def check_repository(repository: Path, report: Report, options: tuple[str, ...], diffs_to: Path | None) -> None:
    """Fixes a copy of the notebooks of one repository and adds what came of it to the report."""
    with tempfile.TemporaryDirectory(prefix="kerasfix-") as name:
        copy = Path(name).resolve() / repository.name
        before: dict[Path, bytes] = {}
        for path in sorted(repository.rglob("*.ipynb")):
            target = copy / path.relative_to(repository)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            before[target] = path.read_bytes()
        if not before:
            return
        report.read += len(before)
        asked = kerasfix_run.check(copy, *options)
        report.seconds += asked.cpu_seconds
        report.failed += [f"{repository.name}/{one['path']}: {one['reason']}" for one in _FAILED.finditer(asked.errors)]
        for finding in asked.findings:
            report.found[finding.code] += 1
            if finding.code in ("KFX000", "KFX999"):
                place = f"{repository.name}/{finding.path.relative_to(copy)}:{finding.start[0]}"
                report.not_python.append(f"{place}: {finding.code} {finding.message}")
        first = kerasfix_run.check(copy, "--fix", *options)
        after = {path: path.read_bytes() for path in before}
        second = kerasfix_run.check(copy, "--fix", *options)
        for run in (asked, first, second):
            if run.exit_code not in (0, 1, 2) or "Traceback" in run.errors or "not JSON" in run.errors:
                report.broken.append(f"{repository.name}: exit code {run.exit_code}: {run.errors.strip()[-400:]}")
        report.left.update(f"{finding.code} {finding.applicability or 'none'}" for finding in second.findings)
        for path, old in before.items():
            place = f"{repository.name}/{path.relative_to(copy)}"
            report.formats[_format(old)] += 1
            if path.read_bytes() != after[path]:
                report.broken.append(f"{place}: a second run changed the file again")
            if old != after[path]:
                report.changed += 1
                report.broken += [f"{place}: {problem}" for problem in problems(old, after[path])]
                if diffs_to is not None:
                    diffs_to.mkdir(parents=True, exist_ok=True)
                    (diffs_to / f"{place.replace('/', '__')}.diff").write_text(diff(place, old, after[path]), "utf-8")


def problems(old: bytes, new: bytes) -> list[str]:
    """What else has changed in a notebook than the sources of code cells."""
    found = []
    (frame, sources), (new_frame, new_sources) = _frame(old.decode()), _frame(new.decode())
    if frame != new_frame:
        at = next((n for n, (a, b) in enumerate(zip(frame, new_frame, strict=False)) if a != b), len(frame))
        found.append(f"other bytes differ: {frame[at - 40 : at + 40]!r} and {new_frame[at - 40 : at + 40]!r}")
    for was, now in zip(sources, new_sources, strict=False):
        values = json.loads(was), json.loads(now)
        if type(values[0]) is not type(values[1]):
            found.append("a source has changed its form")
        if "".join(values[0]) == "".join(values[1]) and was != now:
            found.append(f"a source that is the same is written in another way: {now[:80]}")
        if isinstance(values[1], list) and _is_regular(values[0]) and not _is_regular(values[1]):
            found.append(f"the lines of a source are not its strings: {now[:200]}")
    if _judged(old) != _judged(new):
        found.append(f"nbformat: {_judged(old)} before, {_judged(new)} now")
    return found


def _is_regular(lines: list[str]) -> bool:
    """Whether each string of a source is a line."""
    return all(line.endswith("\n") and "\n" not in line[:-1] for line in lines[:-1]) and all(lines)


def _frame(notebook: str) -> tuple[str, list[str]]:
    """The notebook without the sources of its code cells, and these."""
    cells: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    frame: list[str] = []
    for path, token in _tokens(notebook):
        match = _SOURCES.match(path)
        if match and not token.isspace():
            cells.setdefault(path[: match.end(1)], []).append(token)
            frame.append(f"<{path[: match.end(1)]}>")
        else:
            cell, _, key = path.rpartition("/")
            if key == "cell_type" and token.startswith('"') and token != '"cell_type"':
                kinds[cell] = token
            if match:  # the space within a source
                cells.setdefault(path[: match.end(1)], []).append(token)
            else:
                frame.append(token)
    text = "".join(frame)
    for cell, tokens in cells.items():
        mark = f"<{cell}>"
        own = "" if kinds.get(cell) == '"code"' else "".join(tokens)
        first = text.find(mark)
        if first >= 0:
            text = text[:first] + own + text[first:].replace(mark, "")
    return text, ["".join(tokens).strip() for cell, tokens in cells.items() if kinds.get(cell) == '"code"']


def _tokens(notebook: str) -> Iterator[tuple[str, str]]:
    """Each token of the JSON with the path of the value that it belongs to."""
    stack: list[list[object]] = []  # [is an object, key or index, whether a key comes next]
    for match in _TOKEN.finditer(notebook.removeprefix("\ufeff")):
        token = match[0]
        top = stack[-1] if stack else None
        if token in ("]", "}"):
            yield "/".join(str(level[1]) for level in stack[:-1]), token
            stack.pop()
            continue
        if top and top[0] and top[2] and token.startswith('"'):
            top[1], top[2] = json.loads(token), False
            yield "/".join(str(level[1]) for level in stack[:-1]), token
            continue
        inner = "/".join(str(level[1]) for level in stack)
        outer = "/".join(str(level[1]) for level in stack[:-1])
        if token == "," and top:
            yield outer, token
            if top[0]:
                top[2] = True
            else:
                top[1] = int(str(top[1])) + 1
        elif token == ":" or token.isspace():
            yield outer, token
        else:
            yield inner, token
            if token in ("[", "{"):
                stack.append([token == "{", 0, token == "{"])


def _judged(raw: bytes) -> str:
    """What nbformat says of a notebook."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nbformat.validate(nbformat.reads(raw.decode("utf-8-sig"), as_version=nbformat.NO_CONVERT))
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return "valid"


def _format(raw: bytes) -> str:
    try:
        root = json.loads(raw.decode("utf-8-sig"))
        return f"{root['nbformat']}.{root['nbformat_minor']}"
    except (ValueError, KeyError, TypeError):
        return "none"


def diff(place: str, old: bytes, new: bytes) -> str:
    """The changed cells as people read them."""
    texts = [["".join(json.loads(source)).splitlines() for source in _frame(raw.decode())[1]] for raw in (old, new)]
    lines: list[str] = []
    for number, (was, now) in enumerate(zip(*texts, strict=True)):
        name = f"{place}:code cell {number}"
        lines += difflib.unified_diff(was, now, name, name, n=6, lineterm="")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
