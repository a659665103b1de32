"""The findings of kerasfix in flake8: the same ones as on the command line, with the same suppressions and baseline.

flake8 imports this for every run of its users, Keras or not: nothing but the standard library is imported
until a file mentions Keras. Which rules run is for `[tool.kerasfix]` to say; flake8's own `--select`,
`--ignore` and `per-file-ignores` then hold for what they report.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from kerasfix.config import Settings


class Plugin:
    """What flake8 makes of each file and asks for its findings."""

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self._tree = tree
        self._filename = filename
        self._text = "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """The findings as flake8 wants them: row from 1, column from 0 in code points, code and message."""
        if "keras" not in self._text and "tensorflow" not in self._text:
            return
        from kerasfix.engine import check_document
        from kerasfix.source.document import Document

        document = Document(self._filename, self._text.removeprefix("\ufeff"))
        for diagnostic in check_document(document, _settings(), self._tree):
            place = document.location(diagnostic.start)
            yield place.row, place.column, f"{diagnostic.code} {diagnostic.message}", type(self)


@functools.cache
def _settings() -> Settings:
    from pathlib import Path

    from flake8.exceptions import ExecutionError

    from kerasfix.baseline import with_known
    from kerasfix.config import ConfigError, load_settings

    try:
        return with_known(load_settings(Path.cwd()))
    except ConfigError as error:
        raise ExecutionError(f"kerasfix: {error}") from error
