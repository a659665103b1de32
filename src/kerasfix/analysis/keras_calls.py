"""What calls of Keras do: layers, inputs and models come into being, are put together and are called on tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis import keras_api, keras_history
from kerasfix.analysis.binding import bind, declaring, input_shape, unpacks, values_of
from kerasfix.analysis.events import Feed, Made, Role
from kerasfix.analysis.layer_shapes import LayerCall, output_shape
from kerasfix.analysis.libraries import FEEDING, FORWARDING, LIBRARIES
from kerasfix.analysis.objects import (
    Applied,
    Argument,
    ClassObject,
    Configured,
    FunctionalObject,
    InputObject,
    InstanceObject,
    LayerObject,
    SequentialObject,
    Super,
    Tensor,
    has_tensor,
)
from kerasfix.analysis.placing import Placing
from kerasfix.analysis.purity import is_pure
from kerasfix.analysis.shapes import batch_shape_of_value
from kerasfix.analysis.slots import Entry, Presence, certain_values, without_last
from kerasfix.analysis.spelling import spell
from kerasfix.analysis.state import Content
from kerasfix.analysis.subclasses import forwards, keras_base
from kerasfix.analysis.values import (
    UNKNOWN_SHAPE,
    Constant,
    Items,
    Reference,
    Shape,
    Symbol,
    Unknown,
    Value,
    pairs_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kerasfix.analysis.calls import CallArgument
    from kerasfix.analysis.keras_api import KerasClass
    from kerasfix.analysis.objects import Spelling

_SEQUENTIAL = "keras.Sequential"
_MODEL = "keras.Model"
_INPUT = "keras.Input"
_INPUT_LAYER = "keras.layers.InputLayer"
_CONFIGURED = ("keras.initializers.", "keras.regularizers.", "keras.constraints.", "keras.activations.")
"""Modules whose calls make an argument of layers."""
_SCORES = "return_attention_scores"
"""An argument of a call, not of the layer, by which attention gives more than one tensor."""


class KerasCalls(Placing):
    """Calls of Keras's classes and functions, and of the objects that they make."""

    def call_reference(self, node: cst.Call, callee: Reference, arguments: Sequence[CallArgument]) -> Value:
        found = keras_api.canonical(callee.dotted)
        if found is not None:
            return self._call_keras(node, callee, found[0], arguments)
        constructor = callee.dotted.removesuffix(".__init__")
        if constructor != callee.dotted and arguments:
            return self._call_constructor(node, constructor, arguments)
        if callee.dotted.startswith(FORWARDING):
            return self._make_foreign_layer(node, callee, arguments)
        if callee.dotted.partition(".")[0] in LIBRARIES:
            self.escape_all(node, arguments, f"is passed to `{callee.dotted}`", mutates=False)
            return self.derived_call(node, callee.dotted, arguments)
        return self.opaque(node, arguments, f"is passed to `{callee.dotted}`, which kerasfix cannot follow")

    def derived_call(self, node: cst.Call, name: str, arguments: Sequence[CallArgument]) -> Value:
        """The result of a library function: the same symbol for the same arguments if the call has no effects."""
        if is_pure(node) and not any(argument.star or argument.keyword for argument in arguments):
            return self.derived(f"call {name}", *(argument.value for argument in arguments))
        return Unknown(f"what {name}() gives")

    def _call_keras(self, node: cst.Call, callee: Reference, name: str, arguments: Sequence[CallArgument]) -> Value:
        class_ = keras_api.lookup(name)
        bound = bind(self, class_, arguments)
        if name in (_INPUT, _INPUT_LAYER):
            return self._make_input(node, callee, name, bound)
        if name == _SEQUENTIAL:
            return self._make_sequential(node, callee, bound)
        if name == _MODEL:
            return self._make_model(node, bound)
        if class_ is not None and class_.kind in ("layer", "wrapper", "cell"):
            return self._make_layer(node, callee, class_, bound)
        if class_ is not None and class_.kind == "application":
            return self.made(FunctionalObject(node, name, bound, unpacks(node)))
        if class_ is not None and class_.kind == "function" and arguments:
            inputs = [argument.value for argument in arguments if not argument.keyword]
            applied = Applied(None, name, tuple(bound.values()), node)
            made = self._tensors(LayerCall(name.rpartition(".")[2], values_of(bound)), applied, inputs)
            return self.made(made) if isinstance(made, Tensor) and len(made.inputs) > 1 else made
        on_tensor = any(has_tensor(argument.value) for argument in arguments)
        if name.startswith(_CONFIGURED) and not on_tensor and not unpacks(node):
            return Configured(name, tuple(values_of(bound).items()))
        self.escape_all(node, arguments, f"is passed to `{name}`", mutates=False)
        return self.derived_call(node, name, arguments)

    def _call_constructor(self, node: cst.Call, dotted: str, arguments: Sequence[CallArgument]) -> Value:
        """`Sequential.__init__(self, layers)` and the like."""
        found = keras_api.canonical(dotted)
        if found is not None and found[0] == _SEQUENTIAL and isinstance(arguments[0].value, SequentialObject):
            self._fill(node, arguments[0].value, bind(self, keras_api.lookup(_SEQUENTIAL), arguments[1:]))
        return Constant(None)

    # --- layers ------------------------------------------------------------------------------------------------

    def _make_layer(
        self, node: cst.Call, callee: Reference, class_: KerasClass, bound: Mapping[str, Argument]
    ) -> Value:
        wrapped = bound.get(class_.wrapped_parameter) if class_.wrapped_parameter else None
        layer = LayerObject(
            node,
            class_.name.rpartition(".")[2],
            callee,
            class_,
            bound,
            unpacks=unpacks(node),
            declares=declaring(bound, class_.own_meaning),
            wrapped=wrapped.value if wrapped else None,
        )
        self.made(layer)
        for argument in bound.values():
            if wrapped is not None:
                self.place_all(argument.value, Role.WRAPPED, node, holder=layer)
            else:
                self.escape(argument.value, node, f"is an argument of `{layer.name}`", mutates=False)
        return layer

    def _make_foreign_layer(self, node: cst.Call, callee: Reference, arguments: Sequence[CallArgument]) -> Value:
        bound = bind(self, None, arguments)
        layer = LayerObject(
            node,
            callee.dotted.rpartition(".")[2],
            None,
            None,
            bound,
            unpacks=unpacks(node),
            declares=declaring(bound, frozenset()),
        )
        self.escape_all(node, arguments, f"is passed to `{callee.dotted}`", mutates=False)
        return self.made(layer)

    def instantiate(self, node: cst.Call, class_: ClassObject, arguments: Sequence[CallArgument]) -> Value:
        instance = self.new_instance(node, class_, arguments)
        self.initialise(node, instance, class_, arguments)
        return instance

    def new_instance(
        self, node: cst.Call | cst.ClassDef, class_: ClassObject, arguments: Sequence[CallArgument] = ()
    ) -> Value:
        """An instance of a class of the file, by the Keras class that it derives from."""
        base = keras_base(class_)
        if base == _SEQUENTIAL:
            sequential = SequentialObject(node, None, {}, class_)
            self.made_in[sequential] = self.cell
            self.alive.contents[sequential] = Content()
            return self.made(sequential)
        facts = keras_api.lookup(base) if base is not None else None
        is_layer = base == "keras.Layer" or (facts is not None and facts.kind in ("layer", "wrapper", "cell"))
        if not is_layer or not isinstance(node, cst.Call):
            return InstanceObject(class_)
        bound = bind(self, None, arguments)
        declares = declaring(bound, facts.own_meaning if facts else frozenset())
        layer = LayerObject(
            node,
            class_.node.name.value,
            None,
            None,
            bound,
            unpacks=unpacks(node),
            declares=tuple(argument for argument in declares if forwards(class_, argument.name)),
            base=facts,
            class_=class_,
        )
        return self.made(layer)

    # --- inputs ------------------------------------------------------------------------------------------------

    def _make_input(self, node: cst.Call, callee: Reference, name: str, bound: Mapping[str, Argument]) -> Value:
        tensor = next((bound[key].value for key in ("tensor", "input_tensor") if key in bound), None)
        shape = tensor.shape if isinstance(tensor, Tensor) else input_shape(bound)
        if unpacks(node) and shape.dims and not isinstance(tensor, Tensor):
            shape = Shape((Unknown("the arguments that the call unpacks may give it"), *shape.dims[1:]))
        function = name.rpartition(".")[2]
        spelling = spell(self, node.func, "Input") if function == "InputLayer" else None
        made = InputObject(node, function, callee, bound, unpacks(node), shape, spelling)
        self.made(made)
        return made if name == _INPUT_LAYER else Tensor(shape, made)

    # --- models ------------------------------------------------------------------------------------------------

    def _make_sequential(self, node: cst.Call, callee: Reference, bound: Mapping[str, Argument]) -> SequentialObject:
        sequential = SequentialObject(node, callee, bound)
        self.made_in[sequential] = self.cell
        self.made(sequential)
        self._fill(node, sequential, bound)
        return sequential

    def _fill(self, node: cst.Call, sequential: SequentialObject, bound: Mapping[str, Argument]) -> None:
        """What `Sequential.__init__` does with its layers."""
        self.alive.contents[sequential] = Content()
        layers = bound.get("layers")
        if layers is not None and layers.value != Constant(None):
            self.add_list(node, sequential, layers)
        elif unpacks(node):
            self.add_unknown(sequential, Unknown("the arguments that the call unpacks"))

    def _make_model(self, node: cst.Call, bound: Mapping[str, Argument]) -> Value:
        def given(*names: str) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
            """The tensors of an argument, and their keys where it is a dict."""
            value = next((bound[name].value for name in names if name in bound), None)
            pairs = pairs_of(value)
            if pairs is not None:
                return tuple(pairs.values()), tuple(pairs)
            return (() if value is None else self.elements_of(value) or (value,)), ()

        inputs, keys = given("inputs", "input")
        outputs, _ = given("outputs", "output")
        return self.made(FunctionalObject(node, _MODEL, bound, unpacks(node), inputs, outputs, keys))

    def made(self, subject: Value) -> Value:
        """Note that a layer, input or model has come into being, or what a function makes of several tensors."""
        self.events.append(Made(subject, self.rank))
        return subject

    # --- methods -----------------------------------------------------------------------------------------------

    def attribute(self, owner: Value, name: str) -> Value:
        if isinstance(owner, SequentialObject) and (owner, name) not in self.alive.attributes:
            content = self.alive.contents.get(owner, Content())
            if name == "layers":
                shown = (slot for slot in content.slots if not _is_input(slot))
                return self.list_of(tuple(shown))
            if name in ("output", "input"):
                shape = content.leaving if name == "output" else content.declared or UNKNOWN_SHAPE
                return Tensor(shape, owner, (), Applied(owner, name))
            if name in ("outputs", "inputs"):
                shape = content.leaving if name == "outputs" else content.declared or UNKNOWN_SHAPE
                return Items((Tensor(shape, owner, (), Applied(owner, name), 0),), "list")
        if isinstance(owner, FunctionalObject) and name in ("output", "input", "outputs", "inputs"):
            return self._tensors_of_model(owner, name)
        if isinstance(owner, Tensor) and name == "shape" and owner.shape.dims is not None:
            return Items(tuple(d if isinstance(d, Value) else Constant(d) for d in owner.shape.dims))
        return super().attribute(owner, name)

    def call_method(self, node: cst.Call, owner: Value, name: str, arguments: Sequence[CallArgument]) -> Value:
        if isinstance(owner, Super):
            return self._call_inherited(node, owner.owner, name, arguments)
        if isinstance(owner, SequentialObject):
            return self._call_sequential_method(node, owner, name, arguments)
        if isinstance(owner, FunctionalObject):
            self._note_feed(node, owner, name, arguments)
        if isinstance(owner, LayerObject | FunctionalObject | InputObject | Tensor):
            self.escape_all(node, arguments, f"is passed to `.{name}()`", mutates=False)
            return Unknown(f"what .{name}() gives")
        return super().call_method(node, owner, name, arguments)

    def _call_inherited(self, node: cst.Call, owner: Value, name: str, arguments: Sequence[CallArgument]) -> Value:
        if isinstance(owner, SequentialObject):
            if name == "__init__":
                self._fill(node, owner, bind(self, keras_api.lookup(_SEQUENTIAL), arguments))
                return Constant(None)
            return self._call_sequential_method(node, owner, name, arguments)
        self.escape_all(node, arguments, f"is passed to the inherited `{name}()`")
        return Unknown(f"what the inherited {name}() gives")

    def _call_sequential_method(
        self, node: cst.Call, owner: SequentialObject, name: str, arguments: Sequence[CallArgument]
    ) -> Value:
        content = self.alive.contents.get(owner, Content())
        if name == "add" and len(arguments) == 1 and not arguments[0].star:
            self.add_one(node, owner, arguments[0].value)
            return Constant(None)
        if name == "pop":
            self._pop(owner, content)
            return Constant(None)
        if name == "build":
            shape = batch_shape_of_value(self.freeze(arguments[0].value)) if len(arguments) == 1 else None
            self.place(owner, Role.BUILT, node, arriving=shape or UNKNOWN_SHAPE, declared=content.declared)
        if name == "build" and content.declared is None:
            self.alive.contents[owner] = Content(content.slots, UNKNOWN_SHAPE, content.leaving)
        self._note_feed(node, owner, name, arguments)
        self.escape_all(node, arguments, f"is passed to `.{name}()`", mutates=False)
        return Unknown(f"what .{name}() of a Sequential gives")

    def _note_feed(self, node: cst.Call, model: Value, name: str, arguments: Sequence[CallArgument]) -> None:
        if name in FEEDING:
            self.events.append(Feed(model, name, node, bind(self, None, arguments), self.rank))

    def _pop(self, owner: SequentialObject, content: Content) -> None:
        """`pop()`; an input that the last layer declared outlives it, in a way that differs from Keras to Keras."""
        shorter = without_last(content.slots)
        if shorter or (shorter is not None and content.declared is None):
            self.alive.contents[owner] = Content(shorter, content.declared)
        else:
            left = Entry(Unknown("a layer is taken away by `pop()`"), Presence.MANY)
            self.alive.contents[owner] = Content((left,), UNKNOWN_SHAPE)

    def call(self, node: cst.Call, callee: Value, arguments: Sequence[CallArgument]) -> Value:
        match callee:
            case LayerObject():
                given = self._given(arguments)
                self.place(callee, Role.CALLED, node, given=given, spelling=self._spelling(callee, given))
                applied = self._applied(callee, node, arguments)
                call = self.layer_call(callee)
                scores = [argument.value for argument in arguments if argument.keyword == _SCORES]
                if scores:
                    call = replace(call, arguments={**call.arguments, _SCORES: scores[0]})
                return self._tensors(call, applied, [a.value for a in arguments if not a.keyword])
            case SequentialObject() | FunctionalObject():
                arriving = arguments[0].value if arguments else None
                shape = _shape_of(arriving)
                given = self._given(arguments)
                spelling = self._spelling(callee, given)
                self.place(callee, Role.CALLED, node, arriving=shape, given=given, spelling=spelling)
                by_name = (a.value for a in arguments if a.keyword and has_tensor(a.value))
                inputs, applied = (*given, *by_name), self._applied(callee, node, arguments)
                if isinstance(callee, FunctionalObject) and len(callee.outputs) > 1:
                    shapes = enumerate(map(_shape_of, callee.outputs))
                    return Items(tuple(Tensor(each, callee, inputs, applied, place) for place, each in shapes), "list")
                return Tensor(self.shape_behind(callee, shape), callee, inputs, applied)
            case InputObject():
                return arguments[0].value if arguments else Unknown("an InputLayer called on nothing")
            case Symbol(key=("attribute", _, "add")) if len(arguments) == 1:
                return self.opaque(node, arguments, "is added to a model that is not known here")
        return super().call(node, callee, arguments)

    def _given(self, arguments: Sequence[CallArgument]) -> tuple[Value, ...]:
        """What is called on these arguments is called on, one by one where it is a list."""
        values = [argument.value for argument in arguments if not argument.keyword]
        return tuple(self.elements_of(values[0]) or values if len(values) == 1 else values)

    def _spelling(self, callee: Value, given: Sequence[Value]) -> Spelling | None:
        """How `Input` is written beside what is called, where it gets an array or a raw tensor."""
        if not (isinstance(callee, LayerObject | SequentialObject) and isinstance(callee.node, cst.Call)):
            return None
        return spell(self, callee.node.func, "Input") if len(given) == 1 and self.is_array(given[0]) else None

    def is_array(self, value: Value) -> bool:
        """Whether a value is an array or a tensor that Keras did not make."""
        raise NotImplementedError

    def _applied(self, callee: Value, node: cst.Call, arguments: Sequence[CallArgument]) -> Applied:
        return Applied(callee, "", tuple(bind(self, None, arguments).values()), node)

    def _tensors_of_model(self, model: FunctionalObject, name: str) -> Value:
        """`model.input`, `.output`, `.inputs` or `.outputs`."""
        known = model.inputs if name.startswith("input") else model.outputs
        shapes = [_shape_of(value) for value in known] or [UNKNOWN_SHAPE]
        applied = Applied(model, name)
        if name in ("input", "output"):
            return Tensor(shapes[0] if len(shapes) == 1 else UNKNOWN_SHAPE, model, (), applied)
        return Items(tuple(Tensor(shape, model, (), applied, place) for place, shape in enumerate(shapes)), "list")

    def _tensors(self, call: LayerCall, applied: Applied, inputs: Sequence[Value]) -> Value:
        """The tensor or tensors that leave a layer."""
        given: Sequence[Value] = inputs
        if len(inputs) == 1:
            given = self.elements_of(inputs[0]) or inputs
        arriving = [_shape_of(value) for value in given]
        leaving = output_shape(call, arriving)
        if isinstance(leaving, Shape):
            return Tensor(leaving, applied.source, tuple(given), applied)
        tensors = (Tensor(shape, applied.source, tuple(given), applied, place) for place, shape in enumerate(leaving))
        return Items(tuple(tensors), "list")

    def layer_call(self, layer: LayerObject) -> LayerCall:
        call = self.layer_calls[layer] = self._layer_call(layer)
        return call

    def _layer_call(self, layer: LayerObject) -> LayerCall:
        spatial = layer.name[-2:] in ("1D", "2D", "3D") or "Conv" in layer.name
        if layer.api is None or layer.unpacks:
            return LayerCall("", {})
        if layer.callee is not None and layer.callee.dotted.rpartition(".")[2] in keras_history.ALIASES:
            return LayerCall("", {})  # a spelling of Keras 1, whose positional arguments meant something else
        if self.data_format_changes and spatial and "data_format" not in layer.arguments:
            return LayerCall("", {})
        inner = [layer.wrapped, *(a.value for a in layer.arguments.values() if a.name == "backward_layer")]
        calls = self._inner_calls(inner)
        if layer.name == "RNN" and not isinstance(layer.wrapped, LayerObject):
            calls = (LayerCall("StackedRNNCells", {}, calls),)
        return LayerCall(layer.name, values_of(layer.arguments), calls)

    def _inner_calls(self, values: Sequence[Value | None]) -> tuple[LayerCall, ...]:
        """The layers, cells or models that a wrapper is made from."""
        calls = []
        for value in values:
            for item in self.spread(value) if value is not None else ():
                if isinstance(item, LayerObject):
                    calls.append(self.layer_call(item))
                elif isinstance(item, SequentialObject):
                    entries = certain_values(self.alive.contents.get(item, Content()).slots)
                    known = entries is not None
                    calls.append(LayerCall("Sequential" if known else "", {}, self._inner_calls(entries or ())))
                else:
                    calls.append(LayerCall("", {}))
        return tuple(calls)


def _shape_of(value: Value | None) -> Shape:
    return value.shape if isinstance(value, Tensor) else UNKNOWN_SHAPE


def _is_input(slot: object) -> bool:
    return isinstance(slot, Entry) and isinstance(slot.value, InputObject | Tensor)
