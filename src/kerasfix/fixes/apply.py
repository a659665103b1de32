"""From fixes to a new text: which of them can land together, the splicing, and the diff that shows it.

Fixes are made one by one, from one reading of the text, so two of them may want the same place. The first in
the document gets it, the other waits for the next pass. The text is copied once, however many there are.
"""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Applicability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kerasfix.diagnostics import Edit, Fix


class OverlappingEditsError(ValueError):
    """Edits that cannot be applied together, or that reach out of the text."""


def apply_fixes(text: str, fixes: Sequence[Fix]) -> tuple[str, list[Fix]]:
    """The text with the fixes made that can land together, and these fixes (see `edits_together`)."""
    edits, taken = edits_together(text, fixes)
    return splice(text, edits), taken


def edits_together(text: str, fixes: Sequence[Fix]) -> tuple[list[Edit], list[Fix]]:
    """The edits of the fixes that can land together, and these fixes, in the order given.

    The fix that begins first in the document has precedence, then one that is not safe (it was asked for, and
    goes further than the safe one at the same place), then the one given first. All edits of a fix land or none.
    An edit that a fix shares with one taken already (an import that both need) is made once; any other overlap
    makes a fix wait, and so does an insertion that touches another fix's edit, as their order would be arbitrary.
    Fixes without edits are never taken. Raises `OverlappingEditsError` where the edits *within* a fix overlap.
    """
    order = sorted(
        (index for index, fix in enumerate(fixes) if fix.edits),
        key=lambda index: (
            min(edit.start for edit in fixes[index].edits),
            fixes[index].applicability is Applicability.SAFE,
        ),
    )
    taken: list[int] = []
    edits: dict[Edit, None] = {}
    by_place: list[Edit] = []
    for index in order:
        own = _checked(text, fixes[index].edits)
        new = [edit for edit in own if edit not in edits]
        if any(_conflicts(edit, by_place) for edit in new):
            continue
        taken.append(index)
        for edit in new:
            edits[edit] = None
            insort(by_place, edit)
    return list(edits), [fixes[index] for index in sorted(taken)]


def splice(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made.

    Insertions at one place come in the order given, before a replacement that begins there. Raises
    `OverlappingEditsError`.
    """
    parts = []
    at = 0
    for edit in _in_order(text, edits):
        parts += [text[at : edit.start], edit.content]
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def unified_diff(before: str, after: str, path: str) -> str:
    """The difference as `patch -p0` and `git apply -p0` take it; empty where there is none.

    Lines end at line feeds only, as these tools see it, so that a carriage return stays with its line.
    """
    header = _quoted(path)
    lines = difflib.unified_diff(_lines(before), _lines(after), header, header)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _quoted(path: str) -> str:
    """A path as Git writes it in a diff: what could end the line, or move a cursor, as in a string of C."""
    if re.search(r'["\\\x00-\x1f\x7f-\x9f\ud800-\udfff]', path) is None:
        return f"{path}\t" if " " in path else path
    escapes = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    parts = [
        escapes.get(character) or "".join(f"\\{byte:03o}" for byte in os.fsencode(character))
        if not character.isprintable() or character in '"\\'
        else character
        for character in path
    ]
    return f'"{"".join(parts)}"'


def _checked(text: str, edits: Sequence[Edit]) -> list[Edit]:
    unique = list(dict.fromkeys(edits))
    for _ in _in_order(text, unique):
        pass
    return unique


def _in_order(text: str, edits: Iterable[Edit]) -> Iterator[Edit]:
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if not at <= edit.start <= edit.end <= len(text):
            raise OverlappingEditsError(f"{edit} overlaps another edit or leaves the text ({len(text)} long)")
        at = edit.end
        yield edit


def _conflicts(edit: Edit, taken: list[Edit]) -> bool:
    """Whether an edit wants a place of the others, which are sorted and do not overlap each other."""
    at = bisect_left(taken, edit)
    return any(_collide(edit, neighbour) for neighbour in taken[max(0, at - 1) : at + 1])


def _collide(one: Edit, other: Edit) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)
