"""The formats of the report by the name that `--output-format` gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from kerasfix.batch import FileResult
from kerasfix.report import concise, full, github, json_format
from kerasfix.report.style import Style

Render: TypeAlias = Callable[[Sequence[FileResult], Style], str]

FORMATS: dict[str, Render] = {
    "full": full.render,
    "concise": concise.render,
    "json": json_format.render,
    "github": github.render,
}

FOR_READERS = frozenset({"full", "concise"})
"""The formats that are read by people, and so end in a summary."""
