"""The `text` format of `kerasfix models`: each model under a headline, its layers in aligned columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.models.sizes import UNKNOWN, shape_in_words
from kerasfix.models.table import MANY, MAYBE, ONE
from kerasfix.report.terminal import safe, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kerasfix.models.table import Build, InputSource, LayerRow, ModelOverview
    from kerasfix.report.style import Style

NARROWEST = 8
"""How far a column is shortened to fit the terminal."""
_LONGEST_DETAIL = 48
_INDENT = "  "
_GAP = "  "


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its head, what is in it for a row, whether it is to the right, and whether it may be shortened."""

    head: str
    cell: Callable[[int, LayerRow], str]
    to_the_right: bool = False
    shrinks: bool = False


def render(models: Sequence[ModelOverview], style: Style, columns: int | None = None) -> str:
    """All models, an empty line after each, and how many there are; `columns` is the width of the terminal."""
    tables = "".join("\n".join(_model(model, style, columns)) + "\n\n" for model in models)
    return f"{tables}{_count(models)}\n"


def _count(models: Sequence[ModelOverview]) -> str:
    files = len({model.path for model in models})
    if not models:
        return "No models found."
    return f"{_number(len(models), 'model')} in {_number(files, 'file')}."


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _model(model: ModelOverview, style: Style, columns: int | None) -> Iterator[str]:
    yield headline(model, style)
    yield f"{_INDENT}{inputs_in_words(model.inputs)}; {parameters_in_words(model.parameters)}"
    if model.rows:
        yield from _table(model, style, columns)
    else:
        yield f"{_INDENT}its layers are not known"
    yield from (f"{_INDENT}{safe(line)}" for line in _remarks(model))


def headline(model: ModelOverview, style: Style) -> str:
    """`path:row:column: Sequential `model` in build()`, with the findings at its call."""
    place = f"{style.paint(safe(model.path), bold=True)}:{model.place}:"
    codes = f" {style.paint(' '.join(model.codes), fg='red', bold=True)}" if model.codes else ""
    return f"{place} {safe(title(model))}{codes}"


def title(model: ModelOverview) -> str:
    """What the model is and what the program calls it."""
    named = f" `{model.name}`" if model.name else ""
    made = f" in {model.function}()" if model.function else ""
    number, count = model.variant
    return f"{model.kind}{named}{made}{f' ({number} of {count} that are made here)' if count > 1 else ''}"


def inputs_in_words(sources: Sequence[InputSource]) -> str:
    """Where the inputs are declared."""
    if all(source.by == UNKNOWN for source in sources):
        return "where the input is declared is not known"
    if not any(source.by for source in sources):
        return "input declared nowhere"
    return safe(f"input declared by {', '.join(map(_source_in_words, sources))}")


def _source_in_words(source: InputSource) -> str:
    if source.by == UNKNOWN:
        return "what is not known"
    by = f"`{source.by}`" if source.by.isidentifier() else source.by
    layer = f" of `{source.layer}`" if source.layer else ""
    return f"{by}{layer}{'' if source.place is None else f' ({source.place.line})'}"


def parameters_in_words(parameters: int | None) -> str:
    """`25,450 parameters`."""
    return "number of parameters not known" if parameters is None else f"{parameters:,} parameters"


def layer_in_words(row: LayerRow) -> str:
    """`Dense "first" (32, activation="relu")`, shortened."""
    detail = row.detail
    if len(detail) > _LONGEST_DETAIL:
        detail = f"{detail[: _LONGEST_DETAIL - 1]}…"
    name = f" {row.name}" if row.name else ""
    return f"{row.kind}{name}{f' ({detail})' if detail else ''}"


def shapes_in_words(shapes: Sequence[object]) -> str:
    """The shapes that arrive or leave, with commas between them; equal ones once, with their number."""
    words = [shape_in_words(shape) for shape in shapes]  # type: ignore[arg-type]
    if len(words) > 1 and len(set(words)) == 1:
        return f"{len(words)} × {words[0]}"
    return ", ".join(words)


def when_in_words(row: LayerRow) -> str:
    """How often a layer is there, and on which ways."""
    often = "" if row.presence == ONE else f"{row.presence} ×"
    return " ".join(filter(None, [*(f"way {way}" for way in row.ways), often]))


def _parameters(row: LayerRow) -> str:
    if row.shared and row.parameters != 0:
        return "shared"
    return "?" if row.parameters is None else f"{row.parameters:,}"


def _columns(model: ModelOverview) -> list[_Column]:
    """The columns that say something of these rows."""
    rows = model.rows
    chain = model.kind == "Sequential" or all(
        row.sources == ((place - 1,) if place else ()) for place, row in enumerate(rows)
    )
    numbered = [] if chain else [_Column("#", lambda place, row: str(place + 1), to_the_right=True)]
    sources = [] if chain else [_Column("from", lambda _, row: ", ".join(str(source + 1) for source in row.sources))]
    optional = [
        _Column("when", lambda _, row: when_in_words(row)),
        _Column("input by", lambda _, row: ", ".join(row.declares), shrinks=True),
        _Column("findings", lambda _, row: " ".join(row.codes)),
    ]
    when, declares, findings = ([one] if any(one.cell(0, row) for row in rows) else [] for one in optional)
    return [
        *numbered,
        _Column("layer", lambda _, row: layer_in_words(row), shrinks=True),
        *when,
        *sources,
        _Column("arrives", lambda _, row: shapes_in_words(row.arriving), shrinks=True),
        _Column("leaves", lambda _, row: shapes_in_words(row.leaving), shrinks=True),
        _Column("parameters", lambda _, row: _parameters(row), to_the_right=True),
        *declares,
        *findings,
    ]


def _table(model: ModelOverview, style: Style, columns: int | None) -> Iterator[str]:
    parts = _columns(model)
    lines = [[safe(part.cell(place, row)) for part in parts] for place, row in enumerate(model.rows)]
    widths = [max(width(cell) for cell in cells) for cells in zip([part.head for part in parts], *lines, strict=True)]
    if columns is not None:
        widths = _fitted(
            widths, [part.shrinks for part in parts], columns - len(_INDENT) - len(_GAP) * (len(parts) - 1)
        )
    yield _INDENT + style.paint(_line([part.head for part in parts], parts, widths), bold=True)
    for line, row in zip(lines, model.rows, strict=True):
        shown = _line(line, parts, widths)
        yield _INDENT + (style.paint(shown, fg="yellow") if row.codes else shown)


def _line(cells: Sequence[str], parts: Sequence[_Column], widths: Sequence[int]) -> str:
    padded = []
    for cell, part, wide in zip(cells, parts, widths, strict=True):
        text = _shortened(cell, wide)
        space = " " * (wide - width(text))
        padded.append(space + text if part.to_the_right else text + space)
    return _GAP.join(padded).rstrip()


def _shortened(text: str, columns: int) -> str:
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return f"{kept}…"


def _fitted(widths: list[int], shrinks: list[bool], columns: int) -> list[int]:
    """The widths, the widest of those that may be shortened cut until all fit."""
    widths = list(widths)
    while sum(widths) > columns:
        wide = [place for place, may in enumerate(shrinks) if may and widths[place] > NARROWEST]
        if not wide:
            break
        widths[max(wide, key=lambda place: widths[place])] -= 1
    return widths


def _remarks(model: ModelOverview) -> Iterator[str]:
    """What the marks of the table mean, and what real Keras said."""
    forks = {way.fork: way.count for row in model.rows for way in row.ways}
    for fork, count in sorted(forks.items()):
        yield f"way {fork}…: the program takes one of {count} ways"
    present = {row.presence for row in model.rows}
    if MAYBE in present:
        yield f"{MAYBE} ×: a branch decides whether the layer is there"
    if MANY in present:
        yield f"{MANY} ×: a loop adds it, any number of times"
    if model.build is not None:
        yield from build_in_words(model.build)


def build_in_words(build: Build) -> Iterator[str]:
    """What real Keras said of a model, in lines."""
    yield from (f"not built: {refusal}" for refusal in build.refusals)
    if build.problem:
        yield f"not built: {build.problem}"
    if build.keras:
        yield f"{'made without an input of its own' if build.unbuilt else 'built'} by {build.keras}"
    if build.stand_ins:
        yield f"with {', '.join(f'{name} = {number}' for name, number in build.stand_ins)}"
    yield from (f"note: {note}" for note in build.notes)
