"""How many files each of kerasfix's gates lets through, asked of the gates themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.rules import registry
from kerasfix.source import gate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(slots=True)
class Gates:
    """Files that were read, that passed the words, that passed the syntax, and that `ast` could not read."""

    read: int = 0
    words: int = 0
    syntax: int = 0
    invalid: int = 0

    def __str__(self) -> str:
        return (
            f"{self.read} files read, {self.words} passed the words, {self.syntax} passed the syntax"
            f" ({self.invalid} not valid Python)"
        )


def count(files: Iterable[Path], prefixes: tuple[str, ...] = ("KFX",)) -> Gates:
    """What the gates say of these files when the default rules under these prefixes are on."""
    rules = [rule for rule in registry.rules() if rule.default and rule.code.startswith(prefixes)]
    keywords = frozenset[str]().union(*(rule.keywords for rule in rules))
    names = frozenset[str]().union(*(rule.names for rule in rules))
    gates = Gates()
    for path in files:
        raw = path.read_bytes()
        gates.read += 1
        if not gate.passes_words(raw, keywords | names):
            continue
        gates.words += 1
        tree = gate.parse(raw.decode("utf-8", "replace").removeprefix("\N{BYTE ORDER MARK}"))
        if isinstance(tree, gate.NotPython):
            gates.invalid += 1
        elif gate.passes_syntax(tree, keywords, names):
            gates.syntax += 1
    return gates
