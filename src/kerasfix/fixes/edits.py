"""The vocabulary in which rules say what a fix does: from nodes and their positions to edits of the text.

Every function is pure, keeps every comment, and writes what it adds in the layout that it finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.diagnostics import Edit
from kerasfix.fixes.gaps import (
    NEWLINE,
    SPACE,
    find_mark,
    has_newline,
    indentation,
    line_start,
    newline_near,
    pieces,
)
from kerasfix.fixes.removal import Sequenced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.positions import Positions

Statement = cst.SimpleStatementLine | cst.BaseSmallStatement


def replace(positions: Positions, node: cst.CSTNode, text: str) -> Edit:
    """Puts `text` in the place of `node` and of its own parentheses; comments within it are not kept.

    A space is added where the text would otherwise run into a neighbouring word, as in `return(x)`.
    """
    start, end = positions.outer_span(node)
    before, after = positions.text[start - 1 : start], positions.text[end : end + 1]
    if _is_word(before) and _is_word(text[:1]):
        text = " " + text
    if _is_word(after) and _is_word(text[-1:]):
        text += " "
    return Edit(start, end, text)


def remove_arguments(positions: Positions, call: cst.Call, arguments: Sequence[cst.Arg]) -> tuple[Edit, ...]:
    """Takes some or all arguments out of one call.

    The commas and lines that held only them go too. Comments stay where they are, those inside a removed
    argument as well. A trailing comma stays as long as an argument does. Two removals from one call must be
    one call of this function. Raises `ValueError` when an argument is not one of the call's.
    """
    return _remove(positions, _arguments(positions, call), call.args, arguments, lone_comma=False)


def remove_elements(
    positions: Positions,
    display: cst.List | cst.Tuple | cst.Dict,
    elements: Sequence[cst.BaseElement | cst.BaseDictElement],
) -> tuple[Edit, ...]:
    """Takes elements out of a list, tuple or dict, as `remove_arguments` does.

    A tuple that is left with one element gets the comma that makes it one. Raises `ValueError` where a tuple
    without parentheses would be left without elements.
    """
    is_tuple = isinstance(display, cst.Tuple)
    if is_tuple and not display.lpar and len(set(map(id, elements))) == len(display.elements):
        raise ValueError("a tuple without parentheses needs an element")
    return _remove(positions, _elements(positions, display), display.elements, elements, lone_comma=is_tuple)


def insert_first_element(positions: Positions, display: cst.List | cst.Tuple, text: str) -> tuple[Edit, ...]:
    """Makes `text` the first element of a list or tuple, in its layout.

    Comments above the old first element stay above the new one.
    """
    sequence = _elements(positions, display)
    if isinstance(display, cst.List):
        return _insert_first(sequence, text)
    if not sequence.elements:
        return _insert_first(sequence, text + ",")
    (start, end), *others = sequence.elements
    edits = _insert_first(sequence, text) if display.lpar else (Edit(start, start, f"{text}, "),)
    if not others and positions.text[end : sequence.closing] == ",":
        edits += (Edit(end, end + 1, ""),)
    return edits


def insert_argument_first(positions: Positions, call: cst.Call, text: str) -> tuple[Edit, ...]:
    """Makes `text` (positional, where positional arguments follow) the first argument of a call."""
    bare = _bare_generator(positions, call)
    if bare is not None:
        return Edit(bare[0], bare[0], f"{text}, ("), Edit(bare[1], bare[1], ")")
    return _insert_first(_arguments(positions, call), text)


def append_argument(positions: Positions, call: cst.Call, text: str) -> tuple[Edit, ...]:
    """Makes `text` (a keyword argument, where one precedes) the last argument of a call."""
    bare = _bare_generator(positions, call)
    if bare is not None:
        return Edit(bare[0], bare[0], "("), Edit(bare[1], bare[1], f"), {text}")
    return _append(_arguments(positions, call), text)


def insert_statement_before(positions: Positions, statement: Statement, text: str) -> tuple[Edit, ...]:
    """Puts the one-line statement `text` before another.

    It gets a line of its own, between the statement and the comments above it; or, where the statement shares
    its line with what is before it (`if x: model.add(...)`, a semicolon), a place on that line.
    """
    start = _statement_span(positions, statement)[0]
    if not _begins_line(positions.text, start):
        return (Edit(start, start, f"{text}; "),)
    newline = newline_near(positions.text, start)
    return (Edit(start, start, text + newline + positions.text[line_start(positions.text, start) : start]),)


def remove_statement(positions: Positions, statement: cst.SimpleStatementLine) -> tuple[Edit, ...]:
    """Takes out a statement that has its lines to itself, and those lines; its comments stay, each on its own line.

    It must not be the only one of its block.
    """
    source = positions.text
    start, end = _statement_span(positions, statement)
    spans = [positions.span(comment) for comment in _comments(statement.body[0])]
    for piece in pieces(source, end, len(source)):
        if piece.kind not in ("space", "comment", "newline"):
            break
        end = piece.start + len(piece.text)
        if piece.kind == "comment":
            spans.append((piece.start, end))
        if piece.kind == "newline":
            break
    indent = source[line_start(source, start) : start]
    kept = "".join(indent + source[slice(*span)] + newline_near(source, start) for span in spans)
    return (Edit(line_start(source, start), end, kept),)


def insert_import_after(positions: Positions, statement: Statement, text: str) -> tuple[Edit, ...]:
    """Puts the one-line statement `text` behind another: on the next line, or on a line that is shared.

    A comment at the end of the line stays with the first statement.
    """
    source = positions.text
    start, end = _statement_span(positions, statement)
    end_of_line, shared = end, False
    for piece in pieces(source, end, len(source)):
        if piece.kind not in ("space", "comment"):
            shared = piece.kind == "mark" or piece.text.startswith("\\")
            break
        end_of_line = piece.start + len(piece.text)
    if shared or not _begins_line(source, start):
        return (Edit(end, end, f"; {text}"),)
    indent = source[line_start(source, start) : start]
    return (Edit(end_of_line, end_of_line, newline_near(source, end_of_line) + indent + text),)


def extend_import(positions: Positions, import_from: cst.ImportFrom, name: str) -> tuple[Edit, ...]:
    """Appends `name` (`Input`, or `Input as KerasInput`) to what `from module import ...` imports.

    Raises `ValueError` for a star import. Whether the name is imported already is for the caller to know.
    """
    if isinstance(import_from.names, cst.ImportStar):
        raise ValueError("a star import cannot be extended")
    names = [positions.span(alias) for alias in import_from.names]
    if import_from.lpar is None or import_from.rpar is None:
        return (Edit(names[-1][1], names[-1][1], f", {name}"),)
    opening = positions.span(import_from.lpar)[0] + 1
    closing = positions.span(import_from.rpar)[1] - 1
    return _append(Sequenced(positions.text, opening, names, closing), name)


def _arguments(positions: Positions, call: cst.Call) -> Sequenced:
    closing = positions.span(call)[1] - 1
    spans = [positions.span(argument) for argument in call.args]
    start = positions.outer_span(call.func)[1]
    bracket = find_mark(positions.text, "(", start, closing)
    assert bracket is not None, "a call has an opening parenthesis"
    return Sequenced(positions.text, bracket + 1, spans, closing)


def _elements(positions: Positions, display: cst.List | cst.Tuple | cst.Dict) -> Sequenced:
    spans = [positions.outer_span(element) for element in display.elements]
    start, end = positions.span(display)
    if not isinstance(display, cst.Tuple):
        return Sequenced(positions.text, start + 1, spans, end - 1)
    if display.lpar:
        start, end = positions.span(display.lpar[-1])[0] + 1, positions.span(display.rpar[0])[1] - 1
    return Sequenced(positions.text, start, spans, end)


def _remove(
    positions: Positions,
    sequence: Sequenced,
    nodes: Sequence[cst.CSTNode],
    removed: Sequence[cst.CSTNode],
    *,
    lone_comma: bool,
) -> tuple[Edit, ...]:
    indices = {id(node): index for index, node in enumerate(nodes)}
    missing = [node for node in removed if id(node) not in indices]
    if missing:
        raise ValueError(f"{type(missing[0]).__name__} to remove is not in the node that it is removed from")
    comments = [positions.span(comment) for node in removed for comment in _comments(node)]
    return sequence.remove({indices[id(node)] for node in removed}, comments, lone_comma=lone_comma)


def _comments(node: cst.CSTNode) -> Iterator[cst.Comment]:
    if isinstance(node, cst.Comment):
        yield node
    for child in node.children:
        yield from _comments(child)


def _insert_first(sequence: Sequenced, addition: str) -> tuple[Edit, ...]:
    text = sequence.text
    if not sequence.elements:
        return _insert_only(sequence, addition)
    (start, end), *others = sequence.elements
    own_line = has_newline(text, sequence.opening, start)
    if others:
        separator = _separator(text, end, others[0][0], indentation(text, start) if own_line else None)
    elif own_line:
        separator = "," + newline_near(text, sequence.opening) + indentation(text, start)
    elif _is_aligned(text, start, end):
        separator = "," + newline_near(text, start) + _column(text, start)
    else:
        separator = ", "
    return (Edit(start, start, addition + separator),)


def _insert_only(sequence: Sequenced, addition: str) -> tuple[Edit, ...]:
    """The first element of an empty call or display; behind the comments, where it holds some."""
    text, opening, closing = sequence.text, sequence.opening, sequence.closing
    inside = list(pieces(text, opening, closing))
    if not any(piece.kind == "comment" for piece in inside):
        return (Edit(opening, closing, addition),)
    at = line_start(text, closing)
    comment = max(piece.start for piece in inside if piece.kind == "comment")
    if line_start(text, comment) > opening:
        indent = indentation(text, comment)
    else:
        indent = indentation(text, closing)
        indent += "\t" if "\t" in indent else "    "
    return (Edit(at, at, indent + addition + newline_near(text, opening)),)


def _append(sequence: Sequenced, addition: str) -> tuple[Edit, ...]:
    text, closing = sequence.text, sequence.closing
    if not sequence.elements:
        return _insert_only(sequence, addition)
    *others, (start, end) = sequence.elements
    own_line = has_newline(text, others[-1][1] if others else sequence.opening, start)
    comma, remark_end = _behind(text, end, closing)
    if remark_end is not None:
        indent = indentation(text, start) if own_line else _column(text, start)
        line = newline_near(text, remark_end) + indent + addition
        if comma:
            return (Edit(remark_end, remark_end, line + ","),)
        return Edit(end, end, ","), Edit(remark_end, remark_end, line)
    if not own_line:
        separator = ", "
    elif others:
        separator = _separator(text, others[-1][1], start, indentation(text, start))
    else:
        separator = "," + newline_near(text, sequence.opening) + indentation(text, start)
    return (Edit(end, end, separator + addition),)


def _behind(text: str, end: int, closing: int) -> tuple[bool, int | None]:
    """Whether a comma follows on the line of the last element, and where the comment on that line ends."""
    comma = False
    for piece in pieces(text, end, closing):
        if piece.kind == "comment":
            return comma, piece.start + len(piece.text)
        if piece.kind == "newline":
            break
        comma = comma or piece.text == ","
    return comma, None


def _separator(text: str, start: int, end: int, indent: str | None) -> str:
    """What to put between elements, after the model of the gap `text[start:end]` between two of them.

    Where that holds comments or blank lines, it is a comma, a newline and `indent`, or the gap's indentation.
    """
    gap = list(pieces(text, start, end))
    newlines = [piece.text for piece in gap if piece.kind == "newline"]
    if len(newlines) <= 1 and not any(piece.kind == "comment" for piece in gap):
        following = [*gap[1:], None]
        return "".join(
            piece.text
            for piece, after in zip(gap, following, strict=True)
            if not (piece.kind == "space" and after is not None and after.text[0] in "\r\n")
        )
    newline = newlines[-1].removeprefix("\\")
    return "," + newline + (indentation(text, end) if indent is None else indent)


def _is_aligned(text: str, start: int, end: int) -> bool:
    """Whether an element goes over several lines, all of which begin to the right of where it begins."""
    column = start - line_start(text, start)
    lines = [line for line in NEWLINE.split(text[start:end])[1:] if line.strip(SPACE)]
    return bool(lines) and all(len(line) - len(line.lstrip(SPACE)) > column for line in lines)


def _column(text: str, offset: int) -> str:
    """Whitespace that reaches as far as `offset` does in its line."""
    return "".join(c if c in SPACE else " " for c in text[line_start(text, offset) : offset])


def _bare_generator(positions: Positions, call: cst.Call) -> tuple[int, int] | None:
    """The place of the argument of `f(x for x in y)`, which cannot have neighbours as it is."""
    match call.args:
        case [cst.Arg(value=cst.GeneratorExp(lpar=[]) as generator)]:
            return positions.span(generator)
    return None


def _statement_span(positions: Positions, statement: Statement) -> tuple[int, int]:
    if isinstance(statement, cst.SimpleStatementLine):
        return positions.span(statement.body[0])[0], positions.span(statement.body[-1])[1]
    return positions.span(statement)


def _begins_line(text: str, start: int) -> bool:
    """Whether a statement is the first thing on its line, and that line not the continuation of another."""
    begin = line_start(text, start)
    if text[begin:start].strip(SPACE):
        return False
    return not text[max(0, begin - 3) : begin].rstrip("\r\n").endswith("\\")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
