"""Random programs that make one model and give it data, as they are drawn up and written.

A program runs in Keras 2 and Keras 3 as it stands; `L.` and `K.` stand for the names of `keras.layers` and `keras`
until the imports are chosen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Shape: TypeAlias = tuple[int | None, ...]
Chain: TypeAlias = list[str]
"""The calls that make layers, in the order in which they are applied."""

SPELLINGS = {
    "import keras\nfrom keras import layers": ("keras.", "layers."),
    "from keras.models import {models}\nfrom keras.layers import {layers}": ("", ""),
    "from keras.models import *\nfrom keras.layers import *": ("", ""),
    "import tensorflow as tf": ("tf.keras.", "tf.keras.layers."),
    "from tensorflow import keras": ("keras.", "keras.layers."),
    "from tensorflow.keras import layers as kl\nimport tensorflow.keras as tk": ("tk.", "kl."),
}
"""Imports, and what the names of `keras` and those of `keras.layers` are prefixed with."""

SEQUENTIAL = "list", "add", "function"
ONE_INPUT = *SEQUENTIAL, "graph", "branches"
FORMS = *ONE_INPUT, "two inputs"

OF_SHAPE = "Input(shape=", "Input(", "InputLayer(", "InputLayer(shape=", "InputLayer(input_shape="
OF_BATCH_SHAPE = "Input(batch_shape=", "InputLayer(batch_shape=", "InputLayer(batch_input_shape="
AROUND_TENSOR = "InputLayer(input_tensor=", "Input(tensor="
ON_LAYER = "input_shape=", "batch_input_shape=", "input_dim="
LATE = "build", "nothing"
"""How an input is declared: by an `Input`, on the first layer, or by none; in a graph by the `Input(...)` forms."""
IN_GRAPH = "Input(shape=", "Input(", "Input(batch_shape="
USUAL = "Input(shape=", "Input(shape=", "Input(shape=", *OF_SHAPE, *OF_BATCH_SHAPE, *ON_LAYER, *LATE


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """A program, what is broken in it, and the same program that fails where something goes wrong silently."""

    text: str
    broken: str
    probe: str


@dataclass(frozen=True, slots=True)
class Break:
    """One way to break a program: what it changes in the draft, and the drafts that it applies to."""

    change: Callable[[Draft], None]
    forms: Sequence[str] = FORMS
    declared: Sequence[str] = tuple(way for way in USUAL if way not in LATE)
    ranks: Sequence[int] = (1, 2, 3)
    stateful: bool | None = None
    """Whether the model has to be stateful; None where that does not matter."""


class Draft:
    """A program while it is made: the parts that are drawn, and then broken, before it is written."""

    def __init__(self, pick: Callable[..., Any], how: Break) -> None:
        self.pick = pick
        """One of several things: `random.choice` of its arguments, or what hypothesis draws from them."""
        self.form = self.pick(*how.forms)
        ranks = (2,) if how.stateful else how.ranks
        ways = [way for way in how.declared if self.form in SEQUENTIAL or way in IN_GRAPH]
        self.declared = self.pick(*(way for way in ways if way != "input_dim=" or 1 in ranks))
        rank = 1 if self.declared == "input_dim=" else self.pick(*ranks)
        stateful = rank == 2 and self.declared not in ("nothing", *AROUND_TENSOR) and self.form != "branches"
        self.stateful = stateful and (how.stateful or (how.stateful is None and self.pick(False, False, True)))
        self.batch = self.pick(2, 4) if self.stateful or self.pick(False, False, True) else None
        self.samples = self.pick(8, 16)
        self.ids = rank == 1 and self.declared != "input_dim=" and self.pick(False, False, False, True)
        self.sample: Shape = (*(self.pick(6, 7, 8) for _ in range(rank - 1)), self.pick(1, 3, 5, 9))
        self.chains = [self.chain() for _ in range(1 if self.form in (*SEQUENTIAL, "graph") else 2)]
        loose = all(map(takes_any_size, self.chains)) and self.declared != "build" and self.pick(True, False)
        self.said: Shape = (*[None] * (rank - 1), self.sample[-1]) if loose else self.sample
        """The shape that is declared, without the batch."""
        self.given: Shape = (self.samples, *self.sample)
        """The shape of the data."""
        self.fed = self.batch if self.stateful else self.pick(None, None, 4)
        """The batch size that `fit` and the like are told."""
        self.written = ""
        """The declared shape as it is written, where that is not a tuple of its sizes."""
        self.beside = ""
        """More arguments of the call that declares the input."""
        self.built: Shape | None = (self.batch, *self.sample) if self.declared == "build" else None
        self.batches = [self.batch, self.batch]
        self.sequential = "K.Sequential({})"
        how.change(self)

    # --- layers ------------------------------------------------------------------------------------------------------

    def chain(self) -> Chain:
        """Layers that take the sample one after the other; the last ones are `Flatten` and `Dense(4)`."""
        shape: Shape = self.sample
        layers: Chain = []
        if self.ids:
            layers, shape = ["L.Embedding(20, 3)"], (*shape, 3)
        if self.stateful:
            units = self.pick(2, 3)
            layers.append(
                self.pick(
                    f"L.LSTM({units}, stateful=True)",
                    f"L.GRU({units}, stateful=True)",
                    f"L.SimpleRNN({units}, stateful=True)",
                    f"L.Bidirectional(L.LSTM({units}, stateful=True))",
                )
            )
            shape = (2 * units if "Bidirectional" in layers[-1] else units,)
        for _ in range(self.pick(0, 1, 2)):
            layer, shape = self.pick(*possible(shape))
            layers.append(layer)
        if len(shape) > 1:
            layers.append("L.Flatten()")
        return [*layers, "L.Dense(4)"]

    # --- what is written ---------------------------------------------------------------------------------------------

    def program(self, broken: str) -> BrokenModel:
        """The program in one spelling, and its probe."""
        spelling = self.pick(*SPELLINGS)
        data, model = self.data(), self.model()
        declares = [*data, *model] if "x.shape" in "".join(model) or self.pick(True, False) else [*model, *data]
        use = self.use()
        text = spelled("\n".join([*declares, *use]), spelling)
        probe = spelled("\n".join([*data, *self.probed(model), BUILT, *use, SAME_SHAPES]), spelling)
        return BrokenModel(text, broken, probe if not self.around_tensor else f"{probe}{RELOADED}")

    @property
    def around_tensor(self) -> bool:
        """Whether the input is made around the tensor `a`."""
        return self.declared in AROUND_TENSOR

    def probed(self, model: list[str]) -> list[str]:
        """The lines of the model, with another one on the tensor that it is made around."""
        return [model[0], "other = K.Model(a, L.Dense(2)(a))", *model[1:]] if self.around_tensor else model

    def data(self) -> list[str]:
        """Lines that make the arrays."""
        sizes = f"({', '.join(map(str, self.given))},)"
        bare = sizes[1:-2]
        one = tuple_of(self.given[1:])
        forms = [f"np.zeros({sizes})", f"np.ones({sizes}, dtype='float32')"]
        forms += [f"np.zeros((40, {bare.partition(', ')[2]}))[:{self.given[0]}]"] * (len(self.given) > 1)
        forms += [
            f"np.stack([np.zeros({one})] * {self.given[0]})",
            f"np.zeros({bare.replace(', ', ' * ')}).reshape({sizes})",
        ]
        forms += [f"np.zeros({tuple_of(self.given[:-1])})[..., np.newaxis]"] * (self.given[-1] == 1)
        if self.ids:
            forms += [f"np.random.randint(0, 20, {sizes})", f"np.random.randint(20, size={sizes})"]
        else:
            forms += [f"np.random.rand({bare})", f"np.random.random({sizes})", f"np.random.normal(size={sizes})"]
            forms += [f"np.random.rand({bare}).astype('float32')"]
        lines = [f"x = {self.pick(*forms)}", f"y = np.zeros(({self.given[0]}, {1 if len(self.chains) > 1 else 4}))"]
        return [*lines, "z = np.zeros_like(x)"] if self.form == "two inputs" else lines

    def shape(self, batch: int | None, *, full: bool) -> str:
        """The declared shape as it is written, with the batch where it is `full`."""
        if self.written:
            return self.written
        if self.declared == "input_dim=":
            return str(self.said[0])
        if full:
            return tuple_of((batch, *self.said))
        forms = [tuple_of(self.said)] * 3 + [f"[{tuple_of(self.said)[1:-1]}]"]
        if self.said == self.given[1:]:
            forms += ["x.shape[1:]", tuple_of(self.said).replace(str(self.said[0]), "x.shape[1]", 1)]
        return str(self.pick(*forms))

    def input(self, place: int = 0) -> str:
        """The call that declares the input; around a tensor it is `a`."""
        name, beside, batch = self.declared, self.beside, self.batches[place]
        root = "K" if name.startswith("Input(") else "L"
        if self.around_tensor:
            return f"{root}.{name}a{beside})"
        if name in OF_BATCH_SHAPE:
            return f"{root}.{name}{self.shape(batch, full=True)}{beside})"
        size = f", batch_size={batch}" if batch is not None else ""
        return f"{root}.{name}{self.shape(batch, full=False)}{size}{beside})"

    def model(self) -> list[str]:
        """Lines that make the model `m`, its input among them."""
        if self.form in SEQUENTIAL:
            lines = self.of_entries(self.entries())
        elif self.form == "two inputs":
            lines = [f"a = {self.input()}", f"b = {self.input(1)}"]
            lines += [*applied("a", "c", self.chains[0]), *applied("b", "d", self.chains[1]), *self.merged("[a, b]")]
        elif self.form == "branches":
            lines = [f"a = {self.input()}", *applied("a", "c", self.chains[0]), *applied("a", "d", self.chains[1])]
            lines += self.merged("a")
        else:
            lines = [f"a = {self.input()}", *applied("a", "c", self.chains[0]), self.pick(*MODELS).format("a", "c")]
        return lines if self.built is None else [*lines, f"m.build({tuple_of(self.built)})"]

    def entries(self) -> list[str]:
        """What a Sequential is made of."""
        (layers,) = self.chains
        if self.declared in LATE:
            return layers
        if self.declared not in ON_LAYER:
            return [self.input(), *layers]
        name, batch = self.declared, self.batch
        said = f"{name}{self.shape(batch, full=name == 'batch_input_shape=')}"
        if name != "batch_input_shape=" and batch is not None:
            said = f"batch_size={batch}, {said}"
        return [with_argument(layers[0], f"{said}{self.beside}"), *layers[1:]]

    def of_entries(self, entries: list[str]) -> list[str]:
        """Lines that make a Sequential."""
        before = [f"a = K.Input({tuple_of(self.sample)})"] if self.around_tensor else []
        if self.form == "list":
            return [*before, f"m = {self.sequential.format('[' + ', '.join(entries) + ']')}"]
        adding = ["m = K.Sequential()", *(f"m.add({entry})" for entry in entries)]
        if self.form == "add" or self.around_tensor:
            return [*before, *adding]
        return ["def network():", *(f"    {line}" for line in adding), "    return m", "m = network()"]

    def merged(self, inputs: str) -> list[str]:
        """Lines that merge `c` and `d` and make the model."""
        merge = self.pick("L.concatenate({})", "L.Concatenate()({})", "L.add({})", "L.Add()({})", "L.Average()({})")
        return [f"e = L.Dense(1)({merge.format('[c, d]')})", self.pick(*MODELS).format(inputs, "e")]

    def use(self) -> list[str]:
        """Lines that give the data to the model."""
        x = "[x, z]" if self.form == "two inputs" else "x"
        size = f", batch_size={self.fed}" if self.fed is not None else ""
        few = re.sub("[xz]", rf"\g<0>[:{self.fed}]", x) if self.stateful and self.fed is not None else x
        forms = [
            [f"m.predict({x}{size}, verbose=0)"],
            [f"m.predict({x}{size}, verbose=0)"],
            ["m.compile('sgd', 'mse')", f"m.fit({x}, y{size}, verbose=0)"],
            ["m.compile('sgd', 'mse')", f"m.evaluate({x}, y{size}, verbose=0)"],
            *[[f"m({few})"]] * 2,
        ]
        lines: list[str] = [*self.pick(*forms), *self.pick([], [], [f"m({few})"])]
        if self.pick(True, False, False):
            return ["def run():", *(f"    {line}" for line in lines), "run()"]
        return lines


MODELS = "m = K.Model({}, {})", "m = K.Model(inputs={}, outputs={})"
BUILT = "assert m.built, 'the model is not built'"
SAME_SHAPES = """
for one in m.inputs:
    assert len(one.shape) == len(x.shape), 'the model tells another rank than its data have'
"""
RELOADED = """
try:
    type(other).from_config(other.get_config())
except Exception as error:
    raise AssertionError('another model on the tensor cannot be loaded again') from error
"""


def possible(shape: Shape) -> list[tuple[str, Shape]]:
    """Layers that take this shape, and the shapes that leave them."""
    *leading, last = shape
    found: list[tuple[str, Shape]] = [
        ("L.Dropout(0.1)", shape),
        ("L.BatchNormalization()", shape),
        ("L.Activation('relu')", shape),
        ("L.Dense(3, activation='tanh')", (*leading, 3)),
        (f"L.Reshape({tuple_of((*shape, 1))})", (*shape, 1)),
    ]
    if len(shape) == 2:
        steps = leading[0] or 0
        found += [
            ("L.LSTM(3)", (3,)),
            ("L.GRU(2, return_sequences=True)", (steps, 2)),
            ("L.Bidirectional(L.LSTM(2))", (4,)),
            ("L.TimeDistributed(L.Dense(2))", (steps, 2)),
            ("L.Conv1D(2, 3, padding='same')", (steps, 2)),
            ("L.GlobalAveragePooling1D()", (last,)),
        ]
        if steps > 3:
            found.append(("L.MaxPooling1D(2)", (steps // 2, last)))
    if len(shape) == 3:
        found += [
            ("L.Conv2D(2, (3, 3), padding='same')", (*leading, 2)),
            ("L.Conv2D(2, 1, activation='relu')", (*leading, 2)),
            ("L.GlobalMaxPooling2D()", (last,)),
            ("L.SpatialDropout2D(0.1)", shape),
        ]
    return found


def takes_any_size(chain: Chain) -> bool:
    """Whether layers take any size on each axis but the batch and the last, and lose these axes before a `Flatten`."""
    for layer in chain:
        if layer.startswith(COLLAPSING):
            return "return_sequences" not in layer
        if layer.startswith(FIXED):
            return False
    return False


COLLAPSING = "L.LSTM", "L.GRU", "L.SimpleRNN", "L.Bidirectional", "L.Global"
FIXED = "L.Reshape", "L.Flatten", "L.Embedding"


def applied(source: str, name: str, chain: Chain) -> list[str]:
    """Lines that apply layers to a tensor one after the other."""
    first, *others = chain
    return [f"{name} = {first}({source})", *(f"{name} = {layer}({name})" for layer in others)]


def with_argument(layer: str, argument: str) -> str:
    """A call with one more argument."""
    return f"{layer[:-1]}{'' if layer.endswith('()') else ', '}{argument})"


def tuple_of(shape: Shape) -> str:
    """A shape as Python writes it."""
    return str(tuple(shape))


def spelled(text: str, spelling: str) -> str:
    """The whole program, with its imports and its names in one spelling."""
    models = sorted({"Sequential", "Model"} & set(re.findall(r"\bK\.(\w+)", text)))
    layers = sorted(set(re.findall(r"\bL\.(\w+)", text)) | ({"Input"} & set(re.findall(r"\bK\.(\w+)", text))))
    imports = spelling.format(models=", ".join(models), layers=", ".join(layers))
    root, below = SPELLINGS[spelling]
    text = re.sub(r"\bL\.(?=[A-Za-z])", below, re.sub(r"\bK\.(?=[A-Z])", root, text))
    return f"import numpy as np\n{imports}\n\n{text}\n"
