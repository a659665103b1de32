"""Where layers stand when a program branches, loops and rebinds its names; `annotated.py` explains the comments."""

from __future__ import annotations

import pytest
from annotated import analysed, commented

STRAIGHT = {
    "a list": """
        model = Sequential([
            Dense(32, input_shape=(784,)),  # first
            Dropout(0.5),  # later (None, 32)
            Dense(10),  # later (None, 32)
        ])
    """,
    "a tuple": """
        model = Sequential((Dense(32, input_dim=4), Dense(10)))  # first; later (None, 32)
    """,
    "layers=": """
        model = Sequential(layers=[Dense(32, input_dim=4), Dense(10)])  # first; later (None, 32)
    """,
    "add": """
        model = Sequential()
        model.add(Dense(32, input_shape=(784,)))  # first
        model.add(Dense(10))  # later (None, 32)
    """,
    "a list and add": """
        model = Sequential([Dense(32)])  # first
        model.add(Dense(10))  # later
    """,
    "a list of None and then add": """
        model = Sequential(None, name="m")
        model.add(Dense(32))  # first
    """,
    "an Input in front": """
        model = Sequential([Input(shape=(28, 28)), Flatten(), Dense(10)])  # later (None, 28, 28); later (None, 784)
    """,
    "an InputLayer in front": """
        model = Sequential()
        model.add(InputLayer((28, 28)))
        model.add(Flatten())  # later (None, 28, 28)
    """,
    "an Input with a static batch": """
        model = Sequential([Input(shape=(10,), batch_size=32), Dense(4)])  # later (32, 10)
        other = Sequential([Input(batch_shape=(16, 10)), Dense(4)])  # later (16, 10)
    """,
    "a tensor in front": """
        pixels = Input(shape=(784,))
        model = Sequential([pixels, Dense(10)])  # later (None, 784)
    """,
    "a size that is not a literal": """
        model = Sequential([Input(shape=(X.shape[1],)), Dense(width), Dense(10)])  # later (None, ?); later (None, ?)
    """,
    "arithmetic on literals": """
        side = 28
        model = Sequential([Input(shape=(side * side,)), Dense(side // 2)])  # later (None, 784)
        model.add(Dense(1))  # later (None, 14)
    """,
    "a layer that no model gets": """
        hidden = Dense(32, input_shape=(784,))  # nowhere
    """,
    "a layer whose shape is not known": """
        model = Sequential([Input((4,)), Dense(8, **options), Dense(2)])  # later (None, 4); later
    """,
    "a layer in two models": """
        shared = Dense(4, input_dim=8)  # first & later (None, 16)
        one = Sequential([shared])
        two = Sequential([Input((16,)), shared])
    """,
    "one name for several models": """
        model = Sequential()
        model.add(Dense(1))  # first
        model = Sequential()
        model.add(Dense(2))  # first
        model.add(Dense(3))  # later
    """,
    "two names for one model": """
        model = net = Sequential()
        model.add(Dense(1))  # first
        net.add(Dense(2))  # later
    """,
    "models in a tuple assignment": """
        a, b = Sequential(), Sequential()
        a.add(Dense(1))  # first
        b.add(Dense(2))  # first
        a, b = b, a
        a.add(Dense(3))  # later
    """,
    "a walrus": """
        (model := Sequential()).add(Dense(1))  # first
        model.add(Dense(2))  # later
    """,
    "an annotated assignment": """
        model: Sequential = Sequential()
        model.add(Dense(1))  # first
    """,
    "a model in a dict": """
        models = {"a": Sequential(), "b": Sequential()}
        models["a"].add(Dense(1))  # first
        models["a"].add(Dense(2))  # later
        models["b"].add(Dense(3))  # first
    """,
    "a model in an attribute of something else": """
        state.model = Sequential()
        state.model.add(Dense(1))  # first
        state.model.add(Dense(2))  # later
    """,
    "pop": """
        model = Sequential([Input((4,)), Dense(8), Dense(9)])  # later (None, 4); later (None, 8)
        model.pop()
        model.add(Dense(2))  # later
    """,
    "pop down to nothing": """
        model = Sequential([Dense(8)])  # first
        model.pop()
        model.add(Dense(2))  # first
    """,
    "pop of a layer whose input outlives it": """
        model = Sequential([Dense(8, input_dim=4)])  # first
        model.pop()
        model.add(Dense(2))  # unknown
    """,
    "pop of a layer that differs": """
        model = Sequential()
        model.add(Dense(8) if deep else Dense(9))  # either; either
        model.pop()
        model.add(Dense(2))  # unknown
        if deep:
            model.add(Dense(3))  # later
        else:
            model.add(Dense(4))  # later
        model.pop()
        model.add(Dense(5))  # unknown
    """,
}

BRANCHES = {
    "if and else both begin it": """
        model = Sequential()
        if deep:
            model.add(Dense(64, input_dim=4))  # first
        else:
            model.add(Dense(8, input_dim=4))  # first
        model.add(Dense(1))  # later (None, ?)
    """,
    "only if begins it": """
        model = Sequential()
        if deep:
            model.add(Dense(64))  # first
        model.add(Dense(1))  # either
        model.add(Dense(1))  # later
    """,
    "an elif is left out": """
        model = Sequential()
        if size == 1:
            model.add(Dense(1))  # first
        elif size == 2:
            model.add(Dense(2))  # first
        model.add(Dense(3))  # either
    """,
    "a branch that ends the function": """
        def build(deep):
            model = Sequential()
            if not deep:
                model.add(Dense(1))  # first
                return model
            model.add(Dense(2))  # first
            return model
    """,
    "a branch that raises": """
        model = Sequential()
        if kind == "dense":
            model.add(Dense(8))  # first
        else:
            raise ValueError(kind)
        model.add(Dense(1))  # later
    """,
    "the same shape on both ways": """
        if deep:
            model = Sequential([Input((4,)), Dense(8)])  # later (None, 4)
        else:
            model = Sequential([Input((5,)), Dense(8)])  # later (None, 5)
        model.add(Dense(1))  # later (None, 8)
    """,
    "a conditional expression": """
        model = Sequential([LSTM(4, input_shape=(3, 2)) if deep else Dense(4), Dense(1)])  # either; either; later
    """,
    "two ways that begin with calls of their own": """
        first = Dense(8, input_dim=4) if deep else Dense(9, input_dim=4)  # either; either
        model = Sequential([first, Dense(1)])  # later
    """,
    "and and or": """
        model = Sequential()
        deep and model.add(Dense(8))  # first
        model.add(Dense(1))  # either
    """,
    "match": """
        model = Sequential()
        match kind:
            case "small":
                model.add(Dense(8))  # first
            case {"units": units}:
                model.add(Dense(units))  # first
            case other if other.big:
                model.add(Dense(64))  # first
        model.add(Dense(1))  # either
    """,
    "try and except both begin it": """
        try:
            model = Sequential([LSTM(4)])  # first
        except ImportError:
            model = Sequential([Dense(4)])  # first
        model.add(Dense(1))  # later
    """,
    "an exception may come before or behind the layer": """
        model = Sequential()
        try:
            model.add(Dense(8))  # first
            train(1)
        except ValueError:
            model.add(Dense(4))  # either
        finally:
            model.add(Dense(2))  # later
    """,
    "try with else": """
        model = Sequential()
        try:
            units = int(text)
        except ValueError:
            raise SystemExit
        else:
            model.add(Dense(units, input_dim=4))  # first
        model.add(Dense(1))  # later (None, ?)
    """,
    "with": """
        with strategy.scope():
            model = Sequential()
            model.add(Dense(8))  # first
        model.add(Dense(1))  # later
    """,
    "an assert and a del": """
        model = Sequential()
        assert model
        model.add(Dense(1))  # first
        del model
    """,
}

LOOPS = {
    "a loop over something unknown": """
        model = Sequential()
        for units in sizes:
            model.add(Dense(units))  # either
        model.add(Dense(1))  # either
    """,
    "a loop behind the first layer": """
        model = Sequential([Input((4,))])
        for units in sizes:
            model.add(Dense(8))  # later (None, ?)
        model.add(Dense(1))  # later (None, ?)
    """,
    "a loop over known sizes": """
        model = Sequential()
        model.add(Input((4,)))
        for units in (64, 32):
            model.add(Dense(units))  # later (None, ?)
        model.add(Dense(1))  # later (None, 32)
    """,
    "first one time, later another": """
        model = Sequential()
        for units in (64, 32):
            model.add(Dense(units))  # either
    """,
    "a loop over one element": """
        model = Sequential()
        for units in [64]:
            model.add(Dense(units))  # first
    """,
    "a loop that makes a model each time": """
        for units in sizes:
            model = Sequential()
            model.add(Dense(units, input_dim=4))  # first
            model.add(Dense(1))  # later (None, ?)
    """,
    "enumerate and zip": """
        model = Sequential([Input((4,))])
        for number, (units, rate) in enumerate(zip([8, 9], [0.1, 0.2])):
            model.add(Dense(units))  # later (None, ?)
            model.add(Dropout(rate))  # later (None, ?)
        model.add(Dense(1))  # later (None, 9)
    """,
    "break may come before the layer": """
        model = Sequential()
        for units in (64, 32):
            if stop():
                break
            model.add(Dense(units))  # either
        model.add(Dense(1))  # either
    """,
    "continue behind the layer": """
        model = Sequential()
        for units in (64,):
            model.add(Dense(units))  # first
            continue
            model.add(Dense(0))
        model.add(Dense(1))  # later
    """,
    "while": """
        model = Sequential()
        while len(model.layers) < depth:
            model.add(Dense(8))  # either
        else:
            model.add(Dense(9))  # either
        model.add(Dense(1))  # later
    """,
    "a range of known numbers": """
        model = Sequential([Input((4,))])
        for power in range(3, 6):
            model.add(Dense(2**power))  # later (None, ?)
        model.add(Dense(1))  # later (None, ?)
        for times in range(2):
            model.add(Dense(8 * times + 8))  # later (None, ?)
        model.add(Dense(1))  # later (None, 16)
    """,
    "a range is never cut short": """
        model = Sequential()
        for _ in range(3):
            model.add(Dense(8))  # either
        other = Sequential()
        for _ in range(1):
            other.add(Dense(8))  # first
        other.add(Dense(1))  # later
        third = Sequential()
        for number in reversed(range(0, 4, 2)):
            third.add(Dense(number))  # either
        third.add(Dense(1))  # later
    """,
    "a range that is not known, too long, or empty": """
        for numbers in (range(n), range(33), range(10**30), range(0), range(3, 1), range(1, 2, 0), range(2.0)):
            model = Sequential()
            for _ in numbers:
                model.add(Dense(8))  # either
            model.add(Dense(1))  # either
    """,
    "a comprehension over a range": """
        model = Sequential([Dense(units) for units in range(8, 10)] + [Dense(1)])  # either; later
        other = Sequential([Dense(8) for _ in range(n)] + [Dense(1)])  # either; either
    """,
    "a comprehension of known length": """
        model = Sequential([Dense(units) for units in (8, 4)] + [Dense(1)])  # either; later
    """,
    "a comprehension of unknown length": """
        model = Sequential([Dense(units) for units in sizes] + [Dense(1)])  # either; either
    """,
    "a comprehension behind an Input": """
        model = Sequential([Input((4,)), *[Dense(8) for _ in range(3)], Dense(1)])  # later (None, ?); later (None, 8)
    """,
}

PROGRAMS = STRAIGHT | BRANCHES | LOOPS


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_layer_stands_where_its_comment_says(name: str) -> None:
    assert analysed(PROGRAMS[name]) == commented(PROGRAMS[name])
