"""What gives several arrays at once: Keras's data sets, and the split of arrays into training and test samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kerasfix.analysis.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.data_shapes import ArrayCall, Dims

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
