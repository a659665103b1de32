"""A finding names the other places that it has to do with: where something is declared, made, or shown to be wrong."""

from __future__ import annotations

import pytest

import kerasfix
from kerasfix.source.document import Document

IMPORTS = "import numpy as np\nfrom keras import Input, Model, Sequential\nfrom keras.layers import *\n"
TWO = "a = Input((4,), batch_size=2)\nb = Input((4,), batch_size=3)\n"

PLACES = {
    "KFX201": ("m = Sequential([\n    Input((None, 5, 3)),\n    LSTM(2),\n])\n", [6]),
    "KFX202": (f"{TWO}m = Model([a, b], add([a, b]))\n", [4, 5]),
    "KFX203": ("m = Sequential([\n    Input(batch_shape=(5, 3)),\n    LSTM(2),\n])\n", [6]),
    "KFX210": ("m = Sequential([\n    Input((28, 28)),\n    Conv2D(8, 3),\n])\n", [6]),
    "KFX212": ("m = Sequential([Input((4,)), Dense(2)])\nm.build((None, 5))\n", [4]),
    "KFX213": ("x = np.zeros((8, 5))\nm = Sequential([Input((4,)), Dense(2)])\nm.predict(x)\n", [4, 5]),
    "KFX302": (
        "a = Input((4,))\nb = Input((4,))\nm = Model([a, b], add([Dense(2)(a), Dense(2)(b)]))\nm.predict([x, x])\n",
        [4, 5],
    ),
    "KFX306": ("a = Input((4,))\nb = Input((4,))\nm = Model(a, Dense(2)(b))\n", [5]),
}
"""By rule a program, and the lines of the related places behind three lines of imports."""


@pytest.mark.parametrize("code", PLACES)
def test_a_finding_names_the_other_places(code: str) -> None:
    program, rows = PLACES[code]
    text = IMPORTS + program
    document = Document("program.py", text)
    (finding,) = [found for found in kerasfix.check(text) if found.code == code]
    assert sorted(document.location(place.start).row for place in finding.related) == rows
    assert all(place.message for place in finding.related)
