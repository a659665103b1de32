"""One document on its way through the house: gates, analysis, rules and suppressions.

A rule that fails takes nothing with it: its failure is a finding (KFX999), and the other rules still run.
"""

from __future__ import annotations

import enum
import functools
import gc
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Diagnostic, Severity
from kerasfix.rules import registry
from kerasfix.source import gate, suppressions
from kerasfix.source.document import Location

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from kerasfix.baseline import Entry
    from kerasfix.config import Settings
    from kerasfix.rules.registry import Rule
    from kerasfix.source.document import Document
    from kerasfix.target import Target


DEEPEST_RECURSION = 20_000
"""LibCST and the interpreter call themselves several times for each level of nesting."""


class Reached(enum.IntEnum):
    """How far a file came: it was read, it passed the words (gate 1), it passed the syntax (gate 2)."""

    READ = 0
    PARSED = 1
    ANALYSED = 2


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one look at a document found, in the order of the text."""

    diagnostics: tuple[Diagnostic, ...]
    reached: Reached
    known: tuple[Entry, ...] = ()
    """The entries of the baseline that findings were left out for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The enabled rules, and what a file must hold for any of them to find something."""

    rules: tuple[Rule, ...]
    keywords: frozenset[str]
    names: frozenset[str]
    suppressions: bool
    """Whether comments that suppress nothing are to be reported."""

    def may_concern(self, raw: bytes) -> bool:
        """Whether a file with this content has to be looked at any further."""
        return gate.passes_words(raw, self.keywords | self.names) or (
            self.suppressions and suppressions.mentions_own_codes(raw)
        )


@functools.lru_cache(maxsize=64)
def plan(codes: frozenset[str]) -> Plan:
    """What there is to do when these codes are on."""
    rules = tuple(rule for rule in registry.rules() if rule.code in codes)
    return Plan(
        rules,
        frozenset().union(*(rule.keywords for rule in rules)),
        frozenset().union(*(rule.names for rule in rules)),
        registry.UNUSED_SUPPRESSION.code in codes,
    )


def check_document(document: Document, settings: Settings, tree: ast.AST | None = None) -> list[Diagnostic]:
    """The findings in a document, without those that a comment suppresses or the baseline holds."""
    return list(inspect_document(document, settings, tree).diagnostics)


def inspect_document(document: Document, settings: Settings, tree: ast.AST | None = None) -> Inspection:
    """`check_document`, with how far the document came. `tree` is its syntax tree, where one is at hand."""
    return without_known(document, inspect_whole(document, settings, tree), settings)


def without_known(document: Document, seen: Inspection, settings: Settings) -> Inspection:
    """What is left of it once the findings that the baseline holds are left out."""
    if settings.known is None:
        return seen
    new, known = settings.known.split(document, seen.diagnostics)
    return replace(seen, diagnostics=tuple(new), known=known)


def inspect_whole(document: Document, settings: Settings, tree: ast.AST | None = None) -> Inspection:
    """What a document holds, whatever the baseline says of it."""
    codes = settings.codes_for(document.path)
    todo = plan(codes)
    if not todo.may_concern(document.searchable):
        return Inspection((), Reached.READ)
    reached = Reached.PARSED
    parsed = gate.parse(document.program) if tree is None else tree
    found = [_syntax_error(document, failure) for failure in document.failures]
    if isinstance(parsed, gate.NotPython):
        found.append(_syntax_error(document, parsed))
    elif gate.passes_syntax(parsed, todo.keywords, todo.names):
        reached = Reached.ANALYSED
        found += _analysed(document, todo.rules, settings.rule_target)
    found = [diagnostic for diagnostic in dict.fromkeys(found) if diagnostic.code in codes]
    kept = suppressions.filter_diagnostics(document, found, codes - {registry.MODEL_DOES_NOT_BUILD.code})
    return Inspection(tuple(sorted(kept, key=_place)), reached)


def internal_error(message: str, start: int = 0, end: int = 0) -> Diagnostic:
    """A finding that tells of a failure of kerasfix itself."""
    rule = registry.INTERNAL_ERROR
    return Diagnostic(rule.code, rule.name, message, Severity.ERROR, start, end)


def describe(error: BaseException) -> str:
    """An exception in one line: its type, its text and where in the code it was raised."""
    import traceback

    text = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"


def _analysed(document: Document, rules: tuple[Rule, ...], target: Target) -> list[Diagnostic]:
    with room_to_work():
        return [_within_reach(document, found) for found in _findings(document, rules, target)]


def _within_reach(document: Document, found: Diagnostic) -> Diagnostic:
    """The finding without its fix where that would change two cells of a notebook at once, or what is not Python."""
    if found.fix is None:
        return found
    if (fix := document.reachable(found.fix)) is not None:
        return replace(found, fix=fix)
    return replace(found, message=f"{found.message}; no fix: it would reach beyond the Python of one cell", fix=None)


@contextmanager
def room_to_work() -> Iterator[None]:
    """Let LibCST, the interpreter and the rules go deeper than Python lets them by default, and make as many objects as
    one file takes without a search for garbage among them, which would take an eighth of all the time."""
    limit = sys.getrecursionlimit()
    collects = gc.isenabled()
    sys.setrecursionlimit(max(limit, DEEPEST_RECURSION))
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
        sys.setrecursionlimit(limit)


def _findings(document: Document, rules: tuple[Rule, ...], target: Target) -> Iterator[Diagnostic]:
    from kerasfix.analysis.gathering import analyse
    from kerasfix.analysis.parsing import UnreadableError

    try:
        program = analyse(document.program, document.cells)
    except UnreadableError as error:
        yield _syntax_error(document, gate.NotPython(str(error), Location(error.row, 0)))
        return
    except Exception as error:
        yield internal_error(f"the analysis of this file failed: {describe(error)}")
        return
    for rule in rules:
        try:
            yield from rule.check(program, target)
        except Exception as error:
            yield internal_error(f"{rule.code} failed on this file: {describe(error)}")


def unreadable_source(message: str, start: int = 0) -> Diagnostic:
    """A finding that tells why a file could not be read."""
    rule = registry.SYNTAX_ERROR
    return Diagnostic(rule.code, rule.name, message, Severity.ERROR, start, start)


def _syntax_error(document: Document, problem: gate.NotPython) -> Diagnostic:
    return unreadable_source(problem.message, document.offset(problem.location))


def _place(diagnostic: Diagnostic) -> tuple[int, str, int]:
    return diagnostic.start, diagnostic.code, diagnostic.end
