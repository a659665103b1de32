"""The formats of the report by the name that `--output-format` gives them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style

Render: TypeAlias = "Callable[[Sequence[FileResult], Style], str]"

FORMATS = {
    "full": "full.render",
    "concise": "concise.render",
    "grouped": "grouped.render",
    "json": "json_format.render",
    "json-lines": "json_format.render_lines",
    "sarif": "sarif.render",
    "github": "github.render",
    "gitlab": "gitlab.render",
    "junit": "junit.render",
}
"""The function of each, by its module in `kerasfix.report`: a run imports the one that it needs."""

FOR_READERS = frozenset({"full", "concise", "grouped"})
"""The formats that are read by people, and so end in a summary."""


def renderer(name: str) -> Render:
    """The function that writes the report in a format."""
    module, _, function = FORMATS[name].partition(".")
    found: Render = getattr(importlib.import_module(f"kerasfix.report.{module}"), function)
    return found
