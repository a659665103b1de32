"""Fixing one document: passes of fixes until nothing changes, and nothing kept that does not hold.

After every pass the new text is parsed and checked again. A fix after which the file does not parse, or its
finding is still there, is withdrawn and reported as a bug of kerasfix (KFX999); the other fixes are still
applied.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Diagnostic, Edit, Fix, allowed
from kerasfix.engine import check_document, describe, internal_error
from kerasfix.source import gate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kerasfix.config import Settings
    from kerasfix.source.document import Document

MAX_PASSES = 10


@dataclass(frozen=True, slots=True)
class FixResult:
    """A document after its fixes: which findings they mended, and what is left, in places of the new text."""

    document: Document
    applied: tuple[tuple[str, int], ...]
    """How many findings of each code were mended, by code."""
    remaining: tuple[Diagnostic, ...]
    passes: int
    """How many passes changed something."""

    @property
    def text(self) -> str:
        """The new text of the file."""
        return self.document.content

    @property
    def applied_count(self) -> int:
        """How many findings were mended."""
        return sum(count for _, count in self.applied)


def fix_document(document: Document, settings: Settings, found: Iterable[Diagnostic] | None = None) -> FixResult:
    """Apply the fixes that the settings allow. `found` are the findings in `document`, where they are
    known."""
    start = list(check_document(document, settings) if found is None else found)
    work = _Work(document, start, settings)
    passes = 0
    # A pass that had to be split to find a bad fix takes only a part; the rest gets its turn, within reason.
    while passes < MAX_PASSES + len(work.withdrawn) * MAX_PASSES and work.advance(work.fixable()):
        passes += 1
    if left := work.fixable():
        codes = ", ".join(sorted({diagnostic.code for diagnostic in left}))
        work.bugs.append(
            internal_error(f"the fixes of {codes} do not come to an end after {MAX_PASSES} passes", left[0].start)
        )
    return FixResult(work.document, tuple(sorted(work.applied.items())), work.remaining(), passes)


def shift(offset: int, edits: Sequence[Edit]) -> tuple[int, int]:
    """The least and the greatest place that `offset` can be said to have once `edits` (in order) are made."""
    low = high = offset
    for edit in edits:
        growth = len(edit.content) - (edit.end - edit.start)
        if edit.end < offset or (edit.end == offset and edit.start < offset):
            low, high = low + growth, high + growth
        elif edit.start <= offset:
            low -= offset - edit.start
            high += edit.start + len(edit.content) - offset if edit.end > offset else len(edit.content)
    return low, high


@dataclass(frozen=True, slots=True)
class _Step:
    """A set of fixes that held: the new document, its findings, and which were mended by which edits."""

    document: Document
    found: list[Diagnostic]
    mended: list[Diagnostic]
    edits: list[Edit]


class _Work:
    """The state of one fixing run; its owner is `fix_document`."""

    def __init__(self, document: Document, found: list[Diagnostic], settings: Settings) -> None:
        self.document = document
        self.found = found
        self.settings = settings
        self.applied: Counter[str] = Counter()
        self.bugs: list[Diagnostic] = []
        self.withdrawn: set[tuple[str, int]] = set()

    def fixable(self) -> list[Diagnostic]:
        """The findings whose fix may be applied and has not been withdrawn."""
        return [
            diagnostic
            for diagnostic in self.found
            if allowed(diagnostic.fix, self.settings.unsafe_fixes)
            and (diagnostic.code, diagnostic.start) not in self.withdrawn
        ]

    def remaining(self) -> tuple[Diagnostic, ...]:
        """What is left, a withdrawn fix no longer offered."""
        left = [
            replace(diagnostic, fix=None) if (diagnostic.code, diagnostic.start) in self.withdrawn else diagnostic
            for diagnostic in self.found
        ]
        return tuple(sorted([*left, *self.bugs], key=lambda d: (d.start, d.code, d.end)))

    def advance(self, findings: list[Diagnostic]) -> bool:
        """Apply as many of the fixes as hold together, halving until the ones that do not stand alone."""
        fixes = list(dict.fromkeys(diagnostic.fix for diagnostic in findings if diagnostic.fix is not None))
        if not fixes:
            return False
        outcome = self._attempt(fixes)
        if isinstance(outcome, _Step):
            self._accept(outcome)
            return True
        if len(fixes) == 1:
            self._withdraw(findings, outcome)
            return False
        half = set(fixes[: len(fixes) // 2])
        first = [diagnostic for diagnostic in findings if diagnostic.fix in half]
        second = [diagnostic for diagnostic in findings if diagnostic.fix not in half]
        return self.advance(first) or self.advance(second)

    def _attempt(self, fixes: list[Fix]) -> _Step | str:
        """The step that the fixes make, or what is wrong with it."""
        from kerasfix.fixes.apply import edits_together

        try:
            made, taken = edits_together(self.document.text, fixes)
            document = self.document.edited(made)
        except Exception as error:
            return f"cannot be applied: {describe(error)}"
        if document.text == self.document.text:
            return "changes nothing"
        parsed = gate.parse(document.program)
        if isinstance(parsed, gate.NotPython):
            return f"leaves a file that does not parse: {parsed.message}"
        if len(document.failures) > len(self.document.failures):
            return f"leaves a cell that does not parse: {document.failures[0].message}"
        found = check_document(document, self.settings, parsed)
        edits = sorted(made)
        mended = [diagnostic for diagnostic in self.found if diagnostic.fix in taken]
        others = [diagnostic for diagnostic in self.found if diagnostic.fix not in taken]
        survivors = _survivors(mended, others, found, edits)
        if survivors:
            return f"leaves the finding: {survivors[0].message}"
        return _Step(document, found, mended, edits)

    def _accept(self, step: _Step) -> None:
        self.document, self.found = step.document, step.found
        self.applied.update(diagnostic.code for diagnostic in step.mended)
        self.withdrawn = {(code, shift(start, step.edits)[1]) for code, start in self.withdrawn}
        self.bugs = [
            replace(bug, start=shift(bug.start, step.edits)[1], end=shift(bug.end, step.edits)[1]) for bug in self.bugs
        ]

    def _withdraw(self, findings: list[Diagnostic], reason: str) -> None:
        for diagnostic in findings:
            self.withdrawn.add((diagnostic.code, diagnostic.start))
            message = f"the fix of {diagnostic.code} was not applied: it {reason}"
            self.bugs.append(internal_error(message, diagnostic.start, diagnostic.end))


def _survivors(
    mended: list[Diagnostic], others: list[Diagnostic], found: list[Diagnostic], edits: list[Edit]
) -> list[Diagnostic]:
    """The findings that are still where a fix should have mended them, and that no other finding accounts
    for."""
    expected = {(other.code, place) for other in others for place in shift(other.start, edits)}
    suspects = [diagnostic for diagnostic in found if (diagnostic.code, diagnostic.start) not in expected]
    spans = [(diagnostic.code, *shift(diagnostic.start, edits)) for diagnostic in mended]
    return [
        suspect
        for suspect in suspects
        if any(code == suspect.code and low <= suspect.start <= high for code, low, high in spans)
    ]
