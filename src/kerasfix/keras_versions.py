"""Which Keras a requirement lets in, as far as one requirement can say.

`keras>=3` and `tensorflow>=2.16`, whose `tf.keras` is Keras 3, say Keras 3; `keras<3`, `tensorflow<2.16` and
`tf-keras` say Keras 2; a requirement that lets both in says nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kerasfix.target import TargetKeras

if TYPE_CHECKING:
    from packaging.specifiers import Specifier

_FIRST_WITH_KERAS_3 = {
    "keras": Version("3"),
    "tensorflow": Version("2.16"),
    "tensorflow-cpu": Version("2.16"),
    "tensorflow-gpu": Version("2.16"),
    "tensorflow-intel": Version("2.16"),
    "tensorflow-macos": Version("2.16"),
}
_LEGACY = "tf-keras"


def required_keras(line: str) -> TargetKeras | None:
    """The one Keras that a requirement allows, in the form of PEP 508 or `name constraint` as Poetry has it."""
    requirement = _requirement(line)
    if requirement is None:
        return None
    name = canonicalize_name(requirement.name)
    if name == _LEGACY:
        return TargetKeras.KERAS2
    first = _FIRST_WITH_KERAS_3.get(name)
    if first is None:
        return None
    sides = {side for specifier in requirement.specifier if (side := _side(specifier, first)) is not None}
    return sides.pop() if len(sides) == 1 else None


def _requirement(line: str) -> Requirement | None:
    """None where it is neither form: an option of pip, a URL, a path. None of them states a version."""
    name, _, constraint = line.partition(" ")
    for form in (line, f"{name}{_standard(constraint)}"):
        try:
            return Requirement(form)
        except InvalidRequirement:
            continue
    return None


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


def _standard(constraint: str) -> str:
    """Poetry's own operators as standard ones; `*`, and alternatives, let anything in."""
    if "||" in constraint:
        return ""
    return ",".join(filter(None, (_standard_part(part.strip()) for part in constraint.split(","))))


def _standard_part(part: str) -> str:
    match = re.fullmatch(r"([~^]?)(\d+(?:\.\d+)*)", part)
    if match is None:
        return "" if part == "*" else f"=={part}" if part[:1].isdigit() else part
    sign, version = match.groups()
    release = Version(version).release
    if sign == "^":
        significant = next((i for i, number in enumerate(release) if number), len(release) - 1)
        return f">={version},<{_next(release[: significant + 1])}"
    return f">={version},<{_next(release[:2])}" if sign == "~" else f"=={version}"
