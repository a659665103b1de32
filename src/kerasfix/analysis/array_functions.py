"""Which functions and methods make arrays, and of what shape.

The facts are those of the documentation of numpy 2 and TensorFlow 2 (placeholders: TensorFlow 1); the tests hold the
table to numpy and TensorFlow themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis import data_shapes as shapes
from kerasfix.analysis.data_shapes import ArrayCall, Dims, sizes
from kerasfix.analysis.layer_shapes.calls import NoShape
from kerasfix.analysis.values import Constant, Dim, Items, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ArrayFunction: TypeAlias = "Callable[[ArrayCall], Dims]"

FUNCTIONS: dict[str, ArrayFunction] = {}
"""By name: `numpy.zeros`, `tensorflow.zeros`, `keras.utils.to_categorical`."""
METHODS: dict[str, ArrayFunction] = {}
"""Methods of arrays; the array is the first argument."""

ON_ANYTHING = frozenset({"reshape"})
"""Methods whose result has a known shape though nothing is known of the array."""
RESIZING = frozenset({"resize", "setfield"})
"""Methods that change the shape in place."""


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
    return call.dims(0, "a", "x", "input", "object", "value")


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
    array = call.value(0, "a", "tensor")
    return shapes.reshaped(call.dims_of(array) if array is not None else None, sizes(wanted))


def _reshape_function(call: ArrayCall) -> Dims:
    """The third argument of the function is the order."""
    return _reshape(ArrayCall(call.positional[:2], call.keywords, call.known))


def _transpose(call: ArrayCall) -> Dims:
    axes = call.value(1, "axes", "perm")
    if len(call.positional) > 2:
        axes = Items(tuple(call.positional[1:]))
    return shapes.permuted(call.dims(0, "a"), axes)


def _expand_dims(call: ArrayCall) -> Dims:
    return shapes.with_axis(call.dims(0, "a", "input"), call.integer(1, "axis"))


def _squeeze(call: ArrayCall) -> Dims:
    return shapes.squeezed(call.dims(0, "a", "input"), call.value(1, "axis"))


def _flat(call: ArrayCall) -> Dims:
    return shapes.reshaped(call.dims(0, "a"), (-1,))


def _reduced(call: ArrayCall) -> Dims:
    call.only_takes("a", "axis", "dtype", "keepdims")
    return shapes.reduced(call.dims(0, "a"), call.value(1, "axis"), call.keywords.get("keepdims"))


def _parts(call: ArrayCall) -> list[Dims]:
    given = call.value(0, "arrays", "tup", "values")
    items = given.items if isinstance(given, Items) and given.items else ()
    parts = [dims for item in items if (dims := call.dims_of(item)) is not None]
    if not parts or len(parts) != len(items):
        raise NoShape
    return parts


def _concatenate(call: ArrayCall) -> Dims:
    return shapes.joined(_parts(call), call.integer(1, "axis", default=0))


def _vstack(call: ArrayCall) -> Dims:
    return shapes.joined([(1, *part) if len(part) == 1 else part for part in _parts(call)], 0)


def _hstack(call: ArrayCall) -> Dims:
    parts = _parts(call)
    return shapes.joined(parts, 0 if len(parts[0]) == 1 else 1)


def _stack(call: ArrayCall) -> Dims:
    parts = _parts(call)
    dims = shapes.with_axis(parts[0], call.integer(1, "axis", default=0))
    place = shapes.axis_of(call.integer(1, "axis", default=0), len(dims))
    return tuple(len(parts) if at == place else size for at, size in enumerate(dims))


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


_numpy, _tensorflow = _functions("numpy"), _functions("tensorflow", "tensorflow.compat.v1")
_numpy("zeros ones empty full ndarray", _of_size(0, "shape"))
_numpy("array asarray asanyarray ascontiguousarray float32 float64", _array)
_numpy("zeros_like ones_like empty_like full_like copy", _like)
_numpy("abs absolute exp log log1p sqrt square sin cos tan tanh sign clip round around nan_to_num", _like)
_numpy("arange", _arange)
_numpy("linspace", _linspace)
_numpy("eye identity", _eye)
_numpy("reshape", _reshape_function)
_numpy("transpose", _transpose)
_numpy("expand_dims", _expand_dims)
_numpy("squeeze", _squeeze)
_numpy("ravel", _flat)
_numpy("mean std var max min amax amin sum median", _reduced)
_numpy("concatenate", _concatenate)
_numpy("vstack row_stack", _vstack)
_numpy("hstack", _hstack)
_numpy("stack", _stack)
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
_tensorflow("zeros_like ones_like cast identity", _like)
_tensorflow("placeholder", _placeholder)
_tensorflow("eye", _eye)
_tensorflow("reshape", _reshape_function)
_tensorflow("transpose", _transpose)
_tensorflow("expand_dims", _expand_dims)
_tensorflow("squeeze", _squeeze)
_tensorflow("concat", lambda call: shapes.joined(_parts(call), call.integer(1, "axis")))
_tensorflow("stack", _stack)
_enter(FUNCTIONS, "keras.utils.to_categorical", _to_categorical)
_enter(FUNCTIONS, "keras.utils.pad_sequences keras.preprocessing.sequence.pad_sequences", _pad_sequences)

_enter(METHODS, "reshape", _reshape)
_enter(METHODS, "astype copy clip round numpy", lambda call: call.dims(0))
_enter(METHODS, "transpose", _transpose)
_enter(METHODS, "squeeze", _squeeze)
_enter(METHODS, "flatten ravel", _flat)
_enter(METHODS, "mean std var max min sum", _reduced)


# --- several arrays --------------------------------------------------------------------------------------------

_IMAGES = {
    "mnist": ((60000, 10000), (28, 28), ()),
    "fashion_mnist": ((60000, 10000), (28, 28), ()),
    "cifar10": ((50000, 10000), (32, 32, 3), (1,)),
    "cifar100": ((50000, 10000), (32, 32, 3), (1,)),
}
_TEXTS = {"imdb": 25000, "reuters": None}
_TABLES = {"boston_housing": ((404, 102), 13), "california_housing": (None, 8)}
"""Keras's data sets, as its pages document them and their files are: how many samples there are to train and to test
on (which arguments may change for all but the images), and the shape of one."""

DataSet: TypeAlias = "tuple[tuple[Dims, Dims], tuple[Dims, Dims]]"
"""`(x_train, y_train), (x_test, y_test)`."""


def data_set(name: str, *, plain: bool, channels_last: bool) -> DataSet | None:
    """The arrays that `keras.datasets.NAME.load_data()` gives; `plain` says that it is called without arguments."""
    module, _, function = name.removeprefix("keras.datasets.").rpartition(".")
    if not name.startswith("keras.datasets.") or function != "load_data":
        return None
    known: tuple[int, int] | None
    if module in _IMAGES:
        known, x, y = _IMAGES[module]
        if len(x) == 3 and not channels_last:
            return None
    elif module in _TABLES:
        (known, columns), y = _TABLES[module], ()
        x = (columns,)
        known = known if plain else None
    elif module in _TEXTS:
        samples = _TEXTS[module]
        known = (samples, samples) if plain and samples is not None else None
        x, y = (), ()
    else:
        return None
    train, test = known if known is not None else (Unknown("how many samples"), Unknown("how many samples"))
    return ((train, *x), (train, *y)), ((test, *x), (test, *y))


def split(call: ArrayCall) -> Iterator[Dims | None]:
    """What `train_test_split` makes of each array: two parts, of sizes that are not known."""
    for value in call.positional:
        dims = call.dims_of(value)
        for which in ("training", "test"):
            yield (Unknown(f"the {which} samples"), *dims[1:]) if dims else None
