"""Layers on their way into a Sequential, by variables and lists; `annotated.py` explains the comments."""

from __future__ import annotations

import pytest
from annotated import analysed, commented

VARIABLES = {
    "a layer in a variable": """
        first = Dense(8, input_dim=4)  # first
        last = Dense(1)  # later (None, 8)
        model = Sequential([first, last])
    """,
    "a layer in an attribute": """
        class Net:
            def __init__(self):
                self.hidden = Dense(8)  # first
                self.model = Sequential([self.hidden, Dense(1)])  # later

        Net()
    """,
    "a layer that is one of two": """
        rnn = LSTM(4) if long else Dense(4)  # either; either
        model = Sequential([rnn])
    """,
    "a class that is one of two": """
        kind = LSTM if long else GRU
        model = Sequential([kind(4, input_shape=(3, 2)), Dense(1)])  # first; later
    """,
    "a class in a variable": """
        Hidden = Dense
        model = Sequential([Hidden(8, input_dim=4), Hidden(1)])  # first; later (None, 8)
    """,
    "a class in a dict": """
        kinds = {"dense": Dense, "lstm": LSTM}
        model = Sequential([kinds["dense"](8)])  # first
    """,
    "a nested Sequential": """
        inner = Sequential([Dense(8, input_dim=4), Dense(2)])  # first; later (None, 8)
        outer = Sequential([inner, Dense(1)])  # later (None, 2)
    """,
    "a Sequential in the middle": """
        block = Sequential([Dense(8), Dropout(0.1)])  # first; later
        model = Sequential([Input((4,)), block, Dense(1)])  # later (None, 8)
    """,
    "a model that begins with a model that begins with a model": """
        model = Sequential([
            Sequential([
                Sequential([Dense(8, input_dim=4)]),  # first
                Dense(2),  # later (None, 8)
            ]),
            Dense(1),  # later (None, 2)
        ])
    """,
    "an application in front": """
        base = keras.applications.VGG16(include_top=False)
        model = Sequential([base, Flatten(), Dense(1)])  # later; later (?, ?)
    """,
    "a functional model in front": """
        pixels = Input((28, 28))
        base = Model(pixels, Flatten()(pixels))  # called
        model = Sequential([base, Dense(1)])  # later (None, 784)
    """,
}

LISTS = {
    "a list in a variable": """
        layers = [Dense(8, input_dim=4), Dense(1)]  # first; later (None, 8)
        model = Sequential(layers)
    """,
    "a list that is changed before": """
        layers = [Dense(2)]  # later (None, 1)
        layers.insert(0, Dense(1))  # later (None, 8)
        layers.insert(0, Dense(8, input_dim=4))  # first
        layers.append(Dense(3))  # later (None, 2)
        layers.extend([Dense(4)])  # later (None, 3)
        layers += [Dense(5)]  # nowhere
        layers[5] = Dense(6)  # later (None, 4)
        model = Sequential(layers)
    """,
    "a list that is changed afterwards": """
        layers = [Dense(8)]  # first
        model = Sequential(layers)
        layers.append(Dense(9))  # nowhere
        model.add(Dense(1))  # later
    """,
    "a list that is appended to in one branch": """
        layers = []
        if deep:
            layers.append(Dense(8))  # either
        layers.append(Dense(1))  # either
        layers.append(Dense(1))  # later
        model = Sequential(layers)
    """,
    "a list that is appended to in a loop": """
        layers = [Input((4,))]
        for units in (8, 2):
            layers.append(Dense(units))  # later (None, ?)
        layers.append(Dense(1))  # later (None, 2)
        model = Sequential(layers)
    """,
    "a list that is appended to any number of times": """
        layers = []
        for units in sizes:
            layers.append(Dense(units))  # either
        layers.append(Dense(1))  # either
        model = Sequential(layers)
    """,
    "concatenated": """
        head = [Dense(8, input_dim=4)]  # first
        model = Sequential(head + [Dense(7)] + [Dense(1)])  # later (None, 8); later (None, 7)
    """,
    "starred": """
        body = [Dense(7), Dense(6)]  # later (None, 8); later (None, 7)
        model = Sequential([Dense(8, input_dim=4), *body, Dense(1)])  # first; later (None, 6)
    """,
    "starred, of unknown length": """
        model = Sequential([*others, Dense(1)])  # unknown
    """,
    "of unknown length behind the first layer": """
        model = Sequential([Dense(8, input_dim=4), *others, Dense(1)])  # first; later
    """,
    "multiplied": """
        model = Sequential([Input((4,))] + [Dense(4)] * 2 + [Dense(1)])  # later (None, 4); later (None, 4)
    """,
    "sliced and indexed": """
        layers = [Dense(8), Dense(7), Dense(6)]  # first; later; first
        model = Sequential(layers[:2])
        other = Sequential()
        other.add(layers[-1])
    """,
    "popped": """
        layers = [Dense(8), Dense(7)]  # first; first
        last = layers.pop()
        model = Sequential(layers)
        other = Sequential([last])
    """,
    "sorted": """
        layers = [Dense(8), Dense(7)]  # either; either
        layers.sort(key=str)
        model = Sequential(layers)
        model.add(Dense(1))  # either
    """,
    "copied by list() and tuple()": """
        layers = [Dense(8)]  # first & first
        copy = list(layers)
        copy.append(Dense(7))  # later
        model, other = Sequential(copy), Sequential(tuple(layers))
        other.add(Dense(1))  # later
    """,
    "filtered": """
        model = Sequential([layer for layer in [Dense(8), Dropout(0.1)] if layer])  # either; either
    """,
    "a loop that adds a list": """
        model = Sequential()
        for layer in [Dense(8, input_dim=4), Dense(1)]:  # first; later (None, 8)
            model.add(layer)
    """,
    "given to a function that may change it": """
        from blocks import extend

        layers = [Dense(8)]  # escaped & first
        extend(layers)
        model = Sequential(layers)
        model.add(Dense(1))  # later
    """,
    "the layers of a model that is known": """
        base = Sequential([Input((4,)), Dense(8), Dense(1)])  # later (None, 4) & first; later (None, 8)
        model = Sequential(base.layers[:-1])
        model.add(Dense(2))  # later
    """,
    "the layers of a model that is not known": """
        model = Sequential(base.layers[:-1])
        model.add(Dense(2))  # unknown
    """,
}

PROGRAMS = VARIABLES | LISTS


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_layer_stands_where_its_comment_says(name: str) -> None:
    assert analysed(PROGRAMS[name]) == commented(PROGRAMS[name])
