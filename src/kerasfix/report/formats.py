"""The formats of the report by the name that `--output-format` gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from kerasfix.batch import FileResult
from kerasfix.report import concise, full, github, gitlab, grouped, json_format, junit, sarif
from kerasfix.report.style import Style

Render: TypeAlias = Callable[[Sequence[FileResult], Style], str]

FORMATS: dict[str, Render] = {
    "full": full.render,
    "concise": concise.render,
    "grouped": grouped.render,
    "json": json_format.render,
    "json-lines": json_format.render_lines,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
}

FOR_READERS = frozenset({"full", "concise", "grouped"})
"""The formats that are read by people, and so end in a summary."""
