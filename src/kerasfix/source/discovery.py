"""From the paths on the command line to the files to check.

A directory gives its `*.py` and `*.ipynb` files, without what the excludes or a .gitignore leave out; a file that is
named is checked whatever it is called, unless `force_exclude` holds the excludes against it too.
Directories that are reached through a symbolic link are not entered, a file that is reached through one must be below
what was given, so that no link makes kerasfix write elsewhere, and a file that has several names is checked once.
"""

from __future__ import annotations

import functools
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix.source.document import SourceError
from kerasfix.source.patterns import Patterns, any_match, read_patterns
from kerasfix.source.reading import NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def discover(paths: Sequence[Path], leave_out: Filter) -> Discovery:
    """The files that `paths` (files and directories) stand for."""
    result = Discovery()
    excluded = Patterns(leave_out.exclude, leave_out.root)
    found: list[Path] = []
    given = [os.path.realpath(path) for path in paths]
    for path in paths:
        try:
            is_directory = stat.S_ISDIR(path.stat().st_mode)
        except (OSError, ValueError) as error:
            result.problems.append(f"{path}: {_reason(error)}")
            continue
        if is_directory:
            if not (leave_out.force_exclude and excluded.match(path, directory=True)):
                found += _below(path, given, excluded, leave_out, result)
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


def _below(start: Path, given: Sequence[str], excluded: Patterns, leave_out: Filter, result: Discovery) -> list[Path]:
    if excluded.match(start, directory=True):
        # The user asked for this directory; what made it excluded must not leave out all that is in it.
        names = tuple(line for line in excluded.lines if "/" not in line.rstrip("/"))
        excluded = Patterns(names, Path(os.path.abspath(start)))  # noqa: PTH100 - the name, not the link's target
    ignores = _gitignores_above(start, result) if leave_out.respect_gitignore else None
    if ignores is not None and any_match(ignores, start, directory=True):
        ignores = []
    return list(_walk(start, given, [excluded], ignores, result))


def _leads_out(link: Path, given: Sequence[str]) -> bool:
    """Whether what a link leads to is neither one of these paths nor below one."""
    target = Path(os.path.realpath(link))
    return not any(target.is_relative_to(path) for path in given)


def _walk(
    start: Path, given: Sequence[str], excluded: list[Patterns], ignores_above: list[Patterns] | None, result: Discovery
) -> Iterator[Path]:
    """The files to check below a directory, without links that lead out of what was `given`; `ignores_above` is None
    where .gitignore files do not count."""
    todo = [(start, ignores_above)]  # a tree may be deeper than functions can call themselves
    while todo:
        directory, ignores = todo.pop()
        try:
            with os.scandir(directory) as entries:
                inside = list(entries)
        except OSError as error:
            result.problems.append(f"{directory}: {_reason(error)}")
            continue
        if ignores is not None:
            ignores = [] if any(entry.name == ".git" for entry in inside) else ignores
            ignores = [*ignores, *_gitignore(directory, result)]
        for entry in inside:
            path = directory / entry.name
            is_directory = entry.is_dir(follow_symlinks=False)
            if not is_directory and not (entry.name.endswith(SUFFIXES) and _is_file(entry)):
                continue
            if any_match(excluded, path, is_directory) or any_match(ignores or (), path, is_directory):
                continue
            if is_directory:
                todo.append((path, ignores))
            elif not (entry.is_symlink() and _leads_out(path, given)):
                yield path


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a regular file, or a link to one."""
    try:
        return entry.is_file()
    except OSError:  # a link that leads round in circles, or where one may not look
        return False


def _reason(error: OSError | ValueError) -> str:
    return ((isinstance(error, OSError) and error.strerror) or str(error)).lower()


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
    except (OSError, SourceError) as error:
        result.problems.append(f"{path}: {error if isinstance(error, SourceError) else _reason(error)}")
        return []
