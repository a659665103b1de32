"""Evidence that the first entry of a declared shape is the batch dimension, which a shape does not have.

A leading None or number may as well be a real axis, as the time axis before a recurrent layer. It is the batch only
where something else says so: the tensor that the input is made of, the arrays that the model is given, or a layer
that takes one axis less.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.acceptance import chains, flattens_for_dense, refusing_rank, size_of
from kerasfix.analysis.data_shapes import data_shape
from kerasfix.analysis.events import Role
from kerasfix.analysis.feeding import fed_to, models_of
from kerasfix.analysis.keras_api import TENSOR_ARGUMENTS
from kerasfix.analysis.objects import InputObject, LayerObject
from kerasfix.analysis.shapes import batch_shape_of_value, same, same_dim
from kerasfix.analysis.slots import Position
from kerasfix.analysis.values import Constant, Items, Shape, Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.acceptance import Chain
    from kerasfix.analysis.feeding import Fed
    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Dim

_VERSIONS: tuple[Version, ...] = ("keras2", "keras3")


@dataclass(frozen=True, slots=True)
class FromTensor:
    """The input is made of a tensor, which has just this shape."""

    tensor: Argument
    shape: Shape


@dataclass(frozen=True, slots=True)
class FromLayer:
    """A layer refuses one axis more, and takes what is left without the first."""

    layer: LayerObject
    rank: int
    refused_by: frozenset[Version]
    """The versions of Keras that cannot build the model."""


@dataclass(frozen=True, slots=True)
class FromData:
    """The model is given an array of the declared shape itself, or one that agrees with it but for the first axis."""

    fed: Fed


@dataclass(frozen=True, slots=True)
class FromLength:
    """The only entry is the length of the first axis of what the model is given."""

    fed: Fed


@dataclass(frozen=True, slots=True)
class FromBuild:
    """`build` is called with the declared shape."""

    node: cst.CSTNode


@dataclass(frozen=True, slots=True)
class FromOther:
    """Another input is declared by the shape of the same array without its first axis."""

    other: Declared


Evidence = FromTensor | FromLayer | FromData | FromLength | FromBuild | FromOther


@dataclass(frozen=True, slots=True)
class Declared:
    """A shape as it is written in a call, without the batch."""

    argument: Argument
    call: cst.Call
    function: str
    made: InputObject | LayerObject

    @property
    def dims(self) -> tuple[Dim, ...] | None:
        """The entries, if it is known how many there are."""
        shape = batch_shape_of_value(self.argument.value)
        return None if shape is None else shape.dims


def declared_shapes(program: Program) -> Iterator[Declared]:
    """Every shape that an `Input`, an `InputLayer` or the first layer of a Sequential declares."""
    for made in program.inputs:
        for name in ("shape", "input_shape"):
            if name in made.made.arguments:
                yield Declared(made.made.arguments[name], made.made.node, made.made.function, made.made)
    for layer in program.layers:
        declares = {argument.name: argument for argument in layer.made.declares}
        if layer.entries(Position.FIRST) and len(declares.keys() - {"batch_size"}) == 1:
            for name in ("input_shape", "input_dim"):
                if name in declares:
                    yield Declared(declares[name], layer.node, layer.made.name, layer.made)


def evidence(program: Program, declared: Declared) -> Evidence | None:
    """Why the first entry of a declared shape is the batch; None where nothing says so."""
    dims = declared.dims
    if isinstance(declared.made, InputObject) and dims:
        found = _from_tensor(program, declared.made, dims)
        if found is not None or any(name in declared.made.arguments for name in TENSOR_ARGUMENTS):
            return found
    models, given = models_of(program, declared.call), fed_to(program, declared.call)
    if not models or any(one.shape != models[0][1].shape for _, one in models):
        return None
    ways = [chain for model, one in models for chain in chains(program, model, one.declared_by)]
    if declared.argument.name == "input_dim":
        if isinstance(declared.made, LayerObject) and declared.made.name != "Dense":
            return None  # for recurrent layers it is the last of three axes
        return _from_length(declared, (declared.argument.value,), given)
    by_length = _from_length(declared, _entries(declared.argument.value), given)
    if by_length is not None:
        return by_length
    if dims is not None and len(dims) < 2:
        return None
    by_layer = _from_layer(program, dims, ways, given) if dims is not None else None
    if by_layer is not None:
        return by_layer
    if not ways or not all(_takes_one_less(chain, dims) for chain in ways):
        return None
    return (
        _from_data(declared.argument.value, dims, given)
        or _from_build(program, models, dims)
        or _from_other(program, declared, [model for model, _ in models], ways)
    )


@functools.lru_cache(maxsize=1)
def batch_axes(program: Program) -> tuple[tuple[Declared, Evidence], ...]:
    """The declared shapes whose first entry is shown to be the batch; several rules ask for them."""
    found = ((declared, evidence(program, declared)) for declared in declared_shapes(program))
    return tuple((declared, why) for declared, why in found if why is not None)


def carrying_batch(program: Program) -> frozenset[cst.CSTNode]:
    """The arguments that declare a shape with the batch in it, and the calls of `build` that show it."""
    found = batch_axes(program)
    builds = (why.node for _, why in found if isinstance(why, FromBuild))
    return frozenset([*(declared.argument.node for declared, _ in found), *builds])


def _from_tensor(program: Program, made: InputObject, dims: Sequence[Dim]) -> FromTensor | None:
    tensor = next((made.arguments[name] for name in TENSOR_ARGUMENTS if name in made.arguments), None)
    shape = data_shape(tensor.value, program.arrays) if tensor is not None else None
    if tensor is None or shape is None or shape.dims is None or len(shape.dims) != len(dims) or len(dims) < 2:
        return None
    return FromTensor(tensor, shape) if all(map(same_dim, dims[1:], shape.dims[1:])) else None


def _entries(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, Items) else ()


def _from_layer(program: Program, dims: Sequence[Dim], ways: Sequence[Chain], given: Sequence[Fed]) -> FromLayer | None:
    """A rank that is one too high, where the first entry is None or how many samples there are."""
    if not (dims[0] is None or _is_number_of_samples(program, dims[0], given)):
        return None
    for chain in ways:
        layers = {version: refusing_rank(chain, len(dims) + 1, version) for version in _VERSIONS}
        layer = next((layer for layer in layers.values() if layer is not None), None)
        if layer is None or any(refusing_rank(chain, len(dims), version) for version in _VERSIONS):
            continue
        impossible = dims[0] is None and flattens_for_dense(chain)
        refused_by = frozenset(version for version in _VERSIONS if impossible or layers[version] is not None)
        return FromLayer(layer, len(dims) + 1, refused_by)
    return None


def _is_number_of_samples(program: Program, dim: Dim, given: Sequence[Fed]) -> bool:
    if dim is None or isinstance(dim, Unknown) or dim in (0, 1):
        return False
    sizes = [
        feed.arguments["batch_size"].value
        for model in {one.given.model for one in given}
        for feed in program.feeds_of(model)
        if "batch_size" in feed.arguments
    ]
    lengths = [one.shape.dims[0] for one in given if one.shape.dims]
    return (Constant(dim) if isinstance(dim, int) else dim) in sizes or dim in lengths


def _takes_one_less(chain: Chain, dims: Sequence[Dim] | None) -> bool:
    """Whether the layers are known and take what is left without the first entry, and no layer needs the time axis."""
    layer, _ = chain.first_that_cares()
    if layer is None or layer.api is None or layer.name == "Embedding" or "Attention" in layer.name:
        return False
    if layer.name == "Reshape" and dims is not None and _reshapes(layer, dims):
        return False
    return dims is None or all(refusing_rank(chain, len(dims), version) is None for version in _VERSIONS)


def _reshapes(layer: LayerObject, dims: Sequence[Dim]) -> bool:
    """Whether a `Reshape` takes samples of just these sizes, so that none of them is the batch."""
    given = layer.arguments.get("target_shape")
    target = batch_shape_of_value(given.value) if given is not None else None
    size = size_of(dims)
    return size is not None and target is not None and target.dims is not None and size == size_of(target.dims)


def _from_data(value: Value, dims: Sequence[Dim] | None, given: Sequence[Fed]) -> FromData | None:
    """Every array that is known has the declared shape."""
    found = None
    for one in given:
        if _is_of(value, one.value):
            found = found or FromData(one)
        elif one.shape.dims is not None and dims is not None:
            if len(one.shape.dims) != len(dims) or not all(map(same_dim, dims[1:], one.shape.dims[1:])):
                return None
            if dims[0] is None or same_dim(dims[0], one.shape.dims[0]):
                found = found or FromData(one)
    return found


def _from_length(declared: Declared, entries: Sequence[Value], given: Sequence[Fed]) -> FromLength | None:
    """`len(X)` or `X.shape[0]` of what is given; where the number is known, it is not that of the columns too."""
    if len(entries) != 1:
        return None
    for one in given:
        shape = Symbol(("attribute", one.value, "shape"))
        if entries[0] in (Symbol(("call len", one.value)), Symbol(("item", shape, Constant(0)))):
            return FromLength(one)
        match one.shape.dims:
            case (int(samples), int(columns), *_) if samples != columns and entries[0] == Constant(samples):
                if is_length(declared.argument.node.value):
                    return FromLength(one)
    return None


def is_length(node: cst.BaseExpression) -> bool:
    """Whether an expression, or the only element of a tuple, reads `len(X)` or `X.shape[0]`."""
    match node:
        case cst.Tuple(elements=[cst.Element(value=inner)]) | cst.List(elements=[cst.Element(value=inner)]):
            return is_length(inner)
        case cst.Call(func=cst.Name(value="len"), args=[_]):
            return True
        case cst.Subscript(
            value=cst.Attribute(attr=cst.Name(value="shape")),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))],
        ):
            return True
    return False


def _from_build(
    program: Program, models: Sequence[tuple[Value, object]], dims: Sequence[Dim] | None
) -> FromBuild | None:
    for placement in program.placements:
        built = placement.role is Role.BUILT and any(placement.subject is model for model, _ in models)
        if built and dims is not None and same(placement.arriving, Shape(tuple(dims))):
            return FromBuild(placement.node)
    return None


def _from_other(
    program: Program, declared: Declared, models: Sequence[Value], ways: Sequence[Chain]
) -> FromOther | None:
    """`X.shape` beside an `X.shape[1:]` before the same layer, which takes only one rank or is seen to be given `X`.

    A model that takes the whole of an array as one sample is given something else than the array.
    """
    if any(given.model is model for given in program.given for model in models):
        return None
    for other in declared_shapes(program):
        if not _is_without_first(other.argument.value, declared.argument.value):
            continue
        theirs = [(model, one) for model, one in models_of(program, other.call) if model not in models]
        firsts = [
            chain.first_that_cares()[0] for model, one in theirs for chain in chains(program, model, one.declared_by)
        ]
        layers = [*firsts, *(chain.first_that_cares()[0] for chain in ways)]
        if not firsts or None in layers or len({layer.name for layer in layers if layer is not None}) > 1:
            continue
        whole = [given for given in program.given if _is_of(declared.argument.value, given.data)]
        if any(given.model is model for given in whole for model, _ in theirs) or _takes_one_rank(firsts[0]):
            return FromOther(other)
    return None


def _is_of(shape: Value, array: Value) -> bool:
    return shape == Symbol(("attribute", array, "shape"))


def _is_without_first(value: Value, shape: Value) -> bool:
    """Whether a value is `shape[1:]`, where nothing more is known of it."""
    nothing = Constant(None)
    return value == Symbol(("item", shape, Items((Constant(1), nothing, nothing), "slice")))


def _takes_one_rank(layer: LayerObject | None) -> bool:
    if layer is None or layer.api is None:
        return False
    least, greatest = layer.api.ndim("keras3")
    return least is not None and least == greatest
