"""Comments that say which findings are meant to be there.

On the line where a finding starts: `# noqa`, `# noqa: KFX101, E501` (read as flake8 reads them) and
`# kerasfix: ignore`, `# kerasfix: ignore[KFX101]`. For a whole file, on any line: `# kerasfix: skip-file`,
and flake8's `# flake8: noqa`. Codes may be prefixes, in any case. Comments are found by Python's tokenizer,
never inside strings, and only once there is something to suppress.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Diagnostic, Severity
from kerasfix.rules import registry
from kerasfix.source.document import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kerasfix.source.document import Document

_MENTION = re.compile(r"noqa|kerasfix", re.IGNORECASE)
_OWN_MENTION = re.compile(rb"noqa.*KFX|kerasfix\s*:", re.IGNORECASE)
_CODES = r"(?P<codes>(?:[A-Z]+[0-9]+(?:[,\s]+)?)+)"
NOQA = re.compile(rf"#\s*noqa(?::\s?{_CODES})?", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*kerasfix\s*:\s*ignore(?![\w-])(?:\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)
_SKIP_FILE = re.compile(r"#\s*kerasfix\s*:\s*skip-file\b", re.IGNORECASE)
_FLAKE8_FILE = re.compile(rf"#\s*flake8[:=]\s*noqa(?::\s?{_CODES})?\s*$", re.IGNORECASE)

_ON_A_LINE = re.compile(r"#\s*(?:noqa|kerasfix)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the line it is on, None if it speaks of the whole file, and the codes, None if of all."""

    row: int | None
    codes: tuple[str, ...] | None
    start: int
    end: int
    own: bool
    """Whether it is kerasfix's own comment, and so of no use but to kerasfix."""

    def covers(self, diagnostic: Diagnostic, row: int) -> bool:
        """Whether a finding that starts on line `row` is suppressed by it."""
        if self.row is not None and (self.row != row or diagnostic.code in registry.FAILURES):
            return False
        return self.codes is None or diagnostic.code.startswith(self.codes)


def filter_diagnostics(
    document: Document, diagnostics: Iterable[Diagnostic], enabled: frozenset[str]
) -> list[Diagnostic]:
    """The findings that no comment suppresses, and, where KFX900 is enabled, the comments that suppress
    nothing."""
    found = list(diagnostics)
    report_unused = registry.UNUSED_SUPPRESSION.code in enabled
    if not (found or report_unused) or not _MENTION.search(document.text):
        return found
    comments = list(suppressions(document))
    used: set[tuple[Suppression, str]] = set()
    kept = []
    for diagnostic in found:
        row = document.location(diagnostic.start).row
        covering = [comment for comment in comments if comment.covers(diagnostic, row)]
        used |= {(comment, diagnostic.code) for comment in covering}
        if not covering:
            kept.append(diagnostic)
    if report_unused and not any(comment.row is None and comment.codes is None for comment in comments):
        kept += _unused(comments, used, enabled)
    return kept


def mentions_own_codes(raw: bytes) -> bool:
    """Whether a file may hold a comment that only kerasfix has a use for."""
    return _OWN_MENTION.search(raw) is not None


def without_comment(line: str) -> str:
    """A line of source without the comment that suppresses findings on it."""
    return _ON_A_LINE.sub("", line)


def suppressions(document: Document) -> Iterator[Suppression]:
    """Every suppressing comment, in the order of the file."""
    for text, place in comment_tokens(document):
        start = document.offset(place)
        alone = not document.line(place.row)[: place.column].strip()
        if match := _SKIP_FILE.search(text):
            yield Suppression(None, None, start + match.start(), start + match.end(), own=True)
        elif alone and (match := _FLAKE8_FILE.match(text)):
            yield Suppression(None, _codes(match["codes"]), start, start + match.end(), own=False)
        else:
            for pattern in (NOQA, _IGNORE):
                if match := pattern.search(text):
                    places = (start + match.start(), start + match.end())
                    yield Suppression(place.row, _codes(match["codes"]), *places, own=pattern is _IGNORE)


def _codes(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(code.upper() for code in re.split(r"[,\s]+", text) if code)


def comment_tokens(document: Document) -> Iterator[tuple[str, Location]]:
    """The comments of a file; of one that is not valid Python, those before the place where that shows."""
    program = document.program
    lines = io.StringIO("".join(line + "\n" for line in re.split(r"\r\n|\r|\n", program)))
    try:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                yield token.string, Location(*token.start)
    except (tokenize.TokenError, SyntaxError):
        return


def _unused(
    comments: Iterable[Suppression], used: set[tuple[Suppression, str]], enabled: frozenset[str]
) -> Iterator[Diagnostic]:
    rule = registry.UNUSED_SUPPRESSION
    for comment in comments:
        useful = [code for user, code in used if user == comment]
        if comment.codes is None:
            idle = [] if useful or not comment.own else ["this comment"]
        else:
            named = [code for code in comment.codes if comment.own or code.startswith("KFX")]
            idle = [code for code in named if not any(use.startswith(code) for use in useful)]
            idle = [code for code in idle if _is_checked(code, enabled)]
        if idle:
            message = f"{', '.join(idle)} suppresses nothing here"
            yield Diagnostic(rule.code, rule.name, message, Severity.WARNING, comment.start, comment.end)


def _is_checked(code: str, enabled: frozenset[str]) -> bool:
    """Whether a code could have been found: one of a rule that is on, or one that is no rule's."""
    known = [rule.code for rule in registry.every_code() if rule.code.startswith(code)]
    return not known or any(name in enabled for name in known)
