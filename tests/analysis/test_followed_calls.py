"""Functions and classes of a file are followed where they are called; `annotated.py` explains the comments."""

from __future__ import annotations

import pytest
from annotated import analysed, commented, program

from kerasfix.analysis.program import Standing

FUNCTIONS = {
    "one that makes a model": """
        def build(units):
            model = Sequential()
            model.add(Dense(units, input_dim=4))  # first
            return model

        model = build(8)
        model.add(Dense(1))  # later (None, 8)
    """,
    "one that nothing calls": """
        def build(units):
            model = Sequential([Input((4,)), Dense(units)])  # later (None, 4)
            model.add(Dense(1))  # later (None, ?)
            return model
    """,
    "one that adds to a model": """
        def block(model, units):
            model.add(Dense(units))  # later (None, ?)

        model = Sequential([Input((4,))])
        block(model, 8)
        block(model, 2)
        model.add(Dense(1))  # later (None, 2)
    """,
    "one that adds the first layer of a model": """
        def begin(model):
            model.add(Dense(8, input_dim=4))  # first

        model = Sequential()
        begin(model)
        model.add(Dense(1))  # later (None, 8)
    """,
    "one that adds first here and later there": """
        def block(model):
            model.add(Dense(8))  # either

        model = Sequential()
        block(model)
        block(model)
    """,
    "one that adds to a model that only others make": """
        def block(model):
            model.add(Dense(8))  # escaped
    """,
    "one that takes a model by name or by default": """
        def block(model=None, *, units=8):
            if model is None:
                model = Sequential([Input((4,))])
            model.add(Dense(units))  # later (None, ?)
            return model

        block(Sequential([Input((4,)), Dense(2)]))  # later (None, 4)
        block(units=3).add(Dense(1))  # later (None, 3)
    """,
    "one that passes everything on": """
        def make(*args, **kwargs):
            return inner(*args, **kwargs)

        def inner(model, units):
            model.add(Dense(units))  # first
            return model

        make(Sequential(), units=8).add(Dense(1))  # later
    """,
    "one that makes a layer": """
        def dense(units):
            return Dense(units)  # later (None, ?)

        model = Sequential([Input((4,)), dense(8), dense(2)])
    """,
    "one that makes a list of layers": """
        def layers():
            return [Dense(8, input_dim=4), Dropout(0.1)]  # first; later (None, 8)

        model = Sequential(layers() + [Dense(1)])  # later (None, 8)
    """,
    "one that returns different models": """
        def build(deep):
            if deep:
                return Sequential([Dense(8)])  # first
            return Sequential()

        model = build(choice)
        model.add(Dense(1))  # either
    """,
    "an argument decides which way it takes": """
        def build(deep):
            model = Sequential()
            if deep:
                model.add(Dense(8))  # first
            model.add(Dense(1))  # later
            return model

        build(True)
    """,
    "a closure over a model": """
        model = Sequential()

        def add(units):
            model.add(Dense(units))  # later

        model.add(Dense(8))  # first
        add(2)
    """,
    "a closure over a name that is bound later": """
        def add():
            model.add(Dense(1))  # later (None, 4)

        model = Sequential([Input((4,))])
        add()
    """,
    "a closure that is made anew each time": """
        def adder(model):
            def add(units):
                model.add(Dense(units))  # either
            return add

        add = adder(Sequential())
        add(8)
        add(4)
    """,
    "global and nonlocal": """
        model = Sequential()

        def reset():
            global model
            model = Sequential()

        model.add(Dense(8))  # first
        reset()
        model.add(Dense(4))  # first

        def outer():
            inner_model = Sequential([Dense(1)])  # first
            def again():
                nonlocal inner_model
                inner_model = Sequential()
            again()
            inner_model.add(Dense(2))  # first

        outer()
    """,
    "a lambda": """
        dense = lambda units: Dense(units)  # first
        model = Sequential([dense(8)])
    """,
    "a recursive one is not followed": """
        def grow(model, depth):
            if depth:
                grow(model, depth - 1)
            model.add(Dense(8))  # unknown

        grow(Sequential(), 3)
    """,
    "a decorated one is not followed": """
        @memory.cache
        def block(model):
            model.add(Dense(8))  # escaped

        model = Sequential()
        block(model)
        model.add(Dense(1))  # unknown
    """,
    "a generator is not followed": """
        def layers():
            yield Dense(8)  # nowhere

        model = Sequential([*layers(), Dense(1)])  # unknown
    """,
    "a function of another module may add layers": """
        from blocks import block

        model = Sequential()
        block(model)
        model.add(Dense(1))  # unknown
    """,
    "a function of a well-known package does not": """
        import numpy as np
        import tensorflow as tf

        model = Sequential()
        print(model, tf.shape(model), np.array(model))
        model.add(Dense(1))  # first
    """,
    "a layer that goes elsewhere": """
        from blocks import wrap

        hidden = Dense(8)  # escaped
        wrap(hidden)
    """,
}

CLASSES = {
    "an attribute set in the constructor": """
        class Net:
            def __init__(self):
                self.model = Sequential()
                self.model.add(Dense(8))  # first
                self.finish()

            def finish(self):
                self.model.add(Dense(1))  # later

        Net()
    """,
    "one that nothing instantiates": """
        class Net:
            def __init__(self, units):
                self.model = Sequential([Input((4,))])
                self.add(units)

            def add(self, units):
                self.model.add(Dense(units))  # later (None, 4)
    """,
    "a method that only others call": """
        class Net:
            def __init__(self):
                self.model = Sequential([Dense(8)])  # first

            def finish(self):
                self.model.add(Dense(1))  # later
    """,
    "inheritance, super, properties and static methods": """
        class Base:
            def __init__(self, units):
                self._model = Sequential([Input((units,))])

            @property
            def model(self):
                return self._model

        class Net(Base):
            @staticmethod
            def dense(units):
                return Dense(units)  # later (None, 4)

            def __init__(self):
                super().__init__(4)
                self.model.add(self.dense(8))
                self.model.add(Dense(1))  # later (None, 8)

        Net()
    """,
    "an instance that is called": """
        class Block:
            def __init__(self, units):
                self.units = units

            def __call__(self, model):
                model.add(Dense(self.units))  # later (None, ?)

        model = Sequential([Input((4,))])
        Block(8)(model)
        Block(2)(model)
    """,
    "a class attribute": """
        class Net:
            head = Dense(1)  # later (None, 8)
            model = Sequential([Input((8,)), head])
    """,
    "a subclass of Sequential": """
        class Net(Sequential):
            def __init__(self, units):
                super().__init__()
                self.add(Dense(units))  # first
                self.add(Dense(1))  # later

        Net(8).add(Dense(2))  # later
    """,
    "a subclass of Sequential that hands a list on": """
        class Net(keras.Sequential):
            def __init__(self, units):
                super(Net, self).__init__([Dense(units, input_dim=4), Dense(1)])  # first; later (None, ?)
    """,
    "a subclass of Sequential in the old style": """
        class Net(Sequential):
            def __init__(self):
                Sequential.__init__(self, [Dense(8)])  # first
                self.add(Dense(1))  # later
    """,
    "a subclass of a subclass": """
        class Base(Sequential):
            def __init__(self):
                super().__init__()
                self.add(Input((4,)))

        class Net(Base):
            def __init__(self):
                super().__init__()
                self.add(Dense(1))  # later (None, 4)

        Net()
    """,
    "the layers of a subclassed Model are called": """
        class Net(Model):
            def __init__(self):
                super().__init__()
                self.hidden = Dense(8)  # called
                self.block = Sequential([Dense(4)])  # first

            def call(self, inputs):
                return self.block(self.hidden(inputs))
    """,
    "a layer of the file": """
        class Scale(Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)

        model = Sequential([Scale(input_shape=(4,)), Dense(1)])  # first; later
    """,
}

PROGRAMS = FUNCTIONS | CLASSES


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_layer_stands_where_its_comment_says(name: str) -> None:
    assert analysed(PROGRAMS[name]) == commented(PROGRAMS[name])


@pytest.mark.parametrize(
    ("constructor", "declares"),
    [
        ("def __init__(self, units, **kwargs): super().__init__(units, **kwargs)", ["input_shape"]),
        ("def __init__(self, units, **kwargs): super().__init__(units)", []),
        ("def __init__(self, units, input_shape=None, **kwargs): super().__init__(units, **kwargs)", []),
        ("def __init__(self, units, input_shape=None): super().__init__(units)", []),
        ("pass", ["input_shape"]),
    ],
)
def test_a_layer_of_the_file_declares_what_it_hands_on_to_keras(constructor: str, declares: list[str]) -> None:
    [layer] = program(
        f"""
        class Own(Dense):
            {constructor}

        model = Sequential([Own(8, input_shape=(4,))])
        """
    ).layers
    assert [argument.name for argument in layer.made.declares] == declares


def test_what_a_call_shows_outweighs_what_a_trial_with_unknown_arguments_shows() -> None:
    text = """
        def block(model):
            model.add(Dense(8, input_dim=4))

    """
    tried, called = program(text), program(f"{text}        block(Sequential())\n")
    assert tried.layers[0].standing is Standing.DETACHED
    assert called.layers[0].standing is Standing.FIRST


def test_a_function_may_run_at_any_time_and_find_any_value_that_a_name_ever_held() -> None:
    text = """
        model = Sequential([Input((4,))])
        {rebinding}
        def add():
            model.add(Dense(1, input_dim=4))
    """
    [layer] = program(text.format(rebinding="")).layers
    assert layer.standing is Standing.LATER
    [layer] = program(text.format(rebinding="model = Sequential()")).layers
    assert layer.standing is Standing.DETACHED


def test_what_holds_itself_is_followed_once() -> None:
    layer_in_a_list_of_itself = """
        layers = [Dense(8)]
        layers.append(layers)
        unknown(layers)
    """
    an_object_with_its_own_method = """
        class Trainer:
            def __init__(self):
                self.callback = self.after

            def after(self):
                pass

        unknown(Trainer())
    """
    assert [layer.made.name for layer in program(layer_in_a_list_of_itself).layers] == ["Dense"]
    assert program(an_object_with_its_own_method).layers == ()


def test_a_long_sum_is_no_deep_one() -> None:
    assert program(f"x = {' + '.join(['1'] * 800)}\nmodel = Sequential([Dense(8, input_shape=(x,))])").layers
