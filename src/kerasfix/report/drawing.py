"""What the diagrams of models have in common: the text of a box, the titles, and the words for what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.models.changes import Mark
from kerasfix.report.models_text import layer_in_words, shapes_in_words, title, when_in_words
from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from kerasfix.models.changes import Comparison, Side
    from kerasfix.models.table import LayerRow

LEGEND = {Mark.CHANGED: "changed by the fix", Mark.ADDED: "added by the fix", Mark.REMOVED: "removed by the fix"}


def box_lines(row: LayerRow) -> list[str]:
    """The lines in the box of a layer: what it is, its shapes, its parameters, and what is wrong with it."""
    leaving = shapes_in_words(row.leaving)
    shapes = f"{shapes_in_words(row.arriving)} → {leaving}" if row.arriving else leaving
    parameters = "shared" if row.shared and row.parameters else _parameters(row.parameters)
    remarks = [f"input by {', '.join(row.declares)}" if row.declares else "", " ".join(row.codes)]
    lines = [layer_in_words(row), when_in_words(row), shapes, parameters, *remarks]
    return [safe(line) for line in lines if line]


def _parameters(parameters: int | None) -> str:
    if parameters is None:
        return "? parameters"
    return f"{parameters:,} parameters" if parameters else ""


def comparison_title(comparison: Comparison) -> str:
    """Where a model is, and what the program calls it."""
    model = comparison.sides[0].model
    return safe(f"{model.path}:{str(model.place).rpartition(':')[0]} {title(model)}")


def side_title(comparison: Comparison, side: Side) -> str:
    """`before` and `after`, with the parameters of the model."""
    count = side.model.parameters
    parameters = "" if count is None else f"{count:,} parameters"
    if len(comparison.sides) == 1:
        only = {Mark.ADDED: "after", Mark.REMOVED: "before"}
        word = only.get(side.marks[0], "") if side.marks else ""
    else:
        word = "before" if side is comparison.before else "after"
    return ", ".join(filter(None, [word, parameters]))
