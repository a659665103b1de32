"""Where the nodes of a LibCST tree stand in the text they were parsed from, as offsets in code points.

LibCST nodes carry no places. Its `PositionProvider` gives rows and columns, copies the tree and costs more
than parsing; edits need offsets, and only in files that have a finding. So the tree is written out once, on
the first question, and the offset at which every node begins and ends is noted on the way.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from libcst._nodes.internal import CodegenState

if TYPE_CHECKING:
    import libcst as cst

_DROPPED_BY_LIBCST = re.compile(r"\\(?=[\r\n])|[ \t\f\r\n\ufeff]|#[^\r\n]*")
"""What LibCST's parser leaves out at times: a form feed or a backslash where a line begins, the byte order
mark, a last carriage return, a blank line before a last form feed, a comment that is indented behind the last
statement. As no other character is ever skipped, all others are matched one by one, and the bounds of every
node are among them."""


class PositionError(ValueError):
    """The tree does not give back the text, or does not hold the node, so that no place can be told."""


class Positions:
    """The place of every node of `module` in `text`, the text that `module` was parsed from.

    Nothing is computed before the first question. The tree is kept alive by this object, and must not change
    (LibCST's never do).
    """

    __slots__ = ("_spans", "module", "text")

    def __init__(self, module: cst.Module, text: str) -> None:
        self.module = module
        self.text = text
        self._spans: dict[int, tuple[int, int]] | None = None

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end of `node` itself: no whitespace or comment around it, no parentheses of its own.

        The parentheses of a call or a class belong to it; those of a tuple do not (see `outer_span`).
        Raises `PositionError` when `node` is not part of the tree, or the tree not that of the text.
        """
        if self._spans is None:
            self._spans = _spans(self.module, self.text)
        try:
            return self._spans[id(node)]
        except KeyError:
            raise PositionError(f"this {type(node).__name__} is not part of the module") from None

    def outer_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end of `node` with the parentheses that are its own: those of a tuple, those of `(x)`."""
        left, right = getattr(node, "lpar", None), getattr(node, "rpar", None)
        if isinstance(left, (tuple, list)) and left and right:
            return self.span(left[0])[0], self.span(right[-1])[1]
        return self.span(node)


class _RecordingState(CodegenState):
    """A code generation that notes the offsets between which each node is written."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.offset = 0
        self.spans: dict[int, tuple[int, int]] = {}
        self.starts: list[int] = []

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.offset -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self.starts.pop()
        if id(node) not in self.spans:
            self.spans[id(node)] = (start, self.offset)

    def record_syntactic_position(  # type: ignore[override]  # any context manager will do
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> AbstractContextManager[None]:
        return _Recording(self, node, start_node, end_node)


class _Recording(AbstractContextManager[None]):
    """Notes the span of what is written while it is open. (A generator would take a tenth of all the time.)"""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(
        self, state: _RecordingState, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self.state = state
        self.node = node
        self.start_node = start_node
        self.end_node = end_node

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(self, *error: object) -> None:
        spans = self.state.spans
        start = self.start if self.start_node is None else spans[id(self.start_node)][0]
        end = self.state.offset if self.end_node is None else spans[id(self.end_node)][1]
        spans[id(self.node)] = (start, end)


def _spans(module: cst.Module, text: str) -> dict[int, tuple[int, int]]:
    state = _RecordingState(module)
    module._codegen(state)
    code = "".join(state.tokens)
    if code == text:
        return state.spans
    dropped = _dropped(code, text)
    return {
        node: (start + bisect_right(dropped, start), end + bisect_left(dropped, end))
        for node, (start, end) in state.spans.items()
    }


def _dropped(code: str, text: str) -> list[int]:
    """For each character of `text` that LibCST left out, in order, the offset in `code` where it is missing.

    Raises `PositionError` where the two differ in anything else.
    """
    gaps: list[int] = []
    comment: tuple[int, int] | None = None
    """Where the comment began that fills this line, and the gaps before it: of several behind the last statement LibCST
    keeps the last one, and they may begin the same."""
    at = 0
    while at < len(code) or at + len(gaps) < len(text):
        if code[at : at + 1] == text[at + len(gaps) : at + len(gaps) + 1]:
            if code[at] in "\r\n":
                comment = None
            elif code[at] == "#" and comment is None and _fills_line(code, at):
                comment = (at, len(gaps))
            at += 1
            continue
        dropped = _DROPPED_BY_LIBCST.match(text, at + len(gaps))
        if comment is not None and (dropped is None or code[at : at + 1] not in ("", "\r", "\n")):
            at, before = comment
            del gaps[before:]
            comment = None
            dropped = _DROPPED_BY_LIBCST.match(text, at + len(gaps))
        if dropped is None:
            raise PositionError(f"LibCST gives back other code than was parsed, from offset {at + len(gaps)} on")
        gaps.extend([at] * len(dropped[0]))
    return gaps


def _fills_line(code: str, at: int) -> bool:
    """Whether nothing but space stands before a place in its line."""
    start = max(code.rfind("\n", 0, at), code.rfind("\r", 0, at)) + 1
    return not code[start:at].strip(" \t\f")
