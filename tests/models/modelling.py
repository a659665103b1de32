"""Tables of models in the tests: programs that need not say their imports, and rows in few words."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from kerasfix.config import Settings
from kerasfix.models.overview import overviews
from kerasfix.report.models_text import shapes_in_words, when_in_words
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from kerasfix.models.table import LayerRow, ModelOverview

IMPORTS = """\
import keras
from keras import Input, Model, Sequential
from keras.layers import LSTM, Add, Bidirectional, Concatenate, Conv2D, Dense, Dropout, Embedding, Flatten, Reshape
"""


def document(text: str, path: str = "model.py") -> Document:
    """A program below its imports."""
    return Document(path, IMPORTS + dedent(text))


def models(text: str) -> list[ModelOverview]:
    """The models of a program."""
    return overviews(document(text), Settings())


def model(text: str) -> ModelOverview:
    """The only model of a program."""
    (found,) = models(text)
    return found


def line(row: LayerRow) -> str:
    """A row as `kind name (detail): arriving -> leaving, parameters`, with how often it is there in front."""
    when = when_in_words(row)
    parts = [f"[{when}]" if when else "", row.kind, row.name, f"({row.detail})" if row.detail else ""]
    shapes = f"{shapes_in_words(row.arriving)} -> {shapes_in_words(row.leaving)}".removeprefix(" -> ")
    parameters = "shared" if row.shared else "?" if row.parameters is None else str(row.parameters)
    return f"{' '.join(filter(None, parts))}: {shapes}, {parameters}"


def lines(text: str) -> list[str]:
    """The rows of the only model of a program."""
    return [line(row) for row in model(text).rows]
