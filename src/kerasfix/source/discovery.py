"""From the paths on the command line to the files to check.

A directory gives its `*.py` and `*.ipynb` files, without what the excludes or a .gitignore leave out; a file that is
named is checked whatever it is called, unless `force_exclude` holds the excludes against it too.
Directories that are reached through a symbolic link are not entered, and a file that has several names is
checked once.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix.source.patterns import Patterns, any_match, read_patterns
from kerasfix.source.reading import NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".py", NOTEBOOK)
GITIGNORE = ".gitignore"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is left out: `exclude` are patterns relative to `root`."""

    root: Path
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True


@dataclass(slots=True)
class Discovery:
    """The files to check, in order, and what could not be looked at."""

    files: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def discover(paths: Iterable[Path], leave_out: Filter) -> Discovery:
    """The files that `paths` (files and directories) stand for."""
    result = Discovery()
    excluded = Patterns(leave_out.exclude, leave_out.root)
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            if not (leave_out.force_exclude and excluded.match(path, directory=True)):
                found += _below(path, excluded, leave_out, result)
        elif not path.exists():
            result.problems.append(f"{path}: no such file or directory")
        elif not (leave_out.force_exclude and excluded.match(path)):
            found.append(path)
    seen: set[str] = set()
    real_directory = functools.cache(os.path.realpath)
    for path in sorted(found, key=lambda path: path.parts):
        identity = os.path.realpath(path) if path.is_symlink() else f"{real_directory(path.parent)}{os.sep}{path.name}"
        if identity not in seen:
            seen.add(identity)
            result.files.append(path)
    return result


def _below(start: Path, excluded: Patterns, leave_out: Filter, result: Discovery) -> list[Path]:
    if excluded.match(start, directory=True):
        # The user asked for this directory; what made it excluded must not leave out all that is in it.
        names = tuple(line for line in excluded.lines if "/" not in line.rstrip("/"))
        excluded = Patterns(names, Path(os.path.abspath(start)))  # noqa: PTH100 - the name, not the link's target
    ignores = _gitignores_above(start, result) if leave_out.respect_gitignore else None
    if ignores is not None and any_match(ignores, start, directory=True):
        ignores = []
    return list(_walk(start, [excluded], ignores, result))


def _walk(
    directory: Path, excluded: list[Patterns], ignores: list[Patterns] | None, result: Discovery
) -> Iterator[Path]:
    """The files to check below a directory; `ignores` is None where .gitignore files do not count."""
    try:
        with os.scandir(directory) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        result.problems.append(f"{directory}: {(error.strerror or str(error)).lower()}")
        return
    if ignores is not None:
        ignores = [] if any(entry.name == ".git" for entry in inside) else ignores
        ignores = [*ignores, *_gitignore(directory, result)]
    for entry in inside:
        path = directory / entry.name
        is_directory = entry.is_dir(follow_symlinks=False)
        if not is_directory and not (entry.name.endswith(SUFFIXES) and entry.is_file()):
            continue
        if any_match(excluded, path, is_directory) or any_match(ignores or (), path, is_directory):
            continue
        if is_directory:
            yield from _walk(path, excluded, ignores, result)
        else:
            yield path


def _gitignores_above(start: Path, result: Discovery) -> list[Patterns]:
    """Those of the directories above `start`, up to the root of its repository; none outside of one."""
    directory = Path(os.path.abspath(start))  # noqa: PTH100 - the name, not the link's target
    above: list[Patterns] = []
    while not (directory / ".git").exists():
        if directory.parent == directory:
            return []
        directory = directory.parent
        above = [*_gitignore(directory, result), *above]
    return above


def _gitignore(directory: Path, result: Discovery) -> list[Patterns]:
    path = directory / GITIGNORE
    try:
        return [read_patterns(path)] if path.is_file() else []
    except OSError as error:
        result.problems.append(f"{path}: {(error.strerror or str(error)).lower()}")
        return []
