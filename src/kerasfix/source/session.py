"""An IPython session as a notebook: what was run before is context, and only the last cell can still be changed."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Edit
from kerasfix.fixes.apply import splice
from kerasfix.source import gate
from kerasfix.source.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kerasfix.diagnostics import Fix

PATH = "session"
"""How it is shown to the reader."""


@dataclass(frozen=True)
class Session(Notebook):
    """The cells that were run, in their order, and the one that is to be checked as the last."""

    @staticmethod
    def of(cells: Sequence[str | None]) -> Notebook:
        """The session of these cells; None stands for one that did not run, so that the others keep their numbers."""
        as_json = [{"cell_type": "raw" if cell is None else "code", "source": cell or ""} for cell in cells]
        return Session.from_text(json.dumps({"cells": as_json}), PATH)

    def reachable(self, fix: Fix) -> Fix | None:
        """The fix as one of the last cell alone: an import that it adds to an earlier one is written there."""
        last = self.cells[-1]
        inside = tuple(edit for edit in fix.edits if last.start <= edit.start)
        outside = [edit for edit in fix.edits if edit not in inside]
        if not inside or super().reachable(fix) is None:
            return None
        if not outside:
            return fix
        imports, start = self._imports_of(outside), self._first_statement()
        if imports is None or start is None:
            return None
        return replace(fix, edits=(Edit(start, start, imports), *inside))

    def _imports_of(self, edits: Iterable[Edit]) -> str | None:
        """The statements that import what these edits do; None if they do anything else."""
        before, after = gate.parse(self.program), gate.parse(splice(self.program, edits))
        if not isinstance(before, ast.Module) or not isinstance(after, ast.Module):
            return None
        old, new = _imports(before), _imports(after)
        if not set(old) <= set(new) or _others(before) != _others(after):
            return None
        return "".join(f"{statement}\n" for statement in new if statement not in old)

    def _first_statement(self) -> int | None:
        """Where the line of the last cell begins that an import can stand before."""
        last = self.cells[-1]
        tree = gate.parse(self.program[last.start : last.end])
        if not isinstance(tree, ast.Module):
            return None
        above = self.location(last.start).row - 1
        for node in tree.body:
            lines = [node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))]
            start = self._line_starts[above + min(lines) - 1]
            is_code = self.may_edit(Edit(start, start + 1, ""))
            if is_code and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                return start if node.col_offset == 0 else None
        return None


def _imports(tree: ast.Module) -> list[str]:
    """Each name that is imported from a module, as a statement of its own."""
    return [
        ast.unparse(ast.ImportFrom(node.module, [alias], node.level))
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def _others(tree: ast.Module) -> list[str]:
    return [ast.dump(node) for node in tree.body if not isinstance(node, ast.ImportFrom)]
