"""The objects that a program makes while it is interpreted: layers, inputs, models, tensors, functions, instances.

They are told apart by identity: the same call made twice makes two objects with one `node`. What may change while the
program runs (the entries of a list or a Sequential) is kept in the `State`, not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerasfix.analysis.values import UNKNOWN_SHAPE, Choice, Items, Reference, Shape, Symbol, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import libcst as cst

    from kerasfix.analysis.keras_api import KerasClass


@dataclass(slots=True, eq=False)
class Frame:
    """A scope: the module, a function call, a class body or a comprehension."""

    parent: Frame | None = None
    is_class: bool = False
    stars: list[str] = field(default_factory=list)
    """Modules imported with `*`."""
    redirected: dict[str, Frame] = field(default_factory=dict)
    """Names declared `global` or `nonlocal`, with the frame that they live in."""
    receiver: Value | None = None
    """What the first parameter holds in a method."""
    class_: ClassObject | None = None
    """The class whose method this is."""
    yields: bool = False
    """Whether it is that of a generator."""
    captured: bool = False
    """Whether a function or class was defined in it, which may read its names later."""
    over: bool = False
    """Whether it is that of a call that has returned, whose names nothing can read any more."""

    def enclosing(self) -> Iterator[Frame]:
        """The frames that a name is looked up in, from the inside out."""
        frame: Frame | None = self
        while frame is not None:
            if frame is self or not frame.is_class:
                yield frame
            frame = frame.parent

    @property
    def module(self) -> Frame:
        """The outermost frame."""
        frame = self
        while frame.parent is not None:
            frame = frame.parent
        return frame


@dataclass(frozen=True, slots=True, eq=False)
class ImportChange:
    """Bring `name` in: by the statement itself, or by a new `text` line behind it where that is not empty."""

    statement: cst.Import | cst.ImportFrom
    name: str
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """How `Input` or `InputLayer` is written at some place, and the imports that this takes."""

    text: str
    imports: tuple[ImportChange, ...] = ()
    read: tuple[object, str, Value] | None = None
    """A name from around the function, with its frame and what it holds while the function is followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """One argument of a call, under the name of the parameter that it binds."""

    name: str
    node: cst.Arg
    value: Value
    positional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LayerObject(Value):
    """A layer made by calling its class."""

    node: cst.Call
    name: str
    """The class: `Dense`, or the name of a class that the file defines."""
    callee: Reference | None
    """How the file reaches the class; None for a class of the file itself."""
    api: KerasClass | None
    """The built-in class; None for one that is not Keras's own."""
    arguments: Mapping[str, Argument]
    unpacks: bool
    """Whether the call has `*args` or `**kwargs`, so that more arguments than those may be there."""
    declares: tuple[Argument, ...] = ()
    """The arguments that declare the input, in the order of the source."""
    wrapped: Value | None = None
    base: KerasClass | None = None
    """The built-in class that a class of the file derives from."""
    class_: ClassObject | None = None
    """That class of the file."""

    @property
    def is_keras(self) -> bool:
        """Whether it hands its declaring arguments to Keras and does nothing else with them.

        So do the built-in layers, and so does `KerasLayer` of TensorFlow Hub.
        """
        return self.api is not None or (self.class_ is None and self.name == "KerasLayer")


@dataclass(frozen=True, slots=True, eq=False)
class InputObject(Value):
    """An `Input(...)` or `InputLayer(...)` call."""

    node: cst.Call
    function: str
    """`Input` or `InputLayer`."""
    callee: Reference
    arguments: Mapping[str, Argument]
    unpacks: bool
    shape: Shape
    """What it declares, the batch dimension included."""
    spelling: Spelling | None = None
    """How `Input` is written in the place of an `InputLayer`, if that is sure."""


@dataclass(frozen=True, slots=True)
class Configured(Value):
    """An initializer, regularizer, constraint or activation that is made by a call, as `keras.regularizers.L2(0.1)`."""

    name: str
    """The canonical name of what is called."""
    arguments: tuple[tuple[str, Value], ...] = ()
    """By keyword; positional ones are `#0`, `#1`, ..."""


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """What makes a tensor: a call of a layer, a model or a function on tensors, an operator, or a model's `.output`."""

    source: Value | None
    """What is called; None for a function or an operator."""
    function: str = ""
    """The canonical name of a function; LibCST's name of an operator, whose operands are the tensor's `inputs`, or
    `item` for `tensor[index]`; for an attribute of `source` the attribute's name."""
    arguments: tuple[Argument, ...] = ()
    node: cst.CSTNode | None = None
    """The call or operation; None for an attribute."""
    keeps_shape: bool = False
    """Whether it is an operation on one tensor alone which gives that tensor's shape, whatever it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor(Value):
    """A symbolic Keras tensor; `source` is the input, layer or model that it comes out of, None behind an operation."""

    shape: Shape = UNKNOWN_SHAPE
    source: Value | None = None
    inputs: tuple[Value, ...] = ()
    applied: Applied | None = None
    """How it is made; None for the tensor of an `Input`, which is its `source`."""
    place: int | None = None
    """Which of several outputs it is."""


def has_tensor(value: Value) -> bool:
    """Whether a value is a Keras tensor, or may be one, or is a list or tuple with one in it."""
    match value:
        case Tensor():
            return True
        case Items(items=inner) | Choice(options=inner):
            return any(map(has_tensor, inner))
        case Symbol(key=("unpacked" | "item", Tensor(), *_)):
            return True
    return False


@dataclass(frozen=True, slots=True, eq=False)
class SequentialObject(Value):
    """A Sequential; what it holds is in `State.contents`."""

    node: cst.Call | cst.ClassDef
    callee: Reference | None
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    class_: ClassObject | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FunctionalObject(Value):
    """A `Model(inputs=..., outputs=...)`, or a ready-made application."""

    node: cst.Call
    name: str
    """`keras.Model`, or the canonical name of the application."""
    arguments: Mapping[str, Argument]
    unpacks: bool
    inputs: tuple[Value, ...] = ()
    outputs: tuple[Value, ...] = ()
    keys: tuple[Value, ...] = ()
    """The keys of the inputs, where they are given as a dict."""

    @property
    def inputs_argument(self) -> Argument | None:
        """Where the inputs are written; `input` is Keras 1's name."""
        return self.arguments.get("inputs") or self.arguments.get("input")


@dataclass(frozen=True, slots=True, eq=False)
class ListObject(Value):
    """A list, whose elements are in `State.contents`, or the keys and values of a dict, in `State.attributes`."""

    node: cst.CSTNode | None


@dataclass(frozen=True, slots=True, eq=False)
class FunctionObject(Value):
    """A function or lambda of the file, with the frame that it closes over."""

    node: cst.FunctionDef | cst.Lambda
    frame: Frame
    defaults: Mapping[str, Value]
    plain: bool = True
    """Whether a call runs the body and nothing else: no decorator, no coroutine."""
    binds: str = ""
    """`class`, `static` or `property` for a method so decorated."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassObject(Value):
    """A class of the file."""

    node: cst.ClassDef
    frame: Frame
    bases: tuple[Value, ...]
    members: Mapping[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class InstanceObject(Value):
    """An instance of a class of the file; its attributes are in `State.attributes`."""

    class_: ClassObject


@dataclass(frozen=True, slots=True)
class BoundMethod(Value):
    """A function of the file together with the object that it is called on."""

    function: FunctionObject
    owner: Value


@dataclass(frozen=True, slots=True)
class Method(Value):
    """An attribute of an object whose class is not of the file: `model.add`, `layers.append`."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class Super(Value):
    """`super()` inside a method of `class_` called on `owner`."""

    class_: ClassObject
    owner: Value
