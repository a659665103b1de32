"""The arguments of layers, models and inputs as plain data.

What can be told is written down: literals, names and calls of Keras's own initializers, regularizers, constraints and
activations, layers of the plan. What a layer cannot do without gets a stand-in (`sizes`); anything else that is not
known is left out, so that the layer's default holds, and said to be.
"""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING

from kerasfix.analysis import keras_api
from kerasfix.analysis.objects import Configured, LayerObject, SequentialObject
from kerasfix.analysis.values import Choice, Constant, Items, Reference, Symbol, Unknown, Value
from kerasfix.verify import sizes
from kerasfix.verify.allowed import is_allowed
from kerasfix.verify.keras1 import OBJECT_ARGUMENTS, OBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import libcst as cst

    from kerasfix.analysis.keras_api import KerasClass
    from kerasfix.analysis.objects import Argument
    from kerasfix.verify.sizes import Json

SHAPES = frozenset({"shape", "input_shape", "target_shape"})
BATCH_SHAPES = frozenset({"batch_shape", "batch_input_shape"})
ROLES: Mapping[str, str] = {
    **dict.fromkeys(("units", "filters", "key_dim", "value_dim", "projection_dim", "output_dim"), "units"),
    **dict.fromkeys(("kernel_size", "pool_size", "strides", "size", "padding", "cropping"), "kernel"),
    **dict.fromkeys(("n", "input_length", "height", "width", "max_length", "sequence_length"), "time"),
    **dict.fromkeys(("rate", "stddev"), "rate"),
    **dict.fromkeys(("num_heads", "depth_multiplier", "groups"), "heads"),
    **dict.fromkeys(("max_tokens", "num_tokens", "num_bins"), "vocabulary"),
    "input_dim": "features",
    "batch_size": "batch",
}
"""What an argument that is a number is for."""
FROM_FILES = frozenset({"vocabulary", "idf_weights", "weights"})
"""Arguments by which a layer takes data: a string there is a file to read."""
IN_PLACE: Mapping[str, Json] = {"activation": "linear"}
"""What stands for an argument that is not known, is no size, and that a layer cannot do without."""
_TENSORFLOW_ACTIVATIONS = ("tensorflow.nn.", "tensorflow.math.", "tensorflow.")
_DTYPES = frozenset(
    (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "bfloat16", "float32", "float64", "string"),
    )
)
MOST_VALUES = 100_000


class NotVerifiable(Exception):
    """Why no plan can be made of a model."""


class Omitted(Exception):
    """Why an argument is left out."""


class Arguments:
    """Reads the arguments of one model; `assumptions` grows by what had to be supposed."""

    def __init__(self, code: Callable[[Argument], str], pick: Callable[[Choice], Value]) -> None:
        self.code = code
        """The source of an argument's value."""
        self.pick = pick
        """The one of several values that this plan is about."""
        self.assumptions: dict[str, None] = {}
        self.values = 0
        """How many values were looked at; one that is made of itself twice, again and again, has no end of parts."""

    def part(self, value: Value) -> Json:
        """A layer or model inside an argument, as a step of the plan."""
        raise NotImplementedError

    def read(self, name: str, class_: KerasClass | None, arguments: Mapping[str, Argument]) -> list[Json]:
        """The arguments of a call of `name`: pairs of a keyword (None for a positional one) and a value."""
        found: list[Json] = []
        by_keyword = False
        for argument in arguments.values():
            keyword = argument.name if not argument.positional or by_keyword else None
            try:
                value = self.argument(argument, class_)
            except Omitted as reason:
                if not _is_required(class_, argument.name):
                    self.assumptions[f"`{argument.name}` of {name} is left out: {reason}"] = None
                    by_keyword = True
                    continue
                if argument.name not in IN_PLACE:
                    raise NotVerifiable(f"`{argument.name}` of {name} is not known: {reason}") from reason
                value = IN_PLACE[argument.name]
                self.assumptions[f"`{argument.name}` of {name} is taken for {value!r}: {reason}"] = None
            if keyword is not None and keyword.startswith("#"):
                keyword = None
            found.append([keyword, value])
        return found

    def argument(self, argument: Argument, class_: KerasClass | None) -> Json:
        """One argument.

        Raises:
            Omitted: nothing is known of it, and the call can do without.
        """
        name, value = argument.name, argument.value
        role = ROLES.get(name)
        if isinstance(value, Choice):
            value = self.pick(value) if role is None else sizes.one_size(value, self.pick)
        if name == "dtype":
            return _dtype(value)
        if name in FROM_FILES and not _is_plain_list(value):
            raise Omitted("it is data")
        if name in SHAPES | BATCH_SHAPES:
            return sizes.shape(value, self.pick, lambda place: self._name(argument, place), name in BATCH_SHAPES)
        if role == "features" and class_ is not None and name in class_.own_meaning:
            role = "vocabulary"
        if role is not None and (_is_required(class_, name) or name in keras_api.INPUT_KEYWORDS):
            return self._sized(argument, value, role)
        return self.known(value)

    def _sized(self, argument: Argument, value: Value, role: str) -> Json:
        if isinstance(value, Items):
            items = enumerate(value.items)
            entries = [sizes.size(item, role, self.pick, self._name(argument, place)) for place, item in items]
            return {"list" if value.kind == "list" else "tuple": entries}
        return sizes.size(value, role, self.pick, self._name(argument, None))

    def count(self) -> None:
        """Look at one more value. Raises `NotVerifiable` where they are too many."""
        self.values += 1
        if self.values > MOST_VALUES:
            raise NotVerifiable(f"it is made of more than {MOST_VALUES} values")

    def known(self, value: Value) -> Json:
        """A value that is known in all its parts."""
        self.count()
        match value:
            case Choice():
                return self.known(self.pick(value))
            case Constant(value=bool() | int() | float() | str() | None as held):
                return held
            case Items(items=items, kind="tuple" | "list"):
                return {value.kind: [self.known(item) for item in items]}
            case Configured(name=name, arguments=arguments):
                if not is_allowed(name):
                    raise Omitted(f"{name} is not built")
                pairs = [
                    [None if key.startswith("#") else OBJECT_ARGUMENTS.get(key, key), self.known(item)]
                    for key, item in arguments
                ]
                return {"call": OBJECTS.get(name, name), "arguments": pairs}
            case Reference():
                return _reference(value)
            case LayerObject() | SequentialObject():
                return self.part(value)
            case Symbol() | Unknown():
                raise Omitted("its value is not known")
        raise Omitted("it is code of the program")

    def _name(self, argument: Argument, place: int | None) -> str:
        """The source of a shape or of one of its entries."""
        node = argument.node.value
        elements = getattr(node, "elements", None)
        if place is not None and elements is not None and place < len(elements):
            return self.code_of(elements[place].value)
        text = self.code(argument)
        return text if place is None else f"{text}[{place}]"

    def code_of(self, node: cst.BaseExpression) -> str:
        """The source of an expression, without white space and parentheses that mean nothing."""
        raise NotImplementedError


def index_of(value: Value) -> Json:
    """What stands between the brackets of `tensor[...]`.

    Raises:
        NotVerifiable: some of it is not written in the source.
    """
    match value:
        case Constant(value=int() | None as place):
            return place
        case Constant(value=EllipsisType()):
            return {"ellipsis": True}
        case Reference(dotted=dotted) if dotted.endswith(".newaxis"):
            return None
        case Items(kind="slice", items=bounds) if all(isinstance(bound, Constant) for bound in bounds):
            return {"slice": [index_of(bound) for bound in bounds]}
        case Items(kind="tuple", items=items):
            return {"tuple": [index_of(item) for item in items]}
    raise NotVerifiable("the index of a tensor is not known")


def _is_required(class_: KerasClass | None, name: str) -> bool:
    """Whether a call in some Keras cannot do without the argument."""
    versions = ("keras3", "keras2") if class_ is not None else ()
    found = [class_.signature(version) for version in versions] if class_ is not None else []  # type: ignore[arg-type]
    parameters = [signature.parameter(name) for signature in found if signature is not None]
    return any(parameter is not None and parameter.required for parameter in parameters)


def _is_plain_list(value: Value) -> bool:
    return isinstance(value, Items) or value == Constant(None)


def _dtype(value: Value) -> Json:
    match value:
        case Constant(value=str() | None as name):
            return name
        case Reference(dotted=dotted) if dotted.rpartition(".")[2] in _DTYPES:
            return dotted.rpartition(".")[2]
    raise Omitted("its value is not known")


def _reference(value: Reference) -> Json:
    found = keras_api.canonical(value.dotted)
    name = found[0] if found is not None else ""
    for package in _TENSORFLOW_ACTIVATIONS:
        if not found and value.dotted.startswith(package):
            name = f"keras.activations.{value.dotted.removeprefix(package)}"
            break
    if is_allowed(name) and not name.startswith(("keras.layers.", "keras.applications.")):
        return {"name": OBJECTS.get(name, name)}
    last = value.dotted.rpartition(".")[2]
    if last in _DTYPES:
        return last
    raise Omitted("it is not of Keras")
