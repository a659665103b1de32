"""Puts layers, inputs and models into Sequentials, and notes where an Input could be put in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.calls import Calls
from kerasfix.analysis.declaration import declaration
from kerasfix.analysis.events import Insertion, Placement, Rank, Read, Role, Where
from kerasfix.analysis.layer_shapes import output_shape
from kerasfix.analysis.objects import (
    FunctionalObject,
    InputObject,
    LayerObject,
    ListObject,
    SequentialObject,
    Tensor,
)
from kerasfix.analysis.purity import is_pure
from kerasfix.analysis.slots import Entry, Position, Presence, certain_values, every_value, in_any_order, next_position
from kerasfix.analysis.spelling import CANONICAL, spell
from kerasfix.analysis.state import Content
from kerasfix.analysis.values import UNKNOWN_SHAPE, Choice, Items, Shape, Symbol, Unknown, Value, options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerasfix.analysis.layer_shapes import LayerCall
    from kerasfix.analysis.objects import Argument, Spelling
    from kerasfix.analysis.slots import Slots

_DEEPEST_MODELS = 4
"""Models inside models whose shapes are followed."""
_DECLARE_BY_THEMSELVES = frozenset({"Embedding", "Normalization", "TextVectorization"})
"""Built-in layers that Keras 2 may know the input of though no argument declares it: Embedding's length is any, and
`adapt()` sets the others'."""


@dataclass(frozen=True, slots=True)
class _Site:
    """Where an entry is added, and how another could be added before it."""

    call: cst.Call
    where: Where | None = None
    node: cst.CSTNode | None = None
    receiver: cst.BaseExpression | None = None


class Placing(Calls):
    """What it means for a layer to be put somewhere."""

    def __init__(self, is_bound_anywhere: Callable[[str], bool] = lambda name: False) -> None:
        super().__init__(is_bound_anywhere)
        self.trial = False
        """Whether a function is being tried out with unknown arguments."""
        self.data_format_changes = False
        """Whether the program may set another `data_format` than `channels_last`."""
        self.layers_reused = False
        """Whether the `.layers` of some model that is not known are put into another one."""
        self.layer_calls: dict[LayerObject, LayerCall] = {}
        """What shapes and parameters follow from, of the layers that are known to get something."""
        self.called: set[Value] = set()
        """What has been called on any way so far, or put into a model that may call it."""
        self.made_in: dict[SequentialObject, int | None] = {}
        self.begun_in: dict[SequentialObject, int | None] = {}
        """In which cells of a notebook a model is made, and its first entry put into it."""

    @property
    def rank(self) -> Rank:
        """How good the evidence is here."""
        if not self.trial:
            return Rank.CALLED
        return Rank.CALLED_FROM_TRIAL if self.inlined else Rank.TRIAL

    def place(
        self,
        subject: Value,
        role: Role,
        node: cst.CSTNode,
        reason: str = "",
        holder: Value | None = None,
        arriving: Shape = UNKNOWN_SHAPE,
        declared: Shape | None = UNKNOWN_SHAPE,
        given: tuple[Value, ...] = (),
        spelling: Spelling | None = None,
    ) -> None:
        """Note that a layer or model is used."""
        if role is Role.CALLED:
            self.called.add(subject)
        self.events.append(
            Placement(
                subject,
                role,
                node,
                self.rank,
                holder=holder,
                arriving=arriving,
                declared=declared,
                reason=reason,
                given=given,
                spelling=spelling,
            )
        )

    def note_read(self, node: cst.Attribute, owner: Value) -> None:
        name = node.attr.value
        for option in options(owner):
            if not isinstance(option, LayerObject | SequentialObject) or (option, name) in self.alive.attributes:
                continue
            if option.class_ is not None and self.member(option.class_, name) is not None:
                continue
            is_model = isinstance(option, SequentialObject)
            declared = self.alive.contents.get(option, Content()).declared if is_model else None
            self.events.append(Read(option, name, node, self.rank, option in self.called, declared))

    def place_all(self, value: Value, role: Role, node: cst.CSTNode, holder: Value) -> None:
        """Note the use of every layer in a value: RNN takes a list of cells."""
        for item in self.spread(value):
            if isinstance(item, LayerObject):
                self.place(item, role, node, holder=holder)

    def spread(self, value: Value) -> list[Value]:
        """The values that a list, or a choice of values, may hold."""
        return [part for part in self.parts_of(value) if not isinstance(part, Items | Choice | ListObject)]

    def escape(self, value: Value, node: cst.Call | None, reason: str, *, mutates: bool = True) -> None:
        for part in self.parts_of(value) if node is not None else ():
            if isinstance(part, LayerObject) and node is not None:
                self.place(part, Role.ESCAPED, node, reason)
        super().escape(value, node, reason, mutates=mutates)

    def may_change(self, value: Value, reason: str) -> None:
        if isinstance(value, SequentialObject):
            self.called.add(value)
            self.add_unknown(value, Unknown(f"layers that may have been added where the model {reason}"))
        else:
            super().may_change(value, reason)

    # --- entries -----------------------------------------------------------------------------------------------

    def add_one(self, node: cst.Call, sequential: SequentialObject, value: Value) -> None:
        """`sequential.add(value)`."""
        site = _Site(node)
        statement = self.statement
        if isinstance(statement, cst.Expr) and statement.value is node and isinstance(node.func, cst.Attribute):
            receiver = node.func.value
            if is_pure(receiver) or _is_super(receiver):
                site = _Site(node, Where.STATEMENT, statement, receiver)
        self._append(sequential, value, site, certain=True)

    def add_list(self, node: cst.Call, sequential: SequentialObject, argument: Argument) -> None:
        """`Sequential(argument)`."""
        if isinstance(argument.value, LayerObject | InputObject | Tensor | SequentialObject | FunctionalObject):
            self._append(sequential, argument.value, _Site(node, Where.BESIDE, argument.node), certain=True)
            return
        display = _leading_display(argument.node.value)
        where = Where.ELEMENT if display is not None else Where.AROUND
        site = _Site(node, where, display or argument.node)
        self._append_slots(sequential, self.slots_of(argument.value), site, certain=True)

    def add_unknown(self, sequential: SequentialObject, value: Value) -> None:
        """Any number of entries of which nothing is known."""
        content = self.alive.contents.get(sequential, Content())
        slots = (*content.slots, Entry(value, Presence.MANY))
        nothing = content.declared is None and next_position(content.slots) is Position.LATER
        self.alive.contents[sequential] = Content(slots, None if nothing else UNKNOWN_SHAPE)

    def _append_slots(self, sequential: SequentialObject, slots: Slots, site: _Site, *, certain: bool) -> None:
        for slot in slots:
            if isinstance(slot, Entry) and slot.presence is Presence.MANY:
                self._note_reuse(slot.value)
                self.add_unknown(sequential, slot.value)
            elif isinstance(slot, Entry):
                sure = certain and slot.presence is Presence.ONE
                self._append(sequential, slot.value, site, certain=sure)
            else:
                before = self.alive.contents[sequential]
                after: Content | None = None
                for way in slot.ways:
                    self.alive.contents[sequential] = before
                    self._append_slots(sequential, way, site, certain=False)
                    content = self.alive.contents[sequential]
                    after = content if after is None else after.join(content)
                self.alive.contents[sequential] = after or before

    def _append(self, sequential: SequentialObject, value: Value, site: _Site, *, certain: bool) -> None:
        content = self.alive.contents.get(sequential, Content())
        position = next_position(content.slots)
        reason = ""
        if self._is_alternative(sequential, value, position):
            reason = "whether it is the first layer depends on which cells of the notebook are run"
            content = Content(in_any_order(content.slots), UNKNOWN_SHAPE)
            position = Position.EITHER
        elif position is Position.FIRST:
            self.begun_in.setdefault(sequential, self.cell)
            position = position if certain and _is_one_call(value) else Position.EITHER
        if any(isinstance(option, SequentialObject) and self._holds(option, sequential) for option in options(value)):
            value = Unknown("the model itself")
        for option in options(value):
            self._note_reuse(option)
            self._place_entry(sequential, content, option, position, site, reason or _reason(content, position))
        presence = Presence.ONE if certain else Presence.MAYBE
        slots = (*content.slots, Entry(value, presence))
        self.alive.contents[sequential] = self._content_behind(content, slots, value, position)

    def _is_alternative(self, sequential: SequentialObject, value: Value, position: Position) -> bool:
        """Whether an entry declares the input of a model that another cell has begun, which need not have been run:
        notebooks offer several first layers, each in a cell of its own."""
        begun = self.begun_in.get(sequential)
        if position is not Position.LATER or begun in (None, self.cell, self.made_in.get(sequential)):
            return False
        return any(isinstance(one, Tensor | InputObject) or self.leading_layer(one) for one in options(value))

    def _holds(self, outer: SequentialObject, inner: SequentialObject) -> bool:
        """Whether a model is the other one, or has it in it at any depth."""
        seen: set[Value] = {outer}
        todo: list[Value] = [outer]
        while todo:
            content = self.alive.contents.get(todo.pop(), Content())
            new = {value for value in every_value(content.slots) if isinstance(value, SequentialObject)} - seen
            seen |= new
            todo.extend(new)
        return inner in seen

    def _note_reuse(self, value: Value) -> None:
        """Whether a value comes out of the `.layers` of a model that is not known."""
        key: object = value.key if isinstance(value, Symbol) else ()
        while isinstance(key, tuple) and len(key) > 1:
            if key[0] == "attribute" and key[2] == "layers":
                self.layers_reused = True
                return
            key = key[1].key if isinstance(key[1], Symbol) else ()

    def _place_entry(
        self,
        sequential: SequentialObject,
        content: Content,
        value: Value,
        position: Position,
        site: _Site,
        reason: str,
    ) -> None:
        subject = value.source if isinstance(value, Tensor) and isinstance(value.source, InputObject) else value
        if not isinstance(subject, LayerObject | InputObject | SequentialObject):
            return
        self.called.add(subject)
        insertion = None
        leading = self.leading_layer(subject)
        if position is Position.FIRST and leading is not None:
            insertion = self._insertion(sequential, leading, site)
        self.events.append(
            Placement(
                subject,
                Role.ENTRY,
                site.call,
                self.rank,
                position,
                sequential,
                content.leaving,
                content.declared,
                insertion,
                reason,
                self._content_behind(content, (), value, position).declared,
            )
        )

    def leading_layer(self, value: Value) -> LayerObject | None:
        """The layer that declares the input of a model that starts with `value`: itself, or what it starts with."""
        while isinstance(value, SequentialObject):
            slots = self.alive.contents.get(value, Content()).slots
            if not slots or not isinstance(slots[0], Entry) or slots[0].presence is not Presence.ONE:
                return None
            value = slots[0].value
        if not isinstance(value, LayerObject):
            return None
        inner = value.wrapped
        if not value.declares and isinstance(inner, LayerObject) and inner.declares and _is_lifted(value):
            return inner
        return value if value.declares else None

    def _content_behind(self, content: Content, slots: Slots, value: Value, position: Position) -> Content:
        if position is Position.LATER:
            return Content(slots, content.declared, self.shape_behind(value, content.leaving))
        declared = self.declared_by(value)
        if position is Position.FIRST:
            return Content(slots, declared, self.shape_behind(value, declared or UNKNOWN_SHAPE))
        return Content(slots, None if declared is None and content.declared is None else UNKNOWN_SHAPE)

    def declared_by(self, value: Value) -> Shape | None:
        """The input shape that a Sequential gets from its first entry; None if that declares nothing."""
        match value:
            case Tensor() | InputObject():
                return value.shape
            case SequentialObject():
                return self.alive.contents.get(value, Content()).declared
            case LayerObject(api=api) if api is not None and not value.unpacks:
                declared = declaration(value)
                if declared is not None:
                    return declared.shape
                return UNKNOWN_SHAPE if value.name in _DECLARE_BY_THEMSELVES else None
        return UNKNOWN_SHAPE

    def shape_behind(self, value: Value, arriving: Shape, depth: int = 0) -> Shape:
        """The shape that leaves a layer or model when `arriving` reaches it."""
        match value:
            case Tensor() | InputObject():
                return value.shape if arriving.dims is None else arriving  # Keras 2 passes it through a second one
            case LayerObject():
                leaving = output_shape(self.layer_call(value), [arriving])
                return leaving if isinstance(leaving, Shape) else UNKNOWN_SHAPE
            case SequentialObject():
                content = self.alive.contents.get(value, Content())
                if content.leaving.dims is not None:
                    return content.leaving
                entries = certain_values(content.slots)
                if not entries or depth > _DEEPEST_MODELS:
                    return UNKNOWN_SHAPE
                for inner in entries:
                    arriving = self.shape_behind(inner, arriving, depth + 1)
                return arriving
            case FunctionalObject(outputs=(Tensor() as output, *_)):
                return output.shape
        return UNKNOWN_SHAPE

    def layer_call(self, layer: LayerObject) -> LayerCall:
        """What `output_shape` needs to know of a layer."""
        raise NotImplementedError

    # --- insertions --------------------------------------------------------------------------------------------

    def _insertion(self, sequential: SequentialObject, leading: LayerObject, site: _Site) -> Insertion | None:
        if site.where is None or site.node is None:
            return None
        readable = frozenset(
            argument.node
            for argument in leading.arguments.values()
            if not argument.positional and self._reads_the_same(argument)
        )
        spellings = {}
        for what in CANONICAL:
            for neighbour in self._neighbours(sequential, leading):
                spelling = spell(self, neighbour, what)
                if spelling is not None:
                    spellings[what] = spelling
                    break
        return Insertion(site.where, site.node, site.receiver, spellings, readable, self._inputs())

    def _inputs(self) -> dict[str, Tensor]:
        """The names of this frame that hold the tensor of an `Input`."""
        held = {name: self.alive.names.get((self.frame, name)) for name in self.named_tensors}
        return {name: value for name, value in held.items() if isinstance(value, Tensor) and value.applied is None}

    def _reads_the_same(self, argument: Argument) -> bool:
        return self.statement is not self.walrus and self.peek(argument.node.value) == argument.value

    def _neighbours(self, sequential: SequentialObject, leading: LayerObject) -> Sequence[cst.BaseExpression]:
        nodes = [leading.node, sequential.node]
        return [node.func for node in nodes if isinstance(node, cst.Call)]


def _is_lifted(wrapper: LayerObject) -> bool:
    """Whether the wrapped layer's input is the wrapper's own, as Bidirectional's is and TimeDistributed's is not."""
    return wrapper.name == "Bidirectional"


def _is_one_call(value: Value) -> bool:
    """Whether a value is made by one call, whichever class that call is of."""
    nodes = {getattr(option, "node", option) for option in options(value)}
    return len(nodes) == 1


def _reason(content: Content, position: Position) -> str:
    if position is Position.EITHER:
        return "whether it is the first layer depends on a branch or a loop"
    if position is Position.UNKNOWN:
        for value in every_value(content.slots):
            match value:
                case Unknown(reason=reason) | Symbol(key=("element", Unknown(reason=reason))):
                    return f"what stands before it is not known: {reason}"
        return "what stands before it is not known"
    return ""


def _leading_display(node: cst.BaseExpression) -> cst.List | cst.Tuple | None:
    """The list display that begins a list: itself, or the leftmost of a sum."""
    while isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        node = node.left
    return node if isinstance(node, cst.List | cst.Tuple) else None


def _is_super(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "super"
