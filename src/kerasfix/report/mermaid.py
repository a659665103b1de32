"""Models as one Mermaid flowchart: a box around each model and, where a fix changes it, one before and one after.

Labels are quoted, and what has a meaning inside them is written as a character code (`#35;`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.models.changes import Mark
from kerasfix.report.drawing import box_lines, comparison_title, side_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.models.changes import Comparison, Side

_STYLES = {
    Mark.ADDED: "fill:#d9f2dd,stroke:#1a7f37,color:#0b2e13,stroke-width:2px",
    Mark.CHANGED: "fill:#fff3c4,stroke:#9a6700,color:#3d2a00,stroke-width:2px",
    Mark.REMOVED: "fill:#ffdcd7,stroke:#cf222e,color:#4c0d11,stroke-width:2px,stroke-dasharray:4 3",
}
_SPECIAL = frozenset('"#&<>`\\;%$')


def render(comparisons: Sequence[Comparison]) -> str:
    """All models as one flowchart."""
    lines = ["flowchart TB"]
    for number, comparison in enumerate(comparisons):
        lines += _model(comparison, f"m{number}")
    lines += [f"  classDef {mark.value} {style}" for mark, style in _STYLES.items()]
    return "\n".join(lines) + "\n"


def _model(comparison: Comparison, name: str) -> Iterator[str]:
    yield f'  subgraph {name}["{escaped(comparison_title(comparison))}"]'
    for place, side in enumerate(comparison.sides):
        yield f'    subgraph {name}s{place}["{escaped(side_title(comparison, side)) or " "}"]'
        yield "      direction TB"
        yield from (f"      {line}" for line in _side(side, f"{name}s{place}"))
        yield "    end"
    yield "  end"


def _side(side: Side, name: str) -> Iterator[str]:
    if not side.model.rows:
        yield f'{name}n0["its layers are not known"]'
    for place, (row, mark) in enumerate(zip(side.model.rows, side.marks, strict=True)):
        label = "<br/>".join(map(escaped, box_lines(row)))
        yield f'{name}n{place}["{label}"]{"" if mark is Mark.SAME else f":::{mark.value}"}'
    for place, row in enumerate(side.model.rows):
        yield from (f"{name}n{source} --> {name}n{place}" for source in row.sources)


def escaped(text: str) -> str:
    """The text of a label, in which nothing has a meaning of its own."""
    return "".join(f"#{ord(character)};" if character in _SPECIAL else character for character in text)
