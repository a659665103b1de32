"""The abstract machine: the state, and how attributes and elements are read and written.

`expressions.py`, `calls.py` and `interpreter.py` add to it what each kind of node does. Everything that rules will
want to know is written down in `events`, in the order in which it happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.names import Names
from kerasfix.analysis.objects import (
    BoundMethod,
    ClassObject,
    FunctionObject,
    InstanceObject,
    LayerObject,
    ListObject,
    Method,
    SequentialObject,
    Super,
)
from kerasfix.analysis.purity import is_pure
from kerasfix.analysis.slots import Entry, Fork, Presence, bounded, certain_values, every_value
from kerasfix.analysis.state import Content, State, join_states
from kerasfix.analysis.values import (
    Choice,
    Constant,
    Items,
    Reference,
    Symbol,
    Unknown,
    Value,
    items_of,
    join_values,
    options,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kerasfix.analysis.events import Event
    from kerasfix.analysis.slots import Slots


class Machine(Names):
    """What every part of the interpreter shares."""

    def __init__(self, is_bound_anywhere: Callable[[str], bool] = lambda name: False) -> None:
        super().__init__(is_bound_anywhere)
        self.events: list[Event] = []
        self.statement: cst.BaseSmallStatement | cst.BaseCompoundStatement | None = None
        """The statement that is being executed."""
        self.cell: int | None = None
        """The cell of the notebook that is being executed."""
        self.inlined: list[FunctionObject] = []
        """The functions of the file that are being executed at their call sites, from the outside in."""
        self.ended = False
        """Whether the statement calls a function that never returns, so that nothing behind it is reached."""
        self.walrus: object = None
        """The last statement that assigns inside an expression."""
        self.nothing = Constant(None)
        self._visitors: dict[type[cst.CSTNode], Callable[[cst.CSTNode], Value | None]] = {}

    def on_each_way(self, ways: Sequence[Callable[[], Value]]) -> Value:
        """Run each of `ways` from the state as it is now, and join what comes of them."""
        before = self.alive
        results: list[Value] = []
        states: list[State | None] = []
        for way in ways:
            self.state = before.fork()
            results.append(way())
            states.append(None if self.ended else self.state)
            self.ended = False
        self.state = join_states(states)
        if self.state is None:
            self.state, self.ended = before, True
        return join_values(results)

    def meet(self, other: State | None) -> None:
        """Join `other` into the state: two ways of the program meet here."""
        self.state = join_states((self.state, other))

    # --- dispatch ----------------------------------------------------------------------------------------------

    def value(self, node: cst.BaseExpression) -> Value:
        """Evaluate an expression."""
        result = self.dispatch(node)
        return result if result is not None else Unknown(f"a {type(node).__name__}")

    def dispatch(self, node: cst.CSTNode) -> Value | None:
        """Call the `visit_` method for this kind of node; where there is none, evaluate what the node is made of."""
        kind = type(node)
        visitor = self._visitors.get(kind)
        if visitor is None:
            visitor = getattr(self, f"visit_{kind.__name__}", self._visit_children)
            self._visitors[kind] = visitor
        return visitor(node)

    def _visit_children(self, node: cst.CSTNode) -> None:
        for child in node.children:
            if not isinstance(child, cst.BaseParenthesizableWhitespace | cst.Comma):
                self.dispatch(child)

    # --- names -------------------------------------------------------------------------------------------------

    def read(self, path: str) -> Value:
        """What a dotted path of names would give here."""
        first, *rest = path.split(".")
        value = self.lookup(first)
        for name in rest:
            value = self.attribute(value, name)
        return value

    def peek(self, node: cst.BaseExpression) -> Value:
        """What an expression would give here; nothing is known of one whose evaluation may have effects."""
        if not is_pure(node):
            return Unknown("an expression that may have effects")
        noted = len(self.events)
        value = self.freeze(self.value(node))
        del self.events[noted:]
        return value

    def assign(self, target: cst.BaseExpression, value: Value) -> None:
        """What an assignment to `target` does."""
        match target:
            case cst.Name():
                self.bind(target.value, value)
            case cst.Attribute():
                owner = self.value(target.value)
                for option in options(owner):
                    self.alive.attributes[option, target.attr.value] = value
            case cst.Subscript():
                self.assign_element(target, value)
            case cst.Tuple() | cst.List():
                self._unpack(target.elements, value)
            case cst.StarredElement():
                self.assign(target.value, value)

    def assign_element(self, target: cst.Subscript, value: Value) -> None:
        """What an assignment to `list[index]` does."""
        raise NotImplementedError

    def index(self, node: cst.Subscript) -> Value:
        """What stands between the brackets of a subscript."""
        raise NotImplementedError

    def _unpack(self, targets: Sequence[cst.BaseElement], value: Value) -> None:
        known = self.elements_of(value)
        starred = any(isinstance(target, cst.StarredElement) for target in targets)
        if known is not None and len(known) == len(targets) and not starred:
            for target, item in zip(targets, known, strict=True):
                self.assign(target.value, item)
            return
        for position, target in enumerate(targets):
            self.assign(target.value, self.derived("unpacked", value, Constant(position)))

    # --- attributes and elements -------------------------------------------------------------------------------

    def attribute(self, owner: Value, name: str) -> Value:
        """What `owner.name` holds."""
        if isinstance(owner, Choice):
            return join_values(self.attribute(option, name) for option in _not_none(owner))
        stored = self.alive.attributes.get((owner, name))
        if stored is not None:
            return stored
        match owner:
            case Reference():
                return Reference(f"{owner.dotted}.{name}", owner.imports)
            case ClassObject():
                return self.member(owner, name) or Symbol(("attribute", owner, name))
            case (
                InstanceObject(class_=class_)
                | SequentialObject(class_=ClassObject() as class_)
                | LayerObject(class_=ClassObject() as class_)
            ):
                found = self.member(class_, name)
                if found is not None:
                    return self._bind_member(found, owner)
                return Method(owner, name)
            case Super(class_=class_, owner=receiver):
                for base in class_.bases:
                    found = self.member(base, name) if isinstance(base, ClassObject) else None
                    if found is not None:
                        return self._bind_member(found, receiver)
                return Method(owner, name)
            case Constant() | Items() | FunctionObject():
                return Symbol(("attribute", owner, name))
            case Symbol() | Unknown():
                return Symbol(("attribute", owner, name))
        return Method(owner, name)

    def member(self, class_: ClassObject, name: str) -> Value | None:
        """A member of a class of the file or of the bases that the file defines too."""
        found = class_.members.get(name)
        if found is not None:
            return found
        for base in class_.bases:
            if isinstance(base, ClassObject):
                found = self.member(base, name)
                if found is not None:
                    return found
        return None

    def _bind_member(self, member: Value, owner: Value) -> Value:
        if not isinstance(member, FunctionObject) or member.binds == "static":
            return member
        if member.binds == "property":
            return self.invoke(member, [owner])
        return BoundMethod(member, owner)

    def invoke(self, function: FunctionObject, arguments: Sequence[Value]) -> Value:
        """Call a function of the file with positional arguments."""
        raise NotImplementedError

    def subscript(self, node: cst.Subscript, owner: Value, index: Value) -> Value:
        """What `owner[index]` holds."""
        if isinstance(owner, Choice):
            return join_values(self.subscript(node, option, index) for option in _not_none(owner))
        attributes = self.alive.attributes
        stored = attributes.get((owner, ("item", index)))
        if stored is not None and (owner, "**") not in attributes:
            return stored
        known = self.elements_of(owner)
        if known is not None:
            place = place_of(index)
            if isinstance(place, int) and -len(known) <= place < len(known):
                return known[place]
            if isinstance(place, slice):
                kept = known[place]
                is_list = isinstance(owner, ListObject)
                return self.list_of(tuple(Entry(value) for value in kept)) if is_list else Items(kept)
        if owner in self.alive.contents:
            return self.any_element(owner)
        return self.operated(node, "item", owner, index)

    def list_of(self, slots: Slots) -> ListObject:
        """A new list that no display of the source stands for."""
        result = ListObject(None)
        self.alive.contents[result] = Content(bounded(slots))
        return result

    def derived(self, operation: str, *operands: Value) -> Value:
        """The value of a pure operation: the same symbol whenever the operands are the same."""
        return Symbol((operation, *(self.freeze(operand) for operand in operands)))

    def operated(self, node: cst.CSTNode, operation: str, *operands: Value) -> Value:
        """What an operator makes of its operands, or `owner[index]` of what is no list; `node` is the operation."""
        return self.derived(operation, *operands)

    def freeze(self, value: Value) -> Value:
        """The value as it is now: a list becomes the `Items` that it holds, and nothing known if that is not sure."""
        return self._frozen(value, {})

    def freeze_data(self, value: Value) -> Value:
        """`freeze` for what a model is made of or given, which may be a dict."""
        raise NotImplementedError

    def _frozen(self, value: Value, known: dict[ListObject, Value]) -> Value:
        """`freeze`; `known` holds the lists that have been met, for a list may be in several others or in itself."""
        match value:
            case ListObject():
                if value not in known:
                    known[value] = Unknown("a list that holds itself")
                    known[value] = self._frozen_list(value, known)
                return known[value]
            case Items():
                frozen = tuple(self._frozen(item, known) for item in value.items)
                return value if frozen == value.items else items_of(frozen, value.kind)
            case Choice():
                return join_values(self._frozen(option, known) for option in value.options)
        return value

    def _frozen_list(self, value: ListObject, known: dict[ListObject, Value]) -> Value:
        content = self.alive.contents.get(value)
        values = certain_values(content.slots) if content is not None else None
        if values is None:
            return Unknown("a list whose elements are not sure")
        return items_of(tuple(self._frozen(item, known) for item in values), "list")

    # --- lists -------------------------------------------------------------------------------------------------

    def is_list(self, value: Value) -> bool:
        """Whether the value is a list or tuple of which something is known."""
        return isinstance(value, Items) or (isinstance(value, ListObject) and value in self.alive.contents)

    def slots_of(self, value: Value) -> Slots:
        """The elements of a list, tuple or whatever else is iterated over, as far as they are known."""
        match value:
            case Items():
                return tuple(Entry(item) for item in value.items)
            case ListObject() if value in self.alive.contents:
                return self.alive.contents[value].slots
            case Choice():
                return (Fork(tuple(self.slots_of(option) for option in value.options)),)
        return (Entry(self.derived("element", value), Presence.MANY),)

    def certain(self, slots: Slots) -> tuple[Value, ...] | None:
        """The values of slots that are all sure."""
        return certain_values(slots)

    def elements_of(self, value: Value) -> tuple[Value, ...] | None:
        """The elements of a list or tuple, if they are known and sure."""
        if isinstance(value, Items) or (isinstance(value, ListObject) and value in self.alive.contents):
            return certain_values(self.slots_of(value))
        return None

    def parts_of(self, value: Value) -> list[Value]:
        """A value, its options, and what is in it if it is a list or tuple, at any depth; each of them once."""
        found = {id(value): value}
        todo = [value]
        while todo:
            part = todo.pop()
            inner: Sequence[Value] = ()
            match part:
                case Items(items=inner) | Choice(options=inner):
                    pass
                case ListObject() if part in self.alive.contents:
                    inner = every_value(self.alive.contents[part].slots)
            new = {id(item): item for item in inner if id(item) not in found}
            found.update(new)
            todo.extend(new.values())
        return list(found.values())

    def any_element(self, value: Value) -> Value:
        """One element of a list, whichever it is. What changes is not known of it: it may be any of several."""
        values = every_value(self.slots_of(value))
        if any(item in self.alive.contents or isinstance(item, InstanceObject) for item in values):
            return Unknown("one element of a list")
        return join_values(values) if values else Unknown("an element of an empty list")

    # --- conditions --------------------------------------------------------------------------------------------

    def truth(self, value: Value) -> bool | None:
        """Whether a condition holds, where the arguments of an inlined call decide it.

        Outside such a call both ways are always followed, so that nothing in the file is left out.
        """
        if self.inlined and isinstance(value, Constant):
            return bool(value.value)
        return None


def _not_none(choice: Choice) -> Iterator[Value]:
    """What a value can be where it is asked for an attribute or an element: None has neither."""
    return (option for option in choice.options if option != Constant(None))


def place_of(index: Value) -> int | slice | None:
    """What stands between brackets, if it is known: an index or a slice."""
    match index:
        case Constant(value=int(place)):
            return place
        case Items(kind="slice", items=(Constant(low), Constant(high), Constant(step))) if step != 0:
            if all(bound is None or isinstance(bound, int) for bound in (low, high, step)):
                return slice(low, high, step)
    return None
