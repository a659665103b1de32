"""How `Input` can be written at some place of the program: with what is in scope there, or by one more import.

The input must come from the package that its neighbours come from (`keras` and `tf_keras` objects do not mix), and no
name of the file may be captured or rebound on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis import keras_api
from kerasfix.analysis.objects import ImportChange, Spelling
from kerasfix.analysis.values import UNBOUND, Choice, Constant, ImportSite, Reference, Value, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.machine import Machine
    from kerasfix.analysis.objects import Frame

NOTHING = (Constant(None), UNBOUND)
"""What a name may hold where an import has failed."""
CANONICAL = {"Input": "keras.Input", "InputLayer": "keras.layers.InputLayer"}
HOMES = {"Input": ("keras", "keras.layers"), "InputLayer": ("keras.layers",)}
"""The modules that have it in every release; inner modules came and went."""


def references(value: Value) -> tuple[Reference, ...]:
    """The references that a value may be, if it is nothing else; what a failed import leaves does not count."""
    found = tuple(option for option in options(value) if option not in NOTHING)
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
        if packages(value) == wanted and _means(value, what) and _is_bound(machine, text, neighbour):
            return Spelling(text, read=_read(machine, text))
    return _imported(machine, class_, wanted, what)


def _is_bound(machine: Machine, text: str, neighbour: cst.BaseExpression) -> bool:
    """Whether the name that a path begins with is bound on every way on which the neighbour's is."""
    name, beside = _first(text), _first(_dotted(neighbour) or "")
    doubts = {option for option in options(machine.held(name)) if option in NOTHING}
    if not doubts or name == beside:
        return True
    by, by_neighbour = machine.held(name), machine.held(beside)
    return doubts <= {*options(by_neighbour)} and _statements(by_neighbour) <= _statements(by)


def _statements(value: Value) -> set[cst.CSTNode]:
    return {site.statement for reference in references(value) for site in reference.imports}


def _read(machine: Machine, text: str) -> tuple[object, str, Value] | None:
    """The name that a function finds around it, and what that holds now; it may run again when it holds something
    else."""
    name = _first(text)
    frame = machine.frame_of(name)
    return (frame, name, machine.held(name)) if machine.inlined and frame is not machine.frame else None


def _first(path: str) -> str:
    return path.partition(".")[0]


def _means(value: Value, what: str) -> bool:
    found = references(value)
    return bool(found) and all(_is_there(reference, what) for reference in found)


def _is_there(reference: Reference, what: str) -> bool:
    """Whether a path leads to the input: one that the file imports itself, or a public one, which every release has."""
    if _canonical_name(reference.dotted) != CANONICAL[what]:
        return False
    home, _, name = reference.dotted.rpartition(".")
    imported = any(_imports(site.statement, name) for site in reference.imports)
    module = keras_api.canonical_module(home)
    return imported or (module is not None and module[0] in HOMES[what])


def _imports(statement: cst.Import | cst.ImportFrom, name: str) -> bool:
    """Whether the statement is `from ... import name`."""
    if isinstance(statement, cst.Import) or isinstance(statement.names, cst.ImportStar):
        return False
    return any(_dotted(alias.name) == name for alias in statement.names)


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
    for name, value in machine.visible_classes():
        if not isinstance(value, Reference | Choice):
            continue
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
    """The imports that bring the neighbour bring the input too, under a name that nothing else uses.

    One that brings it for an earlier place serves here as well, if it is sure to have run.
    """
    for packages_, what_, brought, spelling in machine.brought:
        if (packages_, what_) == (wanted, what) and all(_has_run(machine, site, brought) for site in brought):
            return spelling
    sites = _sites(machine, class_)
    if not sites:
        return None
    names = (what, f"Keras{what}")
    free = next((n for n in names if not machine.is_bound_anywhere(n) and machine.bound(n) is None), None)
    if free is None:
        return None
    alias = what if free == what else f"{what} as {free}"
    spelling = Spelling(free, tuple(_change(site, alias) for site in sites))
    machine.brought.append((wanted, what, sites, spelling))
    return spelling


def _has_run(machine: Machine, site: ImportSite, together: tuple[ImportSite, ...]) -> bool:
    """Whether one of the imports that serve together has run, on every way that leads here: its name is still there."""
    value = machine.held(site.name)
    return (
        bool(references(value))
        and UNBOUND not in options(value)
        and (_statements(value) == {other.statement for other in together})
    )


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
    if found[0] in HOMES[alias.partition(" ")[0]]:
        return ImportChange(statement, alias)
    return ImportChange(statement, alias, f"from {found[1]}.layers import {alias}")
