"""Which Keras a project says that it depends on: the default of the `target` setting.

Only what is stated counts. `keras>=3` or `tensorflow>=2.16` (whose `tf.keras` is Keras 3) says Keras 3;
`keras<3`, `tensorflow<2.16` or `tf-keras` says Keras 2; a project that says both or neither is meant for
both.
"""

from __future__ import annotations

import codecs
import configparser
import re
import sys
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kerasfix.target import TargetKeras

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from packaging.specifiers import Specifier

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FIRST_WITH_KERAS_3 = {
    "keras": Version("3"),
    "tensorflow": Version("2.16"),
    "tensorflow-cpu": Version("2.16"),
    "tensorflow-gpu": Version("2.16"),
    "tensorflow-intel": Version("2.16"),
    "tensorflow-macos": Version("2.16"),
}
_LEGACY = "tf-keras"
_WORDS = re.compile(r"keras|tensorflow", re.IGNORECASE)
_MARKS = ("pyproject.toml", "setup.cfg", "setup.py", ".git")


def stated_target(start: Path) -> tuple[TargetKeras, str]:
    """The Keras that the project around the directory `start` depends on, and where it says so.

    Raises:
        OSError: one of the project's files cannot be read.
    """
    stated: dict[TargetKeras, str] = {}
    for file, requirement in _requirements(_project(start)):
        target = _target(requirement)
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


def _target(requirement: Requirement) -> TargetKeras | None:
    name = canonicalize_name(requirement.name)
    if name == _LEGACY:
        return TargetKeras.KERAS2
    first = _FIRST_WITH_KERAS_3.get(name)
    if first is None:
        return None
    sides = {side for specifier in requirement.specifier if (side := _side(specifier, first)) is not None}
    return sides.pop() if len(sides) == 1 else None


def _side(specifier: Specifier, first: Version) -> TargetKeras | None:
    """Keras 3 if a specifier allows nothing below `first`, Keras 2 if it allows nothing from `first` on."""
    try:
        version = Version(specifier.version.removesuffix(".*"))
    except InvalidVersion:
        return None
    lower, upper = _bounds(specifier, version)
    if lower is not None and Version(lower.base_version) >= first:
        return TargetKeras.KERAS3
    if upper is not None and (upper <= first if specifier.operator != "<=" else upper < first):
        return TargetKeras.KERAS2
    return None


def _bounds(specifier: Specifier, version: Version) -> tuple[Version | None, Version | None]:
    """The least version allowed, and the one that all allowed are below (or, for `<=`, not above)."""
    release = version.release
    match specifier.operator:
        case "==" if specifier.version.endswith(".*"):
            return version, _next(release)
        case "==" | "===":
            return version, _next((*release, 0))
        case "~=":
            return version, _next(release[:-1])
        case ">=" | ">":
            return version, None
        case "<" | "<=":
            return None, version
    return None, None


def _next(release: tuple[int, ...]) -> Version:
    return Version(".".join(str(part) for part in (*release[:-1], release[-1] + 1)))


def _requirements(project: Path) -> Iterator[tuple[str, Requirement]]:
    """Every requirement that the project's files state, with the file's name."""
    sources = [("pyproject.toml", _pyproject), ("setup.cfg", _setup_cfg)]
    sources += [(path.name, _requirements_txt) for path in sorted(project.glob("requirements*.txt"))]
    for name, read in sources:
        text = _text(project / name)
        if _WORDS.search(text):
            for line in read(text):
                try:
                    yield name, Requirement(line)
                except InvalidRequirement:
                    continue  # an option of pip, a URL, a path: none of them states a version


def _text(path: Path) -> str:
    """The text of a file, empty where there is none."""
    if not path.is_file():
        return ""
    raw = path.read_bytes()
    utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")


def _requirements_txt(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        yield re.split(r"\s#|^#|\s--", line, maxsplit=1)[0].strip()


def _setup_cfg(text: str) -> Iterator[str]:
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
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
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
            yield from (f"{name}{_poetry(value)}" for name, value in table.items())


def _at(table: object, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _values(table: object) -> list[Any]:
    return list(table.values()) if isinstance(table, dict) else []


def _poetry(value: object) -> str:
    """Poetry's version constraint as a standard one; alternatives, and sources, state no version."""
    constraint = value.get("version") if isinstance(value, dict) else value
    if not isinstance(constraint, str) or "||" in constraint:
        return ""
    parts = [_poetry_part(part.strip()) for part in constraint.split(",")]
    return ",".join(part for part in parts if part)


def _poetry_part(part: str) -> str:
    match = re.fullmatch(r"([~^]?)(\d+(?:\.\d+)*)", part)
    if match is None:
        return re.sub(r"^\*$", "", part) if not re.match(r"\d", part) else f"=={part}"
    sign, version = match.groups()
    release = Version(version).release
    if sign == "^":
        significant = next((i for i, number in enumerate(release) if number), len(release) - 1)
        return f">={version},<{_next(release[: significant + 1])}"
    if sign == "~":
        return f">={version},<{_next(release[:2])}"
    return f"=={version}"
