"""The code cells of IPython as Python: what only IPython understands is masked, character by character.

A masked text is as long as the original and ends its lines in the same places, so that every offset holds in both.
What IPython does there is none of our business, but for what it assigns: `files = !ls` leaves `files` bound to a
value of which nothing is known. The forms are those of IPython's own `core/inputtransformer2.py`.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON_MAGICS = frozenset(
    {
        "capture",
        "debug",
        "ipytest",
        "kerasfix",
        "memit",
        "mprun",
        "prun",
        "pyinstrument",
        "scalene",
        "time",
        "timeit",
        "wandb",
    }
)
"""The magics of a whole cell whose body is Python that the notebook's own process runs (`%%python` starts another)."""

_AUTOMATIC = frozenset(
    {"cat", "cd", "conda", "cp", "ls", "ll", "matplotlib", "mkdir", "mv", "pip", "rm", "run", "time"}
)
"""Magics that IPython knows without a `%`, where a cell is no more than a line."""

_CELL_MAGIC = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r?\n|\r(?!\n)))*[ \t\f]*%%(\S*)")
"""Comments may stand above: Colab runs such a cell, and its form fields are such comments; IPython refuses it."""
_AUTOMATIC_LINE = re.compile(r"\s*(\w+)(?:[ \t][^\r\n]*)?\s*\Z")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_INDENTATION = re.compile(r"[ \t\f]*")
_ESCAPED = re.compile(r"(?:[^\r\n]*\\(?:\r\n|\r|\n))*[^\r\n]*")
"""A line of a magic; a backslash carries it on."""
_TOKEN = re.compile(
    r"""(?P<string>("{3}|'{3})(?:\\.|(?!\2).)*(?:\2|\Z) | (["'])(?:\\.|(?!\3)[^\\\r\n])*\3?)
    | (?P<comment>\#[^\r\n]*) | (?P<newline>\r\n|\r|\n) | (?P<continued>\\(?:\r\n|\r|\n))
    | (?P<assigned>(?<![=!<>])=[ \t]*(?=[%!](?!=))) | (?P<opening>[(\[{]) | (?P<closing>[)\]}]) | (?P<space>[ \t\f]+)
    | (?P<code>[\w.]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_CHANGES = re.compile(r"[ \t]*([^\W\d]\w*)[ \t]*(?:=(?!=)|,|\[|[-+*/|]=|\.(?:add|pop|build|append|insert|extend)\b)")
"""The beginning of a statement that binds a name anew, or changes the list or model that it holds."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text whose `spans`, from offset to offset, were replaced by Python that does nothing."""

    text: str
    spans: tuple[tuple[int, int], ...]


def is_python(cell: str) -> bool:
    """Whether a cell is Python, or begins with a magic whose body is, or with several."""
    magic = _CELL_MAGIC.match(cell)
    while magic is not None:
        if magic[1] not in PYTHON_MAGICS:
            return False
        magic = _CELL_MAGIC.match(cell, _end_of_magic(cell, magic.end()))
    return True


def is_automatic_magic(cell: str) -> bool:
    """Whether a cell that is no valid Python is a magic that is written without `%`."""
    line = _AUTOMATIC_LINE.match(cell)
    return line is not None and line[1] in _AUTOMATIC


def mask(cell: str) -> Masked:
    """The cell as Python: its magics and shell commands do nothing, and what they are assigned to is not known."""
    spans = []
    for line in _logical_lines(cell):
        if line.escaped:
            spans.append((line.start, line.end, _nothing(cell[line.start : line.end])))
        elif line.assigned is not None:
            spans.append((line.assigned, line.end, _unknown(cell[line.assigned : line.end])))
    return _replaced(cell, spans)


def mask_all(cell: str) -> Masked:
    """The cell without a statement that does anything, but for this: a name that one of them binds or changes holds
    nothing that is known."""
    lines = []
    for line in _logical_lines(cell):
        text = cell[line.start : line.end]
        change = _CHANGES.match(text)
        unknown = "" if change is None or keyword.iskeyword(change[1]) else f"{change[1]}=_"
        has_room = len(re.split(r"[\r\n]", text, maxsplit=1)[0]) >= len(unknown)
        lines.append((line.start, line.end, _filled(unknown if has_room else "", text)))
    return Masked(_replaced(cell, lines).text, ((0, len(cell)),))


@dataclass(frozen=True, slots=True)
class _Line:
    """A logical line, its end left out."""

    start: int
    end: int
    escaped: bool
    """Whether it begins with `%`, `!` or `?`, or ends with `?`."""
    assigned: int | None
    """Where the magic or command begins whose value it assigns."""


def _logical_lines(cell: str) -> Iterator[_Line]:
    at = 0
    while at < len(cell):
        indented = _INDENTATION.match(cell, at)
        assert indented is not None, "an indentation may be empty"
        start = indented.end()
        if cell[start : start + 1] in ("%", "!", "?"):
            line = _Line(start, _end_of_magic(cell, start), True, None)
        else:
            line = _python_line(cell, at)
        yield line
        following = _NEWLINE.match(cell, line.end)
        at = following.end() if following else line.end


def _end_of_magic(cell: str, start: int) -> int:
    match = _ESCAPED.match(cell, start)
    assert match is not None, "a line may be empty"
    return match.end()


def _python_line(cell: str, start: int) -> _Line:
    depth = 0
    last = ""
    for token in _TOKEN.finditer(cell, start):
        match token.lastgroup:
            case "newline" if depth <= 0:
                return _Line(start, token.start(), last == "?", None)
            case "assigned" if depth <= 0:
                return _Line(start, _end_of_magic(cell, token.end()), False, token.end())
            case "opening":
                depth += 1
            case "closing":
                depth -= 1
        if token.lastgroup not in ("space", "newline", "continued"):
            last = token[0]
    return _Line(start, len(cell), last == "?" and depth <= 0, None)


def _replaced(cell: str, spans: list[tuple[int, int, str]]) -> Masked:
    parts = []
    at = 0
    for start, end, content in spans:
        parts += [cell[at:start], content]
        at = end
    text = "".join([*parts, cell[at:]])
    assert len(text) == len(cell), "offsets hold in both"
    return Masked(text, tuple((start, end) for start, end, _ in spans))


def _nothing(text: str) -> str:
    """A statement of the length and lines of `text`, and with its indentation."""
    indentation = text[: len(text) - len(text.lstrip(" \t\f"))]
    return _filled(f"{indentation}0", text)


def _unknown(text: str) -> str:
    """An expression of the length and lines of `text` whose value nobody knows."""
    return _filled("_()" if len(text.splitlines()[0]) > 2 else "__"[: len(text)], text)


def _filled(beginning: str, text: str) -> str:
    return beginning + _blank(text[len(beginning) :])


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)
