"""`%load_ext kerasfix`: findings where a model is put together cell by cell, and no file is there to check.

`%%kerasfix` is taken off its cell before IPython reads it, and the check is made just before the cell runs. So the
cell runs as if it were not there, with its top-level `await`, its last value and its errors, whatever is found.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from kerasfix.batch import FileResult
from kerasfix.config import ConfigError, load_settings
from kerasfix.engine import check_document, describe
from kerasfix.repair import fix_document
from kerasfix.report import diff, full, summary
from kerasfix.report.style import Style
from kerasfix.rules import registry
from kerasfix.source import ipython
from kerasfix.source.session import PATH, Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from kerasfix.diagnostics import Diagnostic
    from kerasfix.source.document import Document

_MAGIC = re.compile(r"\s*%%kerasfix(?:[ \t]+(?P<line>[^\r\n]*))?[ \t]*(?:\r?\n|\Z)")
_PLAIN = argparse.Namespace(state=None, fix=False, unsafe_fixes=False)
"""What `%kerasfix on` does with each cell."""


def load(shell: InteractiveShell) -> None:
    """Add the magic to a shell, and listen to what it runs."""
    magics = KerasfixMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(magics.without_magic)
    shell.events.register("pre_run_cell", magics.before_cell)
    shell.events.register("post_run_cell", magics.after_cell)


def unload(shell: InteractiveShell) -> None:
    """Undo `load`."""
    magics = shell.magics_manager.registry.pop(KerasfixMagics.__name__)
    for kind in ("line", "cell"):
        del shell.magics_manager.magics[kind]["kerasfix"]
    shell.input_transformers_cleanup.remove(magics.without_magic)
    shell.events.unregister("pre_run_cell", magics.before_cell)
    shell.events.unregister("post_run_cell", magics.after_cell)


class _CellTransform:
    """Takes `%%kerasfix` off a cell, and the rest of it too if it is not to run."""

    has_side_effects = True
    """So that IPython leaves it out when it asks whether more lines are to come: of a `%%` cell they always may."""

    def __init__(self, magics: KerasfixMagics) -> None:
        self.magics = magics

    def __call__(self, lines: list[str]) -> list[str]:
        magic = _MAGIC.match(lines[0]) if lines else None
        if magic is None:
            return lines
        if self.magics.is_not_run(lines[0]):
            return ["\n"]
        is_magic = lines[1:] and lines[1].startswith("%%")
        return lines[1:] if is_magic else ["\n", *lines[1:]]  # line numbers stay


@magics_class
class KerasfixMagics(Magics):  # type: ignore[misc]
    """The magic, and what is known of the cells of its shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.without_magic = _CellTransform(self)
        self.watching = False
        self.number = len(self.history)
        """Of the cell that runs, as in `In[number]`; cells that it runs itself are part of it."""
        self.failed: set[int] = set()
        """The numbers of the cells that ended with an error: how far they came is not known."""

    @property
    def history(self) -> list[str]:
        """The cells of the session as they were typed, by number; the first one is empty."""
        cells: list[str] = self.shell.history_manager.input_hist_raw
        return cells

    @magic_arguments()
    @argument("state", nargs="?", choices=("on", "off"), help="`%%kerasfix on`: check every cell after it ran.")
    @argument("--fix", action="store_true", help="Put the fixed cell in place of this one, and show the changes.")
    @argument("--unsafe-fixes", action="store_true", help="Take fixes too that are right in most programs only.")
    @argument("--no-run", action="store_true", help="Do not run the cell.")
    @line_cell_magic
    def kerasfix(self, line: str, cell: str | None = None) -> None:
        """Check how the models of a cell declare their inputs, then run it.

        The earlier cells of the session are read too, for what they import and build; nothing is said of them.
        """
        if cell is not None:  # called by its name, as a notebook that is exported to a script does
            self.shell.run_cell(f"%%kerasfix {line}\n{cell}")
            return
        state = parse_argstring(self.kerasfix, line).state
        if state is None or len(line.split()) > 1:
            raise UsageError("%kerasfix takes `on` or `off`; to check one cell, begin it with %%kerasfix")
        self.watching = state == "on"

    def before_cell(self, info: ExecutionInfo) -> None:
        """Check a cell that asks for it."""
        if info.store_history:
            self.number = len(self.history)
        if magic := _MAGIC.match(info.raw_cell):
            self._check(info.raw_cell, magic["line"] or "")

    def after_cell(self, result: ExecutionResult) -> None:
        """Check a cell that ran if all are to be checked, and remember how it ended."""
        if not result.info.store_history:
            return
        cell = result.info.raw_cell
        if not result.success:
            self.failed.add(self.number)
        if self.watching and result.error_before_exec is None and not _MAGIC.match(cell):
            self._check(cell, None)
        self.number = len(self.history)

    def is_not_run(self, cell: str) -> bool:
        """Whether a cell begins with `%%kerasfix --no-run`."""
        magic = _MAGIC.match(cell)
        try:
            return magic is not None and bool(parse_argstring(self.kerasfix, magic["line"] or "").no_run)
        except UsageError:
            return False

    def _check(self, cell: str, line: str | None) -> None:
        """Say what is found in a cell; `line` are the options of its magic. Nothing here may stop the cell."""
        try:
            options = _PLAIN if line is None else parse_argstring(self.kerasfix, line)
            if options.state is not None:
                raise UsageError(f"`%kerasfix {options.state}` is a line of its own, the cell is not checked")
            if ipython.is_python(cell):
                self._report(cell, options, praise=line is not None)
        except (UsageError, ConfigError) as error:
            print(f"kerasfix: {error}", file=sys.stderr)
        except Exception as error:
            print(f"kerasfix failed on this cell: {describe(error)}", file=sys.stderr)

    def _report(self, cell: str, options: Any, *, praise: bool) -> None:
        settings = load_settings(Path.cwd())
        settings = replace(settings, unsafe_fixes=settings.unsafe_fixes or options.unsafe_fixes)
        document = Session.of([*map(self._as_run, range(1, self.number)), cell])
        found = check_document(document, settings)
        result = FileResult(PATH, document=document, diagnostics=_of_last_cell(document, found))
        if options.fix:
            fixed = fix_document(document, settings, found)
            remaining = _of_last_cell(fixed.document, fixed.remaining)
            result = FileResult(
                PATH, document=fixed.document, diagnostics=remaining, before=document, applied=fixed.applied
            )
        style = Style(terminal=True, unsafe_fixes=settings.unsafe_fixes)
        shown = full.render([result], style) + diff.render([result], style)
        print(shown + (summary.counts([result], style) if praise else ""), end="")
        if result.applied and result.document is not None:
            last = result.document.cells[-1]
            self.shell.set_next_input(
                _MAGIC.sub("", result.document.text[last.start : last.end], count=1), replace=True
            )

    def _as_run(self, number: int) -> str | None:
        """What a cell of the session may have done; None if it did not run."""
        cell = self.history[number]
        if self.is_not_run(cell):
            return None
        return ipython.mask_all(cell).text if number in self.failed and ipython.is_python(cell) else cell


def _of_last_cell(document: Document, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings of the cell that is checked, and failures of kerasfix wherever they are put."""
    start = document.cells[-1].start
    return tuple(one for one in found if one.start >= start or one.code == registry.INTERNAL_ERROR.code)
