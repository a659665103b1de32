"""Programs whose comments say what the analysis is to know of the layers on their line.

    model = Sequential([Input((4,)), Dense(8)])  # later (None, 4)
    if deep:
        model.add(Dense(8))  # later (None, 8)
    hidden = Dense(8)  # nowhere

What is said of a layer is its position in each Sequential that it enters and the shape that reaches it there,
batch included (`?` is a size that has no number; no shape is one of which not even the rank is known). A layer that is
used in another way is `called`, `wrapped` or `escaped`. `&` joins several uses of one layer, `;` the layers of a line.
"""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from kerasfix.analysis.events import Role
from kerasfix.analysis.gathering import analyse
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from kerasfix.analysis.program import Layer, Program, Use
    from kerasfix.analysis.values import Shape

IMPORTS = """\
import keras
from keras import Input, Model, Sequential
from keras.layers import GRU, LSTM, RNN, Activation, Add, Bidirectional, Concatenate, Conv2D, Dense, Dropout, Embedding
from keras.layers import Flatten, InputLayer, Layer, LSTMCell, MaxPooling2D, Reshape, TimeDistributed
"""


def program(text: str) -> Program:
    """The analysis of a program that need not say its imports."""
    return analyse(IMPORTS + dedent(text))


def commented(text: str) -> dict[int, str]:
    """What the comments of a program say, by row."""
    comments = ((row, line.partition("#")) for row, line in enumerate(dedent(text).splitlines(), start=1))
    return {row: comment.strip() for row, (_, mark, comment) in comments if mark}


def analysed(text: str) -> dict[int, str]:
    """What the analysis says, in the same words."""
    found = program(text)
    document = Document("program.py", found.text)
    rows: dict[int, list[str]] = {}
    for layer in sorted(found.layers, key=lambda layer: found.positions.span(layer.node)):
        row = document.location(found.positions.span(layer.node)[0]).row - IMPORTS.count("\n")
        rows.setdefault(row, []).append(in_words(layer))
    return {row: "; ".join(layers) for row, layers in sorted(rows.items())}


def in_words(layer: Layer) -> str:
    """What is known of one layer."""
    return " & ".join(map(_use_in_words, layer.uses)) or "nowhere"


def _use_in_words(use: Use) -> str:
    word = use.position.value if use.role is Role.ENTRY else use.role.value
    return f"{word} {shape_in_words(use.arriving)}".strip()


def shape_in_words(shape: Shape) -> str:
    """A shape as Keras writes it, with `?` for what is not a number; nothing where the rank is not known."""
    if shape.dims is None:
        return ""
    dims = tuple(dim if dim is None or isinstance(dim, int) else "?" for dim in shape.dims)
    return re.sub(r"'\?'", "?", str(dims))
