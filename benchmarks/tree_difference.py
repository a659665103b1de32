"""What is different between two syntax trees, and is each difference one that a fix of kerasfix may make?

Both trees are walked side by side. A fix may put an `Input` before the first layer, take arguments off
layers, change the arguments of `Input`, `InputLayer` and `Sequential`, drop a surplus `Input`, and import
what it wrote. Everything else is unexplained. Nothing here knows whether a change is *right*; but an inserted
`Input` must be the first of its list or stand before a layer of the same model, may only say what removed
arguments said, and must be of the Keras that the layers of the file are from.
"""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_names import ModuleNames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REMOVABLE = frozenset({"input_shape", "input_dim", "batch_input_shape", "batch_size", "batch_shape", "input_length"})
_INPUTS = frozenset({"Input", "InputLayer"})
_INPUT_ARGUMENTS = frozenset({"shape", "batch_shape", "batch_size", "dtype", "name", "sparse", "ragged"})
_HOMES = frozenset(
    {
        "",
        "api",
        "api.layers",
        "engine",
        "engine.input_layer",
        "engine.topology",
        "layers",
        "layers.core.input_layer",
        "src",
        "src.layers",
        "src.layers.core.input_layer",
    }
)
"""The modules of a Keras in which some version has `Input`; `keras.layers.core` is not one of them."""

_KERAS = frozenset({"keras", "tensorflow", "tf_keras", "keras_core"})


class Kind(enum.Enum):
    """What a difference is; `UNEXPLAINED` is the one that must not occur."""

    INPUT_ELEMENT = "an Input in the list of a Sequential"
    INPUT_STATEMENT = "a statement that adds an Input"
    REMOVED_ARGUMENT = "an argument removed from a layer"
    CHANGED_INPUT = "changed arguments of an Input or InputLayer"
    CHANGED_SEQUENTIAL = "changed arguments of a Sequential"
    REMOVED_INPUT = "a surplus Input removed"
    IMPORT = "the import"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, at a line of the old text (and of the new one, for what is new)."""

    kind: Kind
    line: int
    detail: str


def differences(before: ast.Module, after: ast.Module) -> list[Difference]:
    """Every difference between the trees of a file before and after its fixes, in the order of the file."""
    walk = _Walk(_aliases(before, _INPUTS) | _aliases(after, _INPUTS), _sequentials(before))
    walk.compare(before, after)
    walk.check_inserted(before, after)
    if ast.get_docstring(before, clean=False) != ast.get_docstring(after, clean=False):
        walk.found.append(Difference(Kind.UNEXPLAINED, 1, "the docstring of the module has changed"))
    return walk.found


class _Walk:
    def __init__(self, inputs: frozenset[str], sequentials: frozenset[str]) -> None:
        self.found: list[Difference] = []
        self._inputs = inputs
        self._sequentials = sequentials
        self._removed = {"'string'"}  # what layers of text take, though they do not say so
        self._inserted: list[ast.Call] = []
        self._in_sequential = False

    def compare(self, old: ast.AST, new: ast.AST) -> None:
        """Adds what differs between two nodes that stand at the same place."""
        if isinstance(old, ast.Call) and isinstance(new, ast.Call):
            self._calls(old, new)
        elif type(old) is not type(new):
            self._unexplained(old, f"{_brief(old)} became {_brief(new)}")
        elif isinstance(old, ast.List | ast.Tuple) and isinstance(new, ast.List | ast.Tuple):
            self._elements(old.elts, new.elts, old)
        elif isinstance(old, ast.ImportFrom) and isinstance(new, ast.ImportFrom):
            self._from_imports(old, new)
        elif isinstance(old, ast.Import) and isinstance(new, ast.Import):
            self._imports(old, new)
        else:
            self._fields(old, new)

    def check_inserted(self, before: ast.Module, after: ast.Module) -> None:
        """Holds each `Input` that a fix wrote against what the file said before, and against its imports."""
        for node in ast.walk(before):
            if isinstance(node, ast.Call):
                if self._is_input(node):
                    self._removed.update(_words(node))
                for keyword in node.keywords:
                    if keyword.arg == "dtype":  # a layer's dtype may go along with its shape
                        self._removed.update(_words(keyword.value))
        packages = {name.package for _, name in ModuleNames(before).layer_calls()}
        known = {_place(call): name for call, name in ModuleNames(after).keras_calls()}
        for call in self._inserted:
            words = {word for part in (*call.args, *call.keywords) for word in _words(part)}
            if words - self._removed:
                self._unexplained(call, f"{_brief(call)} says {sorted(words - self._removed)} of its own")
            name = known.get(_place(call))
            if name is None or name.name not in _INPUTS:
                self._unexplained(call, f"{_brief(call)} is not Keras's as far as the imports tell")
            elif name.module not in _HOMES:
                self._unexplained(call, f"{_brief(call)}: there is no {name.name} in {name.module}")
            elif packages and name.package not in packages:
                self._unexplained(call, f"{_brief(call)} is of {name.package}, the layers of {packages}")

    def _fields(self, old: ast.AST, new: ast.AST) -> None:
        for field, value in ast.iter_fields(old):
            other = getattr(new, field)
            if isinstance(value, list) and isinstance(other, list):
                if any(isinstance(item, ast.stmt) for item in (*value, *other)):
                    self._statements(value, other)
                elif len(value) != len(other):
                    self._unexplained(old, f"{field} of {type(old).__name__}: {len(value)} to {len(other)}")
                else:
                    for one, another in zip(value, other, strict=True):
                        self._values(one, another, old, field)
            else:
                self._values(value, other, old, field)

    def _values(self, value: object, other: object, owner: ast.AST, field: str) -> None:
        if isinstance(value, ast.AST) and isinstance(other, ast.AST):
            self.compare(value, other)
        elif type(value) is not type(other) or value != other:
            same_number = value != value and other != other  # only nan is not itself
            if not same_number:
                self._unexplained(owner, f"{field} of {type(owner).__name__}: {value!r} became {other!r}")

    def _statements(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> None:
        i = j = 0
        while i < len(old) or j < len(new):
            one = old[i] if i < len(old) else None
            another = new[j] if j < len(new) else None
            if one is not None and another is not None and _same(one, another):
                i, j = i + 1, j + 1
            elif another is not None and self._adds_input(another) and not (one and self._adds_input(one)):
                self._insert(Kind.INPUT_STATEMENT, another)
                j += 1
                if j == len(new) or _receiver(new[j]) != _receiver(another):
                    self._unexplained(another, f"{_brief(another)} is not followed by a layer of its model")
            elif another is not None and _is_new_import(another) and not _pairs(one, another):
                self._new_import(another)
                j += 1
            elif one is not None and self._adds_input(one) and not (another and self._adds_input(another)):
                self._note(Kind.REMOVED_INPUT, one.lineno, _brief(one))
                i += 1
            elif one is not None and another is not None:
                self.compare(one, another)
                i, j = i + 1, j + 1
            elif one is not None:
                self._unexplained(one, f"removed: {_brief(one)}")
                i += 1
            elif another is not None:
                self._unexplained(another, f"inserted: {_brief(another)}")
                j += 1

    def _elements(self, old: Sequence[ast.expr], new: Sequence[ast.expr], owner: ast.AST) -> None:
        i = j = 0
        while i < len(old) or j < len(new):
            one = old[i] if i < len(old) else None
            another = new[j] if j < len(new) else None
            if one is not None and another is not None and _same(one, another):
                i, j = i + 1, j + 1
            elif another is not None and self._is_input(another) and not (one and self._is_input(one)):
                if self._in_sequential and j == 0:
                    self._insert(Kind.INPUT_ELEMENT, another)
                elif self._in_sequential:
                    self._unexplained(owner, f"{_brief(another)} is not the first of its list")
                else:
                    self._unexplained(owner, f"{_brief(another)} in a list that is not a Sequential's")
                j += 1
            elif (
                one is not None
                and self._is_input(one)
                and self._in_sequential
                and not (another and self._is_input(another))
            ):
                self._note(Kind.REMOVED_INPUT, one.lineno, _brief(one))
                i += 1
            elif one is not None and another is not None:
                self.compare(one, another)
                i, j = i + 1, j + 1
            else:
                self._unexplained(owner, f"a list of {len(old)} became one of {len(new)}")
                return

    def _calls(self, old: ast.Call, new: ast.Call) -> None:
        if self._is_input(old) and self._is_input(new):
            if not _same(old, new):
                self._changed_input(old, new)
            return
        self.compare(old.func, new.func)
        outside = self._in_sequential
        self._in_sequential = self._makes_sequential(old)
        if self._in_sequential:
            self._sequential_arguments(old, new)
        else:
            self._in_sequential = outside and isinstance(old.func, ast.Name) and old.func.id in ("list", "tuple")
            self._arguments(old, new)
        self._in_sequential = outside

    def _arguments(self, old: ast.Call, new: ast.Call) -> None:
        if len(old.args) != len(new.args):
            self._unexplained(old, f"positional arguments of {_brief(old)}: {len(old.args)} to {len(new.args)}")
        for one, another in zip(old.args, new.args, strict=False):
            self.compare(one, another)
        kept = list(new.keywords)
        for keyword in old.keywords:
            if kept and kept[0].arg == keyword.arg:
                self.compare(keyword.value, kept.pop(0).value)
            elif keyword.arg in REMOVABLE:
                self._removed.update(_words(keyword.value))
                self._note(
                    Kind.REMOVED_ARGUMENT,
                    keyword.lineno,
                    f"{keyword.arg}={_brief(keyword.value)} of {_called(old)}",
                )
            else:
                self._unexplained(old, f"the argument {keyword.arg} of {_called(old)} is gone or has moved")
                return
        for keyword in kept:
            self._unexplained(old, f"{_called(old)} has a new argument {keyword.arg}={_brief(keyword.value)}")

    def _sequential_arguments(self, old: ast.Call, new: ast.Call) -> None:
        """`Sequential(layer)` may become `Sequential([layer])`, `Sequential(layers)` a list with `*layers`.

        The second argument may get its name.
        """
        if len(old.args) == len(new.args) and [k.arg for k in old.keywords] == [k.arg for k in new.keywords]:
            for one, another in zip(
                (*old.args, *(k.value for k in old.keywords)),
                (*new.args, *(k.value for k in new.keywords)),
                strict=True,
            ):
                if isinstance(another, ast.List) and not isinstance(one, ast.List):
                    self._note(Kind.CHANGED_SEQUENTIAL, old.lineno, f"{_brief(one)} became a list")
                    self._elements(_as_elements(one, another), another.elts, old)
                else:
                    self.compare(one, another)
        elif len(old.args) == 2 and len(new.args) == 1 and [k.arg for k in new.keywords][:1] == ["name"]:
            self._note(Kind.CHANGED_SEQUENTIAL, old.lineno, "its name became a keyword")
            named = ast.Call(old.func, old.args[:1], [ast.keyword("name", old.args[1]), *old.keywords])
            self._sequential_arguments(ast.copy_location(named, old), new)
        else:
            self._arguments(old, new)

    def _changed_input(self, old: ast.Call, new: ast.Call) -> None:
        """The arguments of an input may change their names and places, but must keep saying the same."""
        before = {word for part in (*old.args, *old.keywords) for word in _words(part)}
        foreign = {word for part in (*new.args, *new.keywords) for word in _words(part)} - before
        lost = {
            word
            for part in (*old.args, *old.keywords)
            for word in _words(part)
            if word not in {w for p in (*new.args, *new.keywords) for w in _words(p)}
        }
        text = f"{_brief(old)} became {_brief(new)}"
        if foreign or lost:
            self._unexplained(old, f"{text}: {', '.join(sorted(foreign | lost))}")
        else:
            self._note(Kind.CHANGED_INPUT, old.lineno, text)

    def _from_imports(self, old: ast.ImportFrom, new: ast.ImportFrom) -> None:
        extra = _extra([(a.name, a.asname) for a in old.names], [(a.name, a.asname) for a in new.names])
        if (old.module, old.level) != (new.module, new.level) or extra is None:
            self._unexplained(old, f"{_brief(old)} became {_brief(new)}")
        elif extra:
            self._imported(old, extra)

    def _imports(self, old: ast.Import, new: ast.Import) -> None:
        extra = _extra([(a.name, a.asname) for a in old.names], [(a.name, a.asname) for a in new.names])
        if extra is None or extra:
            self._unexplained(old, f"{_brief(old)} became {_brief(new)}")

    def _imported(self, old: ast.ImportFrom, extra: list[tuple[str, str | None]]) -> None:
        if all(name in _INPUTS for name, _ in extra):
            self._note(Kind.IMPORT, old.lineno, f"{_brief(old)} gained {extra}")
        else:
            self._unexplained(old, f"{_brief(old)} gained {extra}")

    def _new_import(self, new: ast.stmt) -> None:
        self._note(Kind.IMPORT, new.lineno, _brief(new))

    def _insert(self, kind: Kind, node: ast.stmt | ast.expr) -> None:
        call = node.value.args[0] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else node
        if isinstance(call, ast.Call):
            self._inserted.append(call)
            surplus = {keyword.arg for keyword in call.keywords} - _INPUT_ARGUMENTS
            if surplus:
                self._unexplained(node, f"{_brief(call)} has {surplus}")
        self._note(kind, node.lineno, _brief(node))

    def _is_input(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and _called(node) in self._inputs

    def _adds_input(self, node: ast.AST) -> bool:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="add"), args=[argument], keywords=[])):
                return self._is_input(argument)
            case _:
                return False

    def _makes_sequential(self, call: ast.Call) -> bool:
        match call.func:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self._sequentials:
                return True
            case ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name(id="super"))):
                return True  # a subclass of Sequential
            case _:
                return False

    def _unexplained(self, node: ast.AST, detail: str) -> None:
        self._note(Kind.UNEXPLAINED, getattr(node, "lineno", 0), detail)

    def _note(self, kind: Kind, line: int, detail: str) -> None:
        self.found.append(Difference(kind, line, detail))


def _aliases(tree: ast.Module, names: frozenset[str]) -> frozenset[str]:
    """These names, and what the file imports them as."""
    aliases = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in names
    }
    return names | aliases


def _sequentials(tree: ast.Module) -> frozenset[str]:
    """`Sequential`, what the file imports it as, and the file's own subclasses."""
    names = set(_aliases(tree, frozenset({"Sequential"})))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if isinstance(base, ast.Name | ast.Attribute) and ast.unparse(base).rpartition(".")[2] in names:
                    names.add(node.name)
    return frozenset(names)


def _place(call: ast.Call) -> tuple[int, int, int | None, int | None]:
    return call.lineno, call.col_offset, call.end_lineno, call.end_col_offset


def _receiver(statement: ast.stmt) -> str | None:
    """The `model` of `model.add(...)`."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="add", value=receiver))):
            return ast.dump(receiver)
        case _:
            return None


def _as_elements(value: ast.expr, written: ast.List) -> list[ast.expr]:
    """The elements that an expression stands for, as the new list writes them: itself, or what it unpacks."""
    if not any(isinstance(element, ast.Starred) for element in written.elts):
        return [value]
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and len(written.elts) > 2:
        return [*_as_elements(value.left, written), *_as_elements(value.right, written)]
    if isinstance(value, ast.List):
        return value.elts
    return [ast.copy_location(ast.Starred(value, ast.Load()), value)]


def _words(node: ast.AST) -> Iterator[str]:
    """The names and literals in an expression, without `None` and the names of arguments."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word
            case ast.Constant(value=value) if value is not None:
                yield repr(value)


def _same(one: ast.AST, another: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(another)


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_new_import(node: ast.stmt) -> bool:
    """`from <Keras> import Input` and nothing else, or `import <Keras>`."""
    match node:
        case ast.ImportFrom(module=str(module), names=[ast.alias(name=name)], level=0):
            return name in _INPUTS and module.partition(".")[0] in _KERAS
        case ast.Import(names=[ast.alias(name=name)]):
            return name.partition(".")[0] in _KERAS
        case _:
            return False


def _pairs(old: ast.stmt | None, new: ast.stmt) -> bool:
    """Whether the new import is the old one with more names."""
    return (
        isinstance(old, ast.ImportFrom)
        and isinstance(new, ast.ImportFrom)
        and old.module == new.module
        and {alias.name for alias in old.names} <= {alias.name for alias in new.names}
    )


def _extra(old: list[tuple[str, str | None]], new: list[tuple[str, str | None]]) -> list[tuple[str, str | None]] | None:
    """What the new list has beside all of the old one, in its order; None if something is gone or moved."""
    rest = iter(old)
    wanted = next(rest, None)
    extra = []
    for item in new:
        if item == wanted:
            wanted = next(rest, None)
        else:
            extra.append(item)
    return extra if wanted is None else None


def _brief(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."
