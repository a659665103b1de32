"""The findings of files that were looked at before and have not changed since.

An entry stands under the path of its file, so that there are never more of them than files, and holds for one content,
one choice of rules and one kerasfix. Its edits are for showing only: a file is never fixed from what a cache says.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasfix.diagnostics import Applicability, Diagnostic, Edit, Fix, Related, Severity
from kerasfix.engine import Inspection, Reached
from kerasfix.rules import registry

if TYPE_CHECKING:
    from kerasfix.cache import Cache
    from kerasfix.config import Settings


_KIND = "findings"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, in a directory; without one, nothing is kept."""

    cache: Cache | None = None

    def get(self, path: str, raw: bytes, settings: Settings) -> Inspection | None:
        """What a file of this content is known to hold, the baseline left out of account."""
        entry = self.cache.get(_KIND, _name(path)) if self.cache is not None else None
        if entry is None or entry.get("key") != _key(path, raw, settings):
            return None
        try:
            return _inspection(entry, len(raw))
        except (KeyError, TypeError, ValueError):
            return None

    def put(self, path: str, raw: bytes, settings: Settings, seen: Inspection) -> None:
        """Keep what was found, unless kerasfix itself has failed."""
        failed = any(diagnostic.code == registry.INTERNAL_ERROR.code for diagnostic in seen.diagnostics)
        if self.cache is not None and not failed:
            found = [_entry(diagnostic) for diagnostic in seen.diagnostics]
            key = _key(path, raw, settings)
            self.cache.put(_KIND, _name(path), {"key": key, "reached": seen.reached.value, "found": found})


def _name(path: str) -> str:
    return _sha256(os.path.abspath(path).encode("utf-8", "surrogateescape"))  # noqa: PTH100


def _key(path: str, raw: bytes, settings: Settings) -> str:
    """A hash of all that findings depend on."""
    about = [_made_by(), Path(path).suffix, sorted(settings.codes_for(path)), asdict(settings.rule_target)]
    return _sha256(json.dumps(about).encode() + b"\0" + raw)


@functools.cache
def _made_by() -> str:
    """A hash that tells one kerasfix from another: its files as they are installed, and what they read with."""
    from importlib import metadata

    package = Path(__file__).parent
    files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".json"))
    stamps = [(path.name, status.st_size, status.st_mtime_ns) for path in files for status in [path.stat()]]
    text = json.dumps([metadata.version("libcst"), sys.version, stamps])
    return _sha256(text.encode())


def _sha256(content: bytes) -> str:
    import hashlib  # needed only where there is something to remember

    return hashlib.sha256(content).hexdigest()


def _entry(diagnostic: Diagnostic) -> dict[str, Any]:
    entry = asdict(diagnostic)
    entry["severity"] = diagnostic.severity.value
    if diagnostic.fix is not None:
        entry["fix"]["applicability"] = diagnostic.fix.applicability.value
    return entry


def _inspection(entry: dict[str, Any], longest: int) -> Inspection:
    """Raises `KeyError`, `TypeError` or `ValueError` where the entry is not one of ours."""
    found = tuple(_diagnostic(each, longest) for each in entry["found"])
    return Inspection(found, Reached(entry["reached"]))


def _diagnostic(entry: dict[str, Any], longest: int) -> Diagnostic:
    return Diagnostic(
        _text(entry["code"]),
        _text(entry["name"]),
        _text(entry["message"]),
        Severity(entry["severity"]),
        *_span(entry, longest),
        None if entry["fix"] is None else _fix(entry["fix"], longest),
        tuple(Related(*_span(each, longest), _text(each["message"])) for each in entry["related"]),
    )


def _fix(entry: dict[str, Any], longest: int) -> Fix:
    edits = tuple(Edit(*_span(each, longest), _text(each["content"])) for each in entry["edits"])
    return Fix(_text(entry["message"]), Applicability(entry["applicability"]), edits)


def _span(entry: dict[str, Any], longest: int) -> tuple[int, int]:
    start, end = entry["start"], entry["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= longest):
        raise ValueError("a place outside of the file")
    return start, end


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
