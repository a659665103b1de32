"""Turns the models of a Program into build plans: plain data that says what to make and how to put it together.

A plan is a list of steps. A step makes something by its class (`make`), puts entries into a Sequential (`sequential`),
applies something to tensors (`apply`, `function`), reads `.input` and the like (`attribute`), or sets
`.trainable` (`freeze`); steps name earlier ones by their number. A call that makes a model in several ways, because
of a branch or of a function that is called with several arguments, has a plan for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kerasfix.analysis import keras_api
from kerasfix.analysis.events import Role
from kerasfix.analysis.objects import (
    Applied,
    Configured,
    FunctionalObject,
    InputObject,
    LayerObject,
    SequentialObject,
    Tensor,
)
from kerasfix.analysis.slots import Entry, Presence
from kerasfix.analysis.values import Choice, Constant, Items, Symbol, Unknown, Value
from kerasfix.verify import sizes
from kerasfix.verify.allowed import is_allowed
from kerasfix.verify.arguments import Arguments, NotVerifiable, index_of
from kerasfix.verify.building import OPERATORS
from kerasfix.verify.keras1 import modern_arguments, modern_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import libcst as cst

    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.slots import Slots
    from kerasfix.verify.sizes import Json

MOST_WAYS = 4
"""Ways through the program, and times that a call is reached, for which a plan is made."""
MOST_STEPS = 2000
DEEPEST_MODELS = 10
"""Models inside one another."""
DEEPEST_STEPS = 600
_OF_THE_BASE = keras_api.INPUT_KEYWORDS | {"name", "dtype", "trainable"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to build one model; the last step is the model."""

    steps: tuple[Json, ...] = ()
    assumptions: tuple[str, ...] = ()
    """What had to be supposed, in words."""
    ranks: tuple[tuple[str, int], ...] = ()
    """What the layers tell of the rank of unknown shapes, the batch left out, by their names."""
    problem: str = ""
    """Why there is no plan; `steps` is then empty."""
    code: str = ""
    """What is written of it where there is no plan, so that it can be told whether a fix changed it."""
    places: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    """Where in the text each step comes from: start and end."""
    chosen: bool = field(default=False, compare=False)
    """Whether it is one of several ways, some of which the program may never take, as a loop that is never run."""
    time: int = field(default=0, compare=False)
    """For which of the times that the call is reached it is, from 0."""


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """A call that makes a model, with its plans."""

    kind: str
    start: int
    """Where the call begins in the text."""
    plans: tuple[Plan, ...]


def plan_models(program: Program) -> list[PlannedModel]:
    """Every model of a program, in the order of the text."""
    found = []
    models: list[tuple[SequentialObject | FunctionalObject, ...]] = [model.objects for model in program.sequentials]
    models += [model.objects for model in program.models]
    for objects in models:
        made = objects[0]
        times = enumerate(objects[:MOST_WAYS])
        plans = [replace(plan, time=time) for time, each in times for plan in _ways(program, each)]
        kind = made.name.rpartition(".")[2] if isinstance(made, FunctionalObject) else "Sequential"
        found.append(PlannedModel(kind, program.positions.span(made.node)[0], tuple(plans)))
    return sorted(found, key=lambda model: model.start)


def _ways(program: Program, made: SequentialObject | FunctionalObject) -> Iterator[Plan]:
    """The plans of one model, for one way after the other."""
    way, ways = 0, 1
    while way < min(ways, MOST_WAYS):
        planner = _Planner(program, made, way)
        try:
            planner.begin()
            problem = ""
        except NotVerifiable as error:
            problem = str(error)
        ways = max(ways, planner.ways)
        way += 1
        if problem:
            yield Plan(problem=problem, code=_written(program, made))
        else:
            yield Plan(
                tuple(planner.steps),
                tuple(planner.assumptions),
                tuple(planner.ranks.items()),
                places=tuple(program.positions.span(node) for node in planner.origins),
                chosen=planner.ways > 1,
            )


def _written(program: Program, made: SequentialObject | FunctionalObject) -> str:
    """The source of a model's call and of the layers and inputs that it is known to be made of."""
    if isinstance(made, SequentialObject):
        content = program.contents.get(made)
        left = [slot.value for slot in content.slots if isinstance(slot, Entry)] if content is not None else []
    else:
        left = [*made.inputs, *made.outputs]
    nodes: list[cst.CSTNode] = [made.node]
    seen: set[int] = set()
    while left:
        value = left.pop()
        if id(value) in seen:  # to compare values may take for ever
            continue
        seen.add(id(value))
        match value:
            case LayerObject() | InputObject():
                nodes.append(value.node)
            case Tensor(applied=None, source=Value() as source):
                left.append(source)
            case Tensor(inputs=inputs, applied=Applied(source=source, arguments=arguments)):
                left += [part for part in (source, *(argument.value for argument in arguments)) if part is not None]
                left += inputs
            case Items(items=items):
                left += items
            case Symbol(key=tuple() as key):
                left += [part for part in key if isinstance(part, Value)]
    return "\n".join(program.code(node) for node in nodes)


class _Planner(Arguments):
    """Makes the plan of one model on one way."""

    def __init__(self, program: Program, made: SequentialObject | FunctionalObject, way: int) -> None:
        super().__init__(lambda argument: self.code_of(argument.node.value), self._pick)
        self.program = program
        self.made = made
        self.way = way
        self.ways = 1
        """The most ways that any place offered."""
        self.steps: list[Json] = []
        self.origins: list[cst.CSTNode] = []
        """Where each step comes from."""
        self.numbers: dict[Value, int] = {}
        self.ranks: dict[str, int] = {}
        self.depth = 0
        self.models = 0

    def begin(self) -> None:
        """Plan the model and everything that it is made of."""
        made = self.made
        self.part(made)
        self._in_order_of_the_text(made)
        for subject, value in self.program.trainable.items():
            if subject in self.numbers and isinstance(value, Constant):
                self._add({"freeze": self.numbers[subject], "trainable": bool(value.value)}, made.node)
        for placement in self.program.placements:
            if placement.subject is made and placement.role is Role.BUILT and placement.arriving.dims is not None:
                dims = [size if size is None or isinstance(size, int) else None for size in placement.arriving.dims]
                self._add({"build": self.numbers[made], "shape": dims}, placement.node)

    def _in_order_of_the_text(self, made: SequentialObject | FunctionalObject) -> None:
        """Plan it again, the layers first and in their order: by that Keras names them."""
        place = {subject: at for at, subject in reversed([*enumerate(p.subject for p in self.program.placements)])}
        known: list[Value] = [value for value in self.numbers if isinstance(value, LayerObject | SequentialObject)]
        known = [value for value in known if value is not made]
        known.sort(key=lambda value: (isinstance(value, SequentialObject), self._start(value), place.get(value, 0)))
        self.steps.clear()
        self.origins.clear()
        self.numbers.clear()
        for value in known:
            self._number(value)
        self.part(made)

    def _start(self, value: Value) -> int:
        """Where the call that makes a layer or model begins."""
        return self.program.positions.span(value.node)[0] if isinstance(value, LayerObject | SequentialObject) else 0

    def _pick(self, choice: Choice) -> Value:
        self.ways = max(self.ways, len(choice.options))
        return choice.options[self.way % len(choice.options)]

    def code_of(self, node: cst.BaseExpression) -> str:
        start, end = self.program.positions.span(node)
        return " ".join(self.program.text[start:end].split())

    # --- steps -------------------------------------------------------------------------------------------------

    def part(self, value: Value) -> Json:
        """What a value is in the plan: a step, a step's output, or a list of them."""
        self.count()
        match value:
            case Choice():
                return self.part(self._pick(value))
            case Items(items=items, kind="tuple" | "list"):
                return {"list": [self.part(item) for item in items]}
            case Tensor(place=int(place)):
                return {"step": self._number(value), "place": place}
            case Symbol(key=("unpacked" | "item", Tensor() as tensor, Constant(value=int(place)))):
                return {"step": self._number(tensor), "place": place}
            case Tensor() | InputObject() | LayerObject() | SequentialObject() | FunctionalObject() | Configured():
                return {"step": self._number(value)}
            case Constant(value=None):
                return None
            case Unknown(reason=reason):
                raise NotVerifiable(f"a part of it is not known: {reason}")
        raise NotVerifiable(f"a part of it is not known: {sizes.written(value) or 'it is code of the program'}")

    def _operand(self, value: Value) -> Json:
        return value.value if isinstance(value, Constant) and isinstance(value.value, int | float) else self.part(value)

    def _number(self, value: Value) -> int:
        """The number of the step that makes `value`; one layer is made once, however often it is used."""
        key: Value = value
        if isinstance(value, Tensor):
            if value.applied is None and value.source is not None:
                return self._number(value.source)
            key = value.applied or value  # type: ignore[assignment]  # one call may give several tensors
        known = self.numbers.get(key)
        if known is None:
            is_model = isinstance(value, SequentialObject | FunctionalObject)
            self.depth += 1
            self.models += is_model
            if len(self.steps) > MOST_STEPS or self.depth > DEEPEST_STEPS or self.models > DEEPEST_MODELS:
                raise NotVerifiable(f"it is larger than {MOST_STEPS} layers, or nested too deeply")
            step = self._step(value)
            self.depth -= 1
            self.models -= is_model
            made = value.applied if isinstance(value, Tensor) else value
            known = self.numbers[key] = self._add(step, getattr(made, "node", None))
        return known

    def _add(self, step: Json, origin: cst.CSTNode | None) -> int:
        self.steps.append(step)
        self.origins.append(self.made.node if origin is None else origin)
        return len(self.steps) - 1

    def _step(self, value: Value) -> Json:
        match value:
            case Tensor():
                return self._application(value)
            case InputObject():
                name = "keras.Input" if value.function == "Input" else "keras.layers.InputLayer"
                self._note_unpacking(value.unpacks, value.function)
                given = [value.arguments[key] for key in keras_api.TENSOR_ARGUMENTS if key in value.arguments]
                around = [argument for argument in given if argument.value != Constant(None)]
                plain = {key: a for key, a in value.arguments.items() if a not in around}
                tensor = [[argument.name, self.part(argument.value)] for argument in around]
                return {"make": name, "arguments": [*self.read(value.function, keras_api.lookup(name), plain), *tensor]}
            case LayerObject():
                return self._layer(value)
            case SequentialObject():
                return self._sequential(value)
            case FunctionalObject():
                return self._model(value)
        raise NotVerifiable("a part of it is not a layer, model or tensor")

    def _layer(self, layer: LayerObject) -> Json:
        self._note_unpacking(layer.unpacks, layer.name)
        if layer.api is not None and is_allowed(layer.api.name):
            self._note_rank(layer)
            class_ = modern_class(layer.api)
            arguments = modern_arguments(class_, layer.arguments)
            if class_ is not layer.api or arguments is not layer.arguments:
                self.assumptions[f"`{layer.name}` of Keras 1 is built as what it has been called since"] = None
            return {"make": class_.name, "arguments": self.read(layer.name, class_, arguments)}
        if layer.api is None and layer.declares:
            raise NotVerifiable(f"`{layer.name}`, which declares the input, is not a layer of Keras")
        self.assumptions[f"`{layer.name}` is stood in for by an identity"] = None
        kept: Mapping[str, Argument] = {}
        if layer.api is not None:
            kept = {name: argument for name, argument in layer.arguments.items() if name in _OF_THE_BASE}
        return {"stand in": layer.name, "arguments": self.read(layer.name, layer.api, kept)}

    def _sequential(self, model: SequentialObject) -> Json:
        if model.class_ is not None:
            if "call" in model.class_.members:
                raise NotVerifiable(f"`{model.class_.node.name.value}` has a `call` of its own")
            self.assumptions[f"`{model.class_.node.name.value}` is taken for a plain Sequential"] = None
        content = self.program.contents.get(model)
        if content is None:
            raise NotVerifiable("what it holds is not known")
        values = list(self._entries(content.slots))
        entries = [self.part(value) for value in values]
        self._note_rank_of_first(values)
        rest = {name: argument for name, argument in model.arguments.items() if name != "layers"}
        return {"sequential": entries, "arguments": self.read("Sequential", None, rest)}

    def _entries(self, slots: Slots) -> Iterator[Value]:
        found = 0
        for slot in slots:
            if not isinstance(slot, Entry):
                self.ways = max(self.ways, len(slot.ways))
                inner = list(self._entries(slot.ways[self.way % len(slot.ways)]))
                found += len(inner)
                yield from inner
            elif slot.presence is Presence.MANY:
                if not found:
                    raise NotVerifiable("its first layers are not known")
                self.assumptions["layers that are not known, behind others, are left out"] = None
            else:
                if slot.presence is Presence.MAYBE:
                    self.assumptions["a layer that a loop or branch adds is taken to be added once"] = None
                found += 1
                yield slot.value

    def _model(self, model: FunctionalObject) -> Json:
        self._note_unpacking(model.unpacks, model.name)
        if model.name != "keras.Model":
            if not is_allowed(model.name):
                raise NotVerifiable(f"{model.name} is not built")
            others = [(name, argument) for name, argument in model.arguments.items() if name != "weights"]
            kept = {name: replace(argument, positional=False) for name, argument in others}
            arguments = self.read(model.name, keras_api.lookup(model.name), kept)
            return {"make": model.name, "arguments": [*arguments, ["weights", None]]}
        if not model.inputs or not model.outputs:
            raise NotVerifiable("its inputs and outputs are not known")
        name = {key: argument for key, argument in model.arguments.items() if key in ("name", "trainable")}
        given = [["inputs", self._given(model.inputs)], ["outputs", self._given(model.outputs)]]
        return {"model": [*given, *self.read("Model", None, name)]}

    def _given(self, values: tuple[Value, ...]) -> Json:
        parts = [self.part(value) for value in values]
        return parts[0] if len(parts) == 1 else {"list": parts}

    def _application(self, tensor: Tensor) -> Json:
        applied = tensor.applied
        if applied is None:
            raise NotVerifiable("where a tensor comes from is not known")
        if applied.node is None and applied.source is not None:
            return {"attribute": applied.function, "of": self._number(applied.source)}
        if applied.source is None and applied.function == "item":
            owner, index = tensor.inputs
            return {"operator": "item", "of": [self.part(owner), index_of(index)]}
        if applied.source is None and applied.function in OPERATORS:
            return {"operator": applied.function, "of": [self._operand(value) for value in tensor.inputs]}
        if applied.source is None and not is_allowed(applied.function):
            raise NotVerifiable(f"`{applied.function}` on tensors is not built")
        pairs: list[Json] = []
        for argument in applied.arguments:
            keyword = None if argument.positional else argument.name
            if keyword is None or keyword in ("inputs", "initial_state", "mask", "query", "value", "key"):
                pairs.append([keyword, self.part(argument.value)])
            elif isinstance(argument.value, Constant):
                pairs.append([keyword, argument.value.value])
            else:
                self.assumptions[f"`{keyword}` of a call on tensors is left out: its value is not known"] = None
        if applied.source is None:
            return {"function": applied.function, "arguments": pairs}
        source = applied.source
        if isinstance(source, LayerObject):
            self._note_rank(source, [argument.value for argument in applied.arguments])
        return {"apply": self._number(source), "arguments": pairs}

    # --- what layers tell of shapes --------------------------------------------------------------------------------

    def _note_unpacking(self, unpacks: bool, name: str) -> None:
        if unpacks:
            self.assumptions[f"what `{name.rpartition('.')[2]}` gets by `*` or `**` is left out"] = None

    def _note_rank_of_first(self, values: list[Value]) -> None:
        first = values[0] if values else None
        if isinstance(first, InputObject | Tensor) and len(values) > 1 and isinstance(values[1], LayerObject):
            self._note_rank(values[1], [first])

    def _note_rank(self, layer: LayerObject, given: list[Value] | None = None) -> None:
        """The rank that a layer asks for, noted for unknown shapes in its own arguments or in an Input before it."""
        rank = _rank(layer)
        for value in given if given is not None else [layer]:
            source = value.source if isinstance(value, Tensor) and value.applied is None else value
            if rank is None or not isinstance(source, InputObject | LayerObject):
                continue
            for argument in source.arguments.values():
                if argument.name in ("shape", "input_shape", "batch_shape", "batch_input_shape"):
                    name = sizes.written(argument.value) or self.code(argument)
                    self.ranks.setdefault(name, rank)


def _rank(layer: LayerObject) -> int | None:
    """The number of axes, the batch left out, that a layer takes, if it takes one number of them alone."""
    api = layer.api
    if api is not None and api.wrapped_rank_offset is not None and isinstance(layer.wrapped, LayerObject):
        inner = _rank(layer.wrapped)
        return None if inner is None else inner + api.wrapped_rank_offset
    least, most = api.ndim() if api is not None else (None, None)
    return least - 1 if least is not None and least == most else None
