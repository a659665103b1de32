"""Which Keras a project says that it depends on: the default of the `target` setting.

Only what is stated counts, in the files that Python projects state their dependencies in. A project that says
Keras 2 here and Keras 3 there, or neither, is meant for both.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any

from kerasfix.source.document import SourceError, read_bytes
from kerasfix.target import TargetKeras

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WORDS = re.compile(r"keras|tensorflow", re.IGNORECASE)
_MARKS = ("pyproject.toml", "setup.cfg", "setup.py", ".git")


def stated_target(start: Path) -> tuple[TargetKeras, str]:
    """The Keras that the project around the directory `start` depends on, and where it says so.

    Raises:
        OSError, SourceError: one of the project's files cannot be read.
    """
    stated: dict[TargetKeras, str] = {}
    for file, requirement in _requirements(_project(start)):
        from kerasfix.keras_versions import required_keras  # what it needs is slow to import

        target = required_keras(requirement)
        if target is not None:
            stated.setdefault(target, f"{file}: {requirement}")
    match list(stated.items()):
        case [(target, reason)]:
            return target, reason
        case []:
            return TargetKeras.BOTH, "the project does not say which Keras it uses"
    return TargetKeras.BOTH, " against ".join(stated.values())


def _project(start: Path) -> Path:
    """The directory of the project: the nearest one that has a file which only a project's root has."""
    for directory in (start, *start.parents):
        if any((directory / mark).exists() for mark in _MARKS) or any(directory.glob("requirements*.txt")):
            return directory
    return start


def _requirements(project: Path) -> Iterator[tuple[str, str]]:
    """Every requirement of the project that speaks of Keras, with the name of the file that states it."""
    sources = [("pyproject.toml", _pyproject), ("setup.cfg", _setup_cfg)]
    sources += [(path.name, _requirements_txt) for path in sorted(project.glob("requirements*.txt"))]
    for name, read in sources:
        text = _text(project / name)
        if _WORDS.search(text):
            for line in read(text):
                if _WORDS.search(line):
                    yield name, line.strip()


def _text(path: Path) -> str:
    """The text of a file, empty where there is none."""
    if not path.is_file():
        return ""
    try:
        raw = read_bytes(path)
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from error
    utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")


def _requirements_txt(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        yield re.split(r"\s#|^#|\s--", line, maxsplit=1)[0].strip()


def _setup_cfg(text: str) -> Iterator[str]:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return  # not ours to report: setuptools does
    yield from parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        for _, value in parser.items("options.extras_require"):
            yield from value.splitlines()


def _pyproject(text: str) -> Iterator[str]:
    from kerasfix import toml

    try:
        content = toml.loads(text)
    except (toml.TOMLDecodeError, RecursionError):
        return  # `config` reads the same file and reports it
    project = _at(content, "project")
    groups = [_at(project, "dependencies"), *_values(_at(project, "optional-dependencies"))]
    groups += _values(_at(content, "dependency-groups"))
    for group in groups:
        if isinstance(group, list):
            yield from (item for item in group if isinstance(item, str))
    poetry = _at(content, "tool", "poetry")
    tables = [_at(poetry, "dependencies"), _at(poetry, "dev-dependencies")]
    tables += [_at(group, "dependencies") for group in _values(_at(poetry, "group"))]
    for table in tables:
        if isinstance(table, dict):
            yield from (f"{name} {_poetry(value)}" for name, value in table.items())


def _at(table: object, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _values(table: object) -> list[Any]:
    return list(table.values()) if isinstance(table, dict) else []


def _poetry(value: object) -> str:
    """A version constraint of Poetry, its operators left as they are; a source without a version gives none."""
    constraint = value.get("version") if isinstance(value, dict) else value
    return constraint if isinstance(constraint, str) else ""
