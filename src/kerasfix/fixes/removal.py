"""Taking elements out of a bracketed, comma-separated sequence as if they had never been there.

The hard part is what stands around them: a comma must go with each of them, whole lines must go, and every
comment must stay, on a line of its own or behind what was before it. The stretch between two elements that
stay is cut into physical lines, and each line is kept, shortened or dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Edit
from kerasfix.fixes.gaps import NEWLINE, SPACE, Piece, find_mark, indentation, line_start, pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """The elements of a call or display: `text[opening:closing]` is what stands between its brackets."""

    text: str
    opening: int
    elements: Sequence[Span]
    closing: int

    def remove(
        self, removed: Collection[int], comments: Sequence[Span], *, lone_comma: bool = False
    ) -> tuple[Edit, ...]:
        """Edits that take out the elements with the indices `removed`.

        `comments` are the places of the comments *inside* these elements. `lone_comma` asks for a comma
        behind an element that is left alone, as tuples need.
        """
        if not removed:
            return ()
        last = len(self.elements) - 1
        has_comma = find_mark(self.text, ",", self.elements[last][1], self.closing) is not None
        needs_comma = lone_comma and len(self.elements) - len(set(removed)) == 1
        edits = []
        for gone, group in groupby(range(last + 1), key=lambda index: index in removed):
            if not gone:
                continue
            run = list(group)
            first, final = run[0] == 0, run[-1] == last
            start = self.opening if first else self.elements[run[0] - 1][1]
            end = self.closing if final else self.elements[run[-1] + 1][0]
            stretch = _Stretch(
                lines=_lines(self._pieces(start, run, end, comments)),
                after_bracket=first,
                before_bracket=final,
                comma=not first and (not final or has_comma or needs_comma),
            )
            edits.append(_trimmed(self.text, start, end, stretch.render()))
        if needs_comma and not has_comma and last not in removed:
            edits.append(Edit(self.elements[last][1], self.elements[last][1], ","))
        return tuple(edits)

    def _pieces(self, start: int, run: list[int], end: int, comments: Sequence[Span]) -> Iterator[Piece]:
        at = start
        for element in (self.elements[index] for index in run):
            yield from pieces(self.text, at, element[0])
            own_line = line_start(self.text, element[0]) > start
            indent = indentation(self.text, element[0]) if own_line else None
            inside = [c for c in comments if element[0] <= c[0] < element[1]]
            yield from _removed_pieces(self.text, element, indent, inside)
            at = element[1]
        yield from pieces(self.text, at, end)


def _removed_pieces(text: str, element: Span, indent: str | None, comments: list[Span]) -> Iterator[Piece]:
    """An element that goes, as one piece of code, or line by line around the comments in it."""
    start, end = element
    if not comments:
        yield Piece("code", text[start:end])
        return
    for comment_start, comment_end in sorted(comments):
        yield from _code_pieces(text[start:comment_start], indent)
        yield Piece("comment", text[comment_start:comment_end])
        start = comment_end
    yield from _code_pieces(text[start:end], indent)


def _code_pieces(code: str, indent: str | None) -> Iterator[Piece]:
    """Code that goes, line by line; the lines after its first get the indentation `indent`, if any."""
    newlines = [*NEWLINE.findall(code), ""]
    for number, line in enumerate(NEWLINE.split(code)):
        body = line.lstrip(SPACE) if number else line
        lead = line[: len(line) - len(body)]
        yield Piece("space", indent if number and indent is not None else lead)
        yield Piece("code", body.rstrip(SPACE))
        yield Piece("space", body[len(body.rstrip(SPACE)) :])
        yield Piece("newline", newlines[number])


@dataclass(slots=True)
class _Line:
    """One physical line of a stretch; the first begins behind what stays, the last ends before what stays."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return "".join(p.text for p in self.pieces)

    @property
    def removed(self) -> bool:
        return any(p.kind == "code" for p in self.pieces)

    @property
    def has_comma(self) -> bool:
        return any(p.text == "," and p.kind == "mark" for p in self.pieces)

    @property
    def blank(self) -> bool:
        return all(p.kind in ("space", "newline") for p in self.pieces)

    @property
    def comment(self) -> str:
        return next((p.text for p in self.pieces if p.kind == "comment"), "")

    @property
    def lead(self) -> str:
        """The whitespace at its start."""
        return self.pieces[0].text if self.pieces and self.pieces[0].kind == "space" else ""

    @property
    def tail(self) -> str:
        """The whitespace at its end; none where that is all there is."""
        body = [p for p in self.pieces if p.kind != "newline"]
        return body[-1].text if len(body) > 1 and body[-1].kind == "space" else ""

    @property
    def ending(self) -> str:
        end = self.pieces[-1].text
        return (self.tail or " ") + end if end.startswith("\\") else end

    @property
    def remark(self) -> str:
        """Its comment, with the whitespace before it."""
        at = next((i for i, p in enumerate(self.pieces) if p.kind == "comment"), None)
        if at is None:
            return ""
        space = self.pieces[at - 1].text if at and self.pieces[at - 1].kind == "space" else ""
        return (space or "  ") + self.pieces[at].text

    def through_comma(self) -> str:
        return self.raw[: self.raw.index(",") + 1]

    def after_comma(self, *, last: bool) -> str:
        """The whitespace behind its first or last comma."""
        marks = [i for i, p in enumerate(self.pieces) if p.kind == "mark"]
        following = self.pieces[marks[-1 if last else 0] + 1 :]
        return following[0].text if following and following[0].kind == "space" else ""


def _lines(stretch: Iterator[Piece]) -> list[_Line]:
    lines = [_Line()]
    for piece in stretch:
        if piece.text or piece.kind == "code":
            lines[-1].pieces.append(piece)
        if piece.kind == "newline" and piece.text:
            lines.append(_Line())
    return lines


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What stands between two elements that stay, or a bracket and one, with the removed ones in it."""

    lines: list[_Line]
    after_bracket: bool
    before_bracket: bool
    comma: bool
    """Whether a comma is to stay in it."""

    def render(self) -> str:
        first, last = self.lines[0], self.lines[-1]
        if len(self.lines) == 1:
            return self._on_one_line(first)
        between = self._between()
        if not first.comment and not any(line.comment for line in between):
            if self.after_bracket and self.before_bracket:
                return ""
            if self.after_bracket and first.removed:
                return first.lead
            if self.before_bracket and last.removed:
                return self._comma_of(first) + last.tail
        rendered = [line.raw if not self._touched(line) else line.lead + _comment(line) for line in between]
        return self._first() + "".join(rendered) + self._last()

    def _on_one_line(self, line: _Line) -> str:
        if self.after_bracket:
            return "" if self.before_bracket else line.lead
        if self.before_bracket:
            return self._comma_of(line) + line.tail
        return self._comma_of(line) + line.after_comma(last=False)

    def _comma_of(self, line: _Line) -> str:
        if not self.comma:
            return ""
        return line.through_comma() if line.has_comma else ","

    def _touched(self, line: _Line) -> bool:
        return line.removed or line.has_comma

    def _leads_with_comma(self) -> bool:
        """Whether the comma that stays is one before the next element: `a` / `, b` / `, c`."""
        return self.comma and not self.lines[0].has_comma and self.lines[-1].has_comma

    def _first(self) -> str:
        line = self.lines[0]
        comma = "" if self._leads_with_comma() else self._comma_of(line)
        if not line.removed and line.has_comma == bool(comma):
            return line.raw
        return comma + line.remark + line.ending

    def _last(self) -> str:
        line = self.lines[-1]
        if not self._touched(line):
            return line.raw
        if self._leads_with_comma():
            return line.lead + "," + line.after_comma(last=True)
        return line.lead

    def _between(self) -> list[_Line]:
        """The whole lines that stay: own-line comments, comments of removed lines, blank lines."""
        kept: list[_Line] = []
        gone = self.lines[0].removed
        for line in self.lines[1:-1]:
            doubled = kept[-1].blank if kept else self.after_bracket
            if line.comment or (line.blank and not (gone and doubled)):
                kept.append(line)
                gone = False
            elif not line.blank:
                gone = True
        if self.before_bracket and (gone or self.lines[-1].removed):
            while kept and kept[-1].blank:
                kept.pop()
        return kept


def _comment(line: _Line) -> str:
    return line.comment + line.ending


def _trimmed(text: str, start: int, end: int, content: str) -> Edit:
    """The edit without what it has in common with the text, at the front and then at the back."""
    shortest = min(end - start, len(content))
    front = 0
    while front < shortest and content[front] == text[start + front]:
        front += 1
    back = 0
    while back < shortest - front and content[-1 - back] == text[end - 1 - back]:
        back += 1
    return Edit(start + front, end - back, content[front : len(content) - back])
