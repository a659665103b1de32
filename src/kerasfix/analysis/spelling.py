"""How `Input` can be written at some place of the program: with what is in scope there, or by one more import.

The input must come from the package that its neighbours come from (`keras` and `tf_keras` objects do not mix), and no
name of the file may be captured or rebound on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis import keras_api
from kerasfix.analysis.events import ImportChange, Spelling
from kerasfix.analysis.values import Choice, Constant, ImportSite, Reference, Value, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.machine import Machine
    from kerasfix.analysis.objects import Frame

CANONICAL = {"Input": "keras.Input", "InputLayer": "keras.layers.InputLayer"}


def references(value: Value) -> tuple[Reference, ...]:
    """The references that a value may be, if it is nothing else; `None` stands for a failed import."""
    found = tuple(option for option in options(value) if option != Constant(None))
    if all(isinstance(option, Reference) for option in found):
        return tuple(option for option in found if isinstance(option, Reference))
    return ()


def one_reference(value: Value) -> Reference | None:
    """The reference that a value is, or that try/except imports agree on: one canonical name, from either package."""
    if isinstance(value, Reference):
        return value
    if not isinstance(value, Choice):
        return None
    found = references(value)
    names = {_canonical_name(reference.dotted) for reference in found}
    if len(names) != 1 or names == {None}:
        return None
    return Reference(found[0].dotted, tuple(site for reference in found for site in reference.imports))


def _canonical_name(dotted: str) -> str | None:
    found = keras_api.canonical(dotted) or keras_api.canonical_module(dotted)
    return found[0] if found else None


def packages(value: Value) -> frozenset[str]:
    """The Keras packages that a value may come from: `keras`, `tensorflow.keras`."""
    found = (
        keras_api.canonical(reference.dotted) or keras_api.canonical_module(reference.dotted)
        for reference in references(value)
    )
    return frozenset(package for _, package in filter(None, found))


def spell(machine: Machine, neighbour: cst.BaseExpression, what: str) -> Spelling | None:
    """How `what` (`Input` or `InputLayer`) is written where the machine is, next to the class `neighbour`."""
    class_ = machine.peek(neighbour)
    wanted = packages(class_)
    if not wanted:
        return None
    for text in _candidates(machine, neighbour, what):
        value = machine.read(text)
        if packages(value) == wanted and _means(value, what):
            return Spelling(text)
    return _imported(machine, class_, wanted, what)


def _means(value: Value, what: str) -> bool:
    found = references(value)
    return bool(found) and all(_canonical_name(reference.dotted) == CANONICAL[what] for reference in found)


def _candidates(machine: Machine, neighbour: cst.BaseExpression, what: str) -> Iterator[str]:
    """Expressions that may reach it: the bare name, the neighbour's own path, then whatever else is in scope."""
    yield what
    path = _dotted(neighbour)
    if path is not None and "." in path:
        parts = path.split(".")[:-1]
        if "layers" in parts[1:]:
            parts = parts[: parts.index("layers", 1)]
            yield ".".join((*parts, what if what == "Input" else f"layers.{what}"))
        yield ".".join((*parts, what))
        yield ".".join((*parts, "layers", what))
    yield from sorted(_from_scope(machine, what), key=lambda text: text.count("."))


def _from_scope(machine: Machine, what: str) -> Iterator[str]:
    for name, value in machine.visible():
        for reference in references(value)[:1]:
            found = keras_api.canonical(reference.dotted)
            if found is not None and found[0] == CANONICAL[what]:
                yield name
            elif keras_api.is_module(reference.dotted):
                below = {"Input": ("", "keras."), "InputLayer": ("", "layers.", "keras.layers.")}[what]
                yield from (f"{name}.{path}{what}" for path in below)


def _dotted(node: cst.BaseExpression) -> str | None:
    match node:
        case cst.Name():
            return node.value
        case cst.Attribute():
            base = _dotted(node.value)
            return f"{base}.{node.attr.value}" if base is not None else None
    return None


def _imported(machine: Machine, class_: Value, wanted: frozenset[str], what: str) -> Spelling | None:
    """The imports that bring the neighbour bring the input too, under a name that nothing else uses."""
    sites = _sites(machine, class_)
    if not sites:
        return None
    names = (what, f"Keras{what}")
    free = next((n for n in names if not machine.is_bound_anywhere(n) and machine.bound(n) is None), None)
    if free is None:
        return None
    alias = what if free == what else f"{what} as {free}"
    return Spelling(free, tuple(_change(site, alias) for site in sites))


def _sites(machine: Machine, class_: Value) -> tuple[ImportSite, ...]:
    """The import statements to extend, if they are all `from ... import` and all visible from here."""
    frames: set[Frame] = set(machine.frame.enclosing())
    found: dict[int, ImportSite] = {}
    for reference in references(class_):
        if not reference.imports:
            return ()
        for site in reference.imports:
            if not isinstance(site.statement, cst.ImportFrom) or site.frame not in frames:
                return ()
            found[id(site.statement)] = site
    return tuple(found.values())


def _change(site: ImportSite, alias: str) -> ImportChange:
    """Extend the statement if its module has the name, else import it from the package's `layers` behind it."""
    statement = site.statement
    assert isinstance(statement, cst.ImportFrom)
    module = _dotted(statement.module) if statement.module is not None else None
    found = keras_api.canonical_module(module) if module is not None else None
    if found is None:
        return ImportChange(statement, alias)
    if found[0] in ("keras", "keras.layers"):
        return ImportChange(statement, alias)
    return ImportChange(statement, alias, f"from {found[1]}.layers import {alias}")
