"""Which rules are on: codes, prefixes and ALL, the most specific one winning, as in Ruff.

Each place that selects rules (pyproject.toml, then the command line) is one `Selection`; a later one that
has a `select` starts afresh, one that has none adds to what came before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.rules import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERYTHING = "ALL"
PREFIX = "KFX"


@dataclass(frozen=True, slots=True)
class Selection:
    """The selectors of one place; `select` is None where that place does not say."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


def normalise(selector: str) -> str | None:
    """The selector as a code, prefix or ALL in capitals, a rule's name as its code; None if it is neither."""
    wanted = selector.strip().upper()
    if wanted == EVERYTHING:
        return wanted
    if wanted.startswith(PREFIX) and any(rule.code.startswith(wanted) for rule in registry.every_code()):
        return wanted
    rule = registry.find(wanted)
    return rule.code if rule is not None else None


def enabled(selections: Iterable[Selection]) -> frozenset[str]:
    """The codes that are on.

    A file that could not be checked (KFX000, KFX999) is reported whatever is selected, unless it is ignored.
    """
    failures = {registry.SYNTAX_ERROR.code, registry.INTERNAL_ERROR.code}
    chosen = _amend(failures, (PREFIX,), ())
    for layer in selections:
        if layer.select is not None:
            chosen = failures
        chosen = _amend(chosen, (*(layer.select or ()), *layer.extend_select), layer.ignore)
    return frozenset(chosen)


def known() -> list[str]:
    """All that `normalise` accepts but prefixes: every code and name, and ALL."""
    rules = registry.every_code()
    return [EVERYTHING, *(rule.code for rule in rules), *(rule.name.upper() for rule in rules)]


def matches(selector: str, code: str) -> bool:
    """Whether a code, prefix or ALL names this code."""
    return selector == EVERYTHING or code.startswith(selector)


def _amend(chosen: set[str], select: tuple[str, ...], ignore: tuple[str, ...]) -> set[str]:
    """`chosen`, each code switched by the longest selector that names it; at equal length, off."""
    result = set()
    for rule in registry.every_code():
        switched_on = max((_weight(s) for s in select if _selects(s, rule)), default=None)
        switched_off = max((_weight(s) for s in ignore if matches(s, rule.code)), default=None)
        if switched_on is None and switched_off is None:
            on = rule.code in chosen
        else:
            on = switched_off is None or (switched_on is not None and switched_on > switched_off)
        if on:
            result.add(rule.code)
    return result


def _weight(selector: str) -> int:
    return 0 if selector == EVERYTHING else len(selector)


def _selects(selector: str, rule: registry.Rule) -> bool:
    """Whether a selector switches the rule on; KFX and a family (KFX1) leave out what is off by default."""
    if selector == EVERYTHING:
        return True
    return rule.code.startswith(selector) and (rule.default or len(selector) > len(PREFIX) + 1)
