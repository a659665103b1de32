"""kerasfix finds and repairs the way Keras programs declare their inputs.

It reads source and never runs it. `check` and `fix` are the whole of it for use from Python; what they need
is imported when they are called, so that importing this package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from kerasfix.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity

if TYPE_CHECKING:
    from kerasfix.analysis.program import Program
    from kerasfix.config import Settings
    from kerasfix.repair import FixResult
    from kerasfix.source.notebook import Notebook

    __version__: str

__all__ = [
    "Applicability",
    "Diagnostic",
    "Edit",
    "Fix",
    "FixResult",
    "Notebook",
    "Program",
    "Settings",
    "Severity",
    "__version__",
    "check",
    "check_source",
    "fix",
]

_LAZY = {
    "FixResult": "kerasfix.repair",
    "Notebook": "kerasfix.source.notebook",
    "Program": "kerasfix.analysis.program",
    "Settings": "kerasfix.config",
}


def check(text: str, path: str = "<string>", settings: Settings | None = None) -> list[Diagnostic]:
    """The findings in a module's text, in its order; their places are offsets in code points into `text`.

    `path` is what `per_file_ignores` are held against. No configuration is read: without `settings`, the
    defaults hold. Where `path` ends in `.ipynb`, `text` is the JSON of a notebook, and places are offsets into the
    text of its cells: `kerasfix.Notebook.from_text(text, path).place(offset)` gives cell, row and column.

    Raises:
        SourceError, OtherLanguageError (kerasfix.source.document): it is no notebook, or none in Python.
    """
    from kerasfix.config import Settings
    from kerasfix.engine import check_document
    from kerasfix.source.reading import document_of_text

    return check_document(document_of_text(text, path), settings or Settings())


def check_source(
    content: str | bytes, path: str = "<string>", settings: Settings | None = None
) -> list[dict[str, Any]]:
    """The findings in a file's content as plain data: the records of the JSON report, with `path` as it is given.

    This is for engines that run it over a corpus: it can be pickled, reads and writes no file, and raises for no
    content. What cannot be read is one finding (KFX000), as is what kerasfix fails on (KFX999); a notebook in another
    language has none. Where `path` ends in `.ipynb`, `content` is the JSON of a notebook.
    """
    from kerasfix.plain_records import records

    return records(content, path, settings)


def fix(text: str, path: str = "<string>", settings: Settings | None = None) -> FixResult:
    """The text with its fixes applied, and what they leave; unsafe ones only where `settings` allow them.

    A notebook is given and returned as its JSON, as for `check`.
    """
    from kerasfix.config import Settings
    from kerasfix.repair import fix_document
    from kerasfix.source.reading import document_of_text

    return fix_document(document_of_text(text, path), settings or Settings())


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext kerasfix` calls: adds the magic `%%kerasfix` to an IPython shell."""
    from kerasfix.ipython_extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext kerasfix` calls."""
    from kerasfix.ipython_extension import unload

    unload(shell)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("kerasfix")
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
