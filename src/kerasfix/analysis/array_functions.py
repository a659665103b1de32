"""Which functions, methods and operators make arrays and tensors, and of what shape.

The facts are those of the documentation of numpy 2, TensorFlow 2 (placeholders: TensorFlow 1), `keras.ops` of Keras 3
and `keras.backend` of Keras 2; the tests hold the table to numpy and TensorFlow themselves, and on Keras tensors to
Keras 3 and tf_keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis import data_shapes as shapes
from kerasfix.analysis.data_shapes import ArrayCall, Dims, sizes
from kerasfix.analysis.layer_shapes.calls import NoShape
from kerasfix.analysis.values import Constant, Dim, Items, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ArrayFunction: TypeAlias = "Callable[[ArrayCall], Dims]"
SplittingFunction: TypeAlias = "Callable[[ArrayCall], Sequence[Dims]]"

FUNCTIONS: dict[str, ArrayFunction] = {}
"""By name: `numpy.zeros`, `tensorflow.zeros`, `keras.utils.to_categorical`."""
SPLITTING: dict[str, SplittingFunction] = {}
"""Functions that make several arrays of one."""


def _same(dims: Dims) -> Dims:
    return dims


OPERATORS: dict[str, Callable[..., Dims]] = {
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Divide", "FloorDivide", "Modulo", "Power"), shapes.broadcast),
    **dict.fromkeys(("Minus", "Plus", "BitInvert"), _same),
    "MatrixMultiply": shapes.multiplied,
}
"""By LibCST's names; each takes the sizes of its operands."""
METHODS: dict[str, ArrayFunction] = {}
"""Methods of arrays; the array is the first argument."""

ON_ANYTHING = frozenset({"reshape"})
"""Methods whose result has a known shape though nothing is known of the array."""
RESIZING = frozenset({"resize", "setfield"})
"""Methods that change the shape in place."""
_MOST_PARTS = 64
"""Arrays that one is split into, of which each is followed."""


def _enter(table: dict[str, ArrayFunction], names: str, function: ArrayFunction) -> None:
    table.update(dict.fromkeys(names.split(), function))


def _functions(*modules: str) -> Callable[[str, ArrayFunction], None]:
    def enter(names: str, function: ArrayFunction) -> None:
        for module in modules:
            _enter(FUNCTIONS, " ".join(f"{module}.{name}" for name in names.split()), function)

    return enter


def _of_size(place: int, *names: str) -> ArrayFunction:
    """An array whose shape is the argument at a place; where none is given, it may be that of the others."""

    def function(call: ArrayCall) -> Dims:
        given = call.value(place, *names)
        if given is None and place == 0:
            return ()
        return _no_negative(sizes(given))

    return function


def _no_negative(dims: Dims) -> Dims:
    if any(isinstance(size, int) and size < 0 for size in dims):
        raise NoShape
    return dims


def _like(call: ArrayCall) -> Dims:
    """As its first argument, whatever is done to its elements."""
    return call.dims(0, "a", "x", "input", "object", "value", "features", "logits", "tensor", "t")


def _combined(call: ArrayCall) -> Dims:
    """As two arguments, broadcast."""
    call.only_takes("x", "y", "x1", "x2", "a", "name")
    return shapes.broadcast(call.dims(0, "x", "x1"), call.dims(1, "y", "x2", "a"))


def keeps_shape(name: str, *, beside_numbers: bool) -> bool:
    """Whether an operator or function gives the shape of the one array that it is given, perhaps beside numbers."""
    return FUNCTIONS.get(name) is _like or (beside_numbers and (broadcasts(name) or OPERATORS.get(name) is _same))


def broadcasts(name: str) -> bool:
    """Whether an operator or function asks two arrays for sizes that agree or are 1."""
    return OPERATORS.get(name) is shapes.broadcast or FUNCTIONS.get(name) is _combined


def _matmul(call: ArrayCall) -> Dims:
    call.only_takes("a", "b", "x1", "x2", "name")
    return shapes.multiplied(call.dims(0, "a", "x1"), call.dims(1, "b", "x2"))


def _rand(call: ArrayCall) -> Dims:
    return _no_negative(tuple(shapes.size_of(value) for value in call.positional))


def _arange(call: ArrayCall) -> Dims:
    numbers = [call.integer(place) for place in range(min(len(call.positional), 3))]
    call.only_takes("dtype")
    return (len(range(*numbers)),)


def _linspace(call: ArrayCall) -> Dims:
    call.only_takes("num", "dtype", "endpoint")
    ends = [call.value(place) for place in (0, 1)]
    if not all(isinstance(end, Constant) for end in ends):
        raise NoShape
    return (call.integer(2, "num", default=50),)


def _eye(call: ArrayCall) -> Dims:
    rows = call.integer(0, "N", "n", "num_rows")
    return (rows, call.integer(1, "M", "num_columns", default=rows))


def _constant(call: ArrayCall) -> Dims:
    shape = call.value(2, "shape")
    return sizes(shape) if shape is not None else call.dims(0, "value")


def _array(call: ArrayCall) -> Dims:
    call.only_takes("dtype", "copy", "order")
    return call.dims(0, "object", "a", "value")


def _placeholder(call: ArrayCall) -> Dims:
    shape = call.value(1, "shape")
    if shape is None or not isinstance(shape, Items):
        raise NoShape
    return sizes(shape)


def _reshape(call: ArrayCall) -> Dims:
    wanted: Value | None = call.value(1, "shape", "newshape")
    if len(call.positional) > 2:
        wanted = Items(tuple(call.positional[1:]))
    array = call.value(0, "a", "tensor", "x")
    return shapes.reshaped(call.dims_of(array) if array is not None else None, sizes(wanted))


def _reshape_function(call: ArrayCall) -> Dims:
    """The third argument of the function is the order."""
    return _reshape(ArrayCall(call.positional[:2], call.keywords, call.known))


def _transpose(call: ArrayCall) -> Dims:
    axes = call.value(1, "axes", "perm", "pattern")
    if len(call.positional) > 2:
        axes = Items(tuple(call.positional[1:]))
    return shapes.permuted(call.dims(0, "a", "x"), axes)


def _expand_dims(call: ArrayCall) -> Dims:
    return shapes.with_axis(call.dims(0, "a", "input", "x"), call.integer(1, "axis"))


def _expand_last(call: ArrayCall) -> Dims:
    return shapes.with_axis(call.dims(0, "x"), call.integer(1, "axis", default=-1))


def _squeeze(call: ArrayCall) -> Dims:
    call.only_takes("a", "input", "x", "axis", "name")
    return shapes.squeezed(call.dims(0, "a", "input", "x"), call.value(1, "axis"))


def _flat(call: ArrayCall) -> Dims:
    return shapes.reshaped(call.dims(0, "a", "x"), (-1,))


def _reduced(call: ArrayCall) -> Dims:
    call.only_takes("a", "axis", "dtype", "keepdims")
    return shapes.reduced(call.dims(0, "a"), call.value(1, "axis"), call.keywords.get("keepdims"))


def _reduced_tensor(call: ArrayCall) -> Dims:
    """The third argument is `keepdims`, where numpy has the dtype."""
    call.only_takes("x", "input_tensor", "axis", "keepdims", "name")
    return shapes.reduced(call.dims(0, "x", "input_tensor"), call.value(1, "axis"), call.value(2, "keepdims"))


def _place_of_largest(default: int | None) -> ArrayFunction:
    def function(call: ArrayCall) -> Dims:
        call.only_takes("x", "input", "axis", "output_type", "name")
        axis = call.value(1, "axis")
        if axis is None and default is not None:
            axis = Constant(default)
        return shapes.reduced(call.dims(0, "x", "input"), axis, None)

    return function


def _parts(call: ArrayCall) -> list[Dims]:
    given = call.value(0, "arrays", "tup", "values", "tensors", "xs", "x")
    items = given.items if isinstance(given, Items) and given.items else ()
    parts = [dims for item in items if (dims := call.dims_of(item)) is not None]
    if not parts or len(parts) != len(items):
        raise NoShape
    return parts


def _concatenate(default: int | None = 0) -> ArrayFunction:
    return lambda call: shapes.joined(_parts(call), call.integer(1, "axis", default=default))


def _vstack(call: ArrayCall) -> Dims:
    return shapes.joined([(1, *part) if len(part) == 1 else part for part in _parts(call)], 0)


def _hstack(call: ArrayCall) -> Dims:
    parts = _parts(call)
    return shapes.joined(parts, 0 if len(parts[0]) == 1 else 1)


def _stack(call: ArrayCall) -> Dims:
    return shapes.stacked(_parts(call), call.integer(1, "axis", default=0))


def _split(*, by_sizes: bool) -> SplittingFunction:
    """Into equal parts; a list holds the sizes of the parts, or the places where the axis is cut."""

    def function(call: ArrayCall) -> list[Dims]:
        call.only_takes("x", "value", "ary", "indices_or_sections", "num_or_size_splits", "axis", "name")
        dims = call.dims(0, "x", "value", "ary")
        place = shapes.axis_of(call.integer(2, "axis", default=0), len(dims))
        parts = call.value(1, "indices_or_sections", "num_or_size_splits")
        if isinstance(parts, Items):
            found: Sequence[Dim] = _no_negative(sizes(parts))
            if not by_sizes:
                found = shapes.between(dims[place], found)
        else:
            count = _few(call.integer(1, "indices_or_sections", "num_or_size_splits"))
            found = [shapes.cut(dims[place], count)] * count
        return [(*dims[:place], size, *dims[place + 1 :]) for size in found]

    return function


def _unstack(call: ArrayCall) -> list[Dims]:
    call.only_takes("x", "value", "num", "axis", "name")
    dims = call.dims(0, "x", "value")
    place = shapes.axis_of(call.integer(2, "axis", default=0), len(dims))
    size = dims[place]
    count = _few(size if isinstance(size, int) else call.integer(1, "num"))
    return [(*dims[:place], *dims[place + 1 :])] * count


def _few(count: int) -> int:
    if not 1 <= count <= _MOST_PARTS:
        raise NoShape
    return count


def _to_categorical(call: ArrayCall) -> Dims:
    dims = call.dims(0, "y", "x")
    classes = call.value(1, "num_classes", "nb_classes")
    last: Dim = Unknown("the number of classes") if classes is None else sizes(classes)[0]
    return (*(dims[:-1] if len(dims) > 1 and dims[-1] == 1 else dims), last)


def _pad_sequences(call: ArrayCall) -> Dims:
    """Rows of one length, if what is padded is an array of lists, as the texts of Keras's data sets are."""
    dims = call.dims(0, "sequences")
    if len(dims) != 1:
        raise NoShape
    longest = call.value(1, "maxlen")
    return (dims[0], Unknown("the longest sequence") if longest is None else sizes(longest)[0])


_numpy = _functions("numpy")
_tensorflow = _functions("tensorflow", "tensorflow.compat.v1")
_any_tensorflow = _functions(
    *(
        f"{root}{module}"
        for root in ("tensorflow", "tensorflow.compat.v1")
        for module in ("", ".math", ".nn", ".linalg")
    )
)
_ops, _backend = _functions("keras.ops"), _functions("keras.backend")


def _everywhere(names: str, function: ArrayFunction) -> None:
    """Names that mean the same wherever they are."""
    for enter in (_numpy, _any_tensorflow, _ops, _backend, _functions("keras.activations")):
        enter(names, function)


_everywhere(
    "abs absolute exp expm1 log log1p sqrt rsqrt square sin cos tan sinh cosh tanh sign round floor ceil", _like
)
_everywhere("relu relu6 leaky_relu elu selu gelu silu swish softplus softsign softmax log_softmax mish erf", _like)
_everywhere("sigmoid log_sigmoid hard_sigmoid exponential linear negative reciprocal clip clip_by_value", _like)
_everywhere("cast stop_gradient l2_normalize dropout zeros_like ones_like nan_to_num", _like)
_everywhere("add subtract multiply divide true_divide maximum minimum power pow", _combined)
_everywhere("matmul", _matmul)
_everywhere("reshape", _reshape_function)
_everywhere("transpose permute_dimensions", _transpose)
_everywhere("expand_dims", _expand_dims)
_everywhere("squeeze", _squeeze)
_everywhere("stack", _stack)
_backend("expand_dims", _expand_last)
_numpy("zeros ones empty full ndarray", _of_size(0, "shape"))
_numpy("array asarray asanyarray ascontiguousarray float32 float64", _array)
_numpy("empty_like full_like copy around", _like)
_numpy("arange", _arange)
_numpy("linspace", _linspace)
_numpy("eye identity", _eye)
_numpy("ravel", _flat)
_ops("ravel", _flat)
_backend("flatten", _flat)
_numpy("mean std var max min amax amin sum prod median", _reduced)
_ops("mean std var max min amax amin sum prod logsumexp", _reduced_tensor)
_backend("mean std var max min sum prod logsumexp", _reduced_tensor)
_any_tensorflow(
    "reduce_mean reduce_std reduce_variance reduce_max reduce_min reduce_sum reduce_prod reduce_logsumexp",
    _reduced_tensor,
)
_ops("argmax argmin", _place_of_largest(None))
_backend("argmax argmin", _place_of_largest(-1))
_any_tensorflow("argmax argmin", _place_of_largest(0))
_numpy("concatenate", _concatenate())
_ops("concatenate", _concatenate())
_backend("concatenate", _concatenate(-1))
_tensorflow("concat", _concatenate(None))
_numpy("vstack row_stack", _vstack)
_numpy("hstack", _hstack)
_numpy("resize", lambda call: sizes(call.value(1, "new_shape")))
_random = _functions("numpy.random")
_random("rand randn", _rand)
_random("random random_sample ranf sample standard_normal", _of_size(0, "size"))
_random("normal uniform randint integers random_integers binomial laplace", _of_size(2, "size"))
_random("choice poisson exponential", _of_size(1, "size"))
_tensorflow(
    "zeros ones random_normal random_uniform truncated_normal random.normal random.uniform", _of_size(0, "shape")
)
_tensorflow("random.truncated_normal fill", _of_size(0, "shape", "dims"))
_tensorflow("constant", _constant)
_tensorflow("convert_to_tensor", _array)
_tensorflow("identity", _like)
_tensorflow("placeholder", _placeholder)
_tensorflow("eye", _eye)
_enter(FUNCTIONS, "keras.utils.to_categorical", _to_categorical)
_enter(FUNCTIONS, "keras.utils.pad_sequences keras.preprocessing.sequence.pad_sequences", _pad_sequences)

_enter(METHODS, "reshape", _reshape)
_enter(METHODS, "astype copy clip round numpy", lambda call: call.dims(0))
_enter(METHODS, "transpose", _transpose)
_enter(METHODS, "squeeze", _squeeze)
_enter(METHODS, "flatten ravel", _flat)
for _module in ("numpy", "keras.ops"):
    SPLITTING[f"{_module}.split"] = _split(by_sizes=False)
for _module in ("tensorflow", "tensorflow.compat.v1"):
    SPLITTING[f"{_module}.split"] = _split(by_sizes=True)
    SPLITTING[f"{_module}.unstack"] = _unstack
SPLITTING["keras.ops.unstack"] = _unstack

_enter(METHODS, "mean std var max min sum", _reduced)
