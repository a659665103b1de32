"""Models as one SVG picture: one below the other, and where a fix changes a model, before and after side by side.

It stands alone: no script, no font or file from elsewhere, colours for light and for dark. All text is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from kerasfix.models.changes import Mark
from kerasfix.report.drawing import LEGEND, box_lines, comparison_title, side_title
from kerasfix.report.layers import Box, Layout, layout
from kerasfix.report.terminal import width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.models.changes import Comparison, Side

MARGIN, BETWEEN = 24.0, 56.0
_LINE, _PADDING, _CHARACTER = 17.0, 10.0, 7.25
_HEAD, _SIDE_HEAD = 34.0, 30.0
_LEAST_WIDTH = 120.0
_SHAPES = """\
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
.title{font-weight:600;font-size:15px}.first{font-weight:600}.edge{fill:none;stroke-width:1.4}
.added rect,.changed rect{stroke-width:2}.removed rect{stroke-width:2;stroke-dasharray:5 3}
"""
_LIGHT = {
    "page": "#ffffff",
    "ink": "#1f2328",
    "soft": "#59636e",
    "line": "#8c959f",
    Mark.SAME.value: ("#f6f8fa", "#8c959f"),
    Mark.ADDED.value: ("#d9f2dd", "#1a7f37"),
    Mark.CHANGED.value: ("#fff3c4", "#9a6700"),
    Mark.REMOVED.value: ("#ffe3df", "#cf222e"),
}
_DARK = {
    "page": "#0d1117",
    "ink": "#e6edf3",
    "soft": "#9198a1",
    "line": "#6e7681",
    Mark.SAME.value: ("#161b22", "#6e7681"),
    Mark.ADDED.value: ("#12341d", "#3fb950"),
    Mark.CHANGED.value: ("#3a2d05", "#d29922"),
    Mark.REMOVED.value: ("#471519", "#f85149"),
}
"""What is painted how: a colour, or that of an area and of its edge."""


def _colours(palette: dict[str, Any]) -> str:
    boxes = [f".{mark.value} rect{{fill:{palette[mark.value][0]};stroke:{palette[mark.value][1]}}}\n" for mark in Mark]
    return (
        f".page{{fill:{palette['page']}}}text{{fill:{palette['ink']}}}"
        f".rest,.side{{fill:{palette['soft']}}}.edge{{stroke:{palette['line']}}}.tip{{fill:{palette['line']}}}\n"
        + "".join(boxes)
    )


_STYLE = f"{_SHAPES}{_colours(_LIGHT)}@media (prefers-color-scheme:dark){{\n{_colours(_DARK)}}}\n"


@dataclass(frozen=True, slots=True)
class _Panel:
    """One side of a model, laid out."""

    side: Side
    title: str
    lines: tuple[list[str], ...]
    layout: Layout

    @property
    def width(self) -> float:
        return max(self.layout.width, _text_width([self.title]))


def render(comparisons: Sequence[Comparison]) -> str:
    """All models as one SVG document."""
    parts: list[str] = []
    y, widest = MARGIN, 0.0
    for comparison in comparisons:
        panels = [_panel(comparison, side) for side in comparison.sides]
        title = comparison_title(comparison)
        parts.append(_text(MARGIN, y + 16, title, "title"))
        parts += _panels(panels, y + _HEAD)
        y += _HEAD + _SIDE_HEAD + max(panel.layout.height for panel in panels) + BETWEEN
        across = sum(panel.width for panel in panels) + BETWEEN * (len(panels) - 1)
        widest = max(widest, across, _text_width([title]) * 15 / 13)
    if not comparisons:
        parts.append(_text(MARGIN, y + 16, "No models found.", "title"))
        y, widest = y + _HEAD + BETWEEN, _LEAST_WIDTH
    marks = {mark for comparison in comparisons for side in comparison.sides for mark in side.marks}
    legend = [(mark, words) for mark, words in LEGEND.items() if mark in marks]
    if legend:
        parts += _legend(legend, y - BETWEEN + _LINE)
        y += _LINE
        widest = max(widest, sum(_text_width([words]) + 40 for _, words in legend))
    size = f"{widest + 2 * MARGIN:.0f}", f"{y - BETWEEN + 2 * MARGIN:.0f}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
            f'viewBox="0 0 {size[0]} {size[1]}" role="img" aria-label="Keras models">',
            f"<style>{_STYLE}</style>",
            f'<rect class="page" width="{size[0]}" height="{size[1]}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _panel(comparison: Comparison, side: Side) -> _Panel:
    rows = side.model.rows
    lines = tuple(box_lines(row) for row in rows) or (["its layers are not known"],)
    sources = [row.sources for row in rows] or [()]
    sizes = [(max(_text_width(text) + 2 * _PADDING, _LEAST_WIDTH), len(text) * _LINE + _PADDING) for text in lines]
    return _Panel(side, side_title(comparison, side), lines, layout(sizes, sources))


def _panels(panels: Sequence[_Panel], y: float) -> Iterator[str]:
    x = MARGIN
    for panel in panels:
        yield _text(x, y + 12, panel.title, "side")
        yield f'<g transform="translate({x:.1f} {y + _SIDE_HEAD:.1f})">'
        yield from map(_edge, panel.layout.edges)
        marks = panel.side.marks or (Mark.SAME,)
        for box, lines, mark in zip(panel.layout.boxes, panel.lines, marks, strict=True):
            yield from _box(box, lines, mark)
        yield "</g>"
        x += panel.width + BETWEEN


def _box(box: Box, lines: Sequence[str], mark: Mark) -> Iterator[str]:
    left = box.x - box.width / 2
    yield f'<g class="box {mark.value}">'
    yield f'<rect x="{left:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5"/>'
    for place, line in enumerate(lines):
        yield _text(left + _PADDING, box.y + _LINE * (place + 1), line, "rest" if place else "first")
    yield "</g>"


def _edge(edge: Sequence[Box]) -> str:
    """A line from the bottom of a box, through the places where it passes others, to the top of another box."""
    first, *passages, last = edge
    points = [(first.x, first.bottom)]
    for passage in passages:
        points += [(passage.x, passage.y), (passage.x, passage.y + passage.height)]
    end = (last.x, last.y - 5)
    path = f"M{first.x:.1f} {first.y + first.height:.1f}V{first.bottom:.1f}"
    for (x, y), (to_x, to_y) in zip(points, [*points[1:], end], strict=True):
        middle = (y + to_y) / 2
        path += f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
    x, y = end
    tip = f'<path class="tip" d="M{x:.1f} {y + 5:.1f}l-4 -7h8z"/>'
    return f'<path class="edge" d="{path}"/>{tip}'


def _legend(legend: Sequence[tuple[Mark, str]], y: float) -> Iterator[str]:
    x = MARGIN
    for mark, words in legend:
        yield f'<g class="box {mark.value}"><rect x="{x:.1f}" y="{y - 11:.1f}" width="14" height="14" rx="3"/></g>'
        yield _text(x + 20, y, words, "side")
        x += _text_width([words]) + 40


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" xml:space="preserve">{escape(text)}</text>'


def _text_width(lines: Sequence[str]) -> float:
    return max((width(line) for line in lines), default=0) * _CHARACTER * 1.1
