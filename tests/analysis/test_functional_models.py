"""Tensors on their way through layers, wrappers and models."""

from __future__ import annotations

import pytest
from annotated import analysed, commented, program, shape_in_words

from kerasfix.analysis.events import Role
from kerasfix.analysis.objects import LayerObject

CALLED = {
    "a layer that is made and called": """
        inputs = Input((4,))
        hidden = Dense(8, input_shape=(4,))(inputs)  # called
        model = Model(inputs, Dense(1)(hidden))  # called
    """,
    "a layer that is kept and called twice": """
        shared = Dense(8)  # called & called
        a, b = shared(Input((4,))), shared(Input((4,)))
    """,
    "a layer that is called and put into a Sequential": """
        shared = Dense(8)  # called & first
        shared(Input((4,)))
        model = Sequential([shared])
    """,
    "a layer inside another": """
        model = Sequential([Bidirectional(LSTM(4)), Dense(1)])  # first; wrapped; later (?, 8)
    """,
    "two layers inside another": """
        back = LSTM(4, go_backwards=True)  # wrapped
        model = Sequential([Bidirectional(LSTM(4), backward_layer=back)])  # first; wrapped
    """,
    "layers inside layers": """
        model = Sequential()
        model.add(TimeDistributed(Bidirectional(LSTM(4)), input_shape=(2, 3, 4)))  # first; wrapped; wrapped
    """,
    "a list of cells": """
        model = Sequential([RNN([LSTMCell(4), LSTMCell(8)])])  # first; wrapped; wrapped
    """,
    "a layer that is an activation": """
        hidden = Dense(8, activation=Activation("relu"))  # nowhere; escaped
    """,
}


@pytest.mark.parametrize("name", CALLED)
def test_every_layer_is_used_as_its_comment_says(name: str) -> None:
    assert analysed(CALLED[name]) == commented(CALLED[name])


@pytest.mark.parametrize(
    ("tensor", "shape"),
    [
        ("Input((4,))", "(None, 4)"),
        ("Input(shape=[4, None])", "(None, 4, None)"),
        ("Input(batch_shape=(8, 4))", "(8, 4)"),
        ("Input((n, 4), batch_size=b)", "(?, ?, 4)"),
        ("Input(shape)", ""),
        ("Dense(8)(Input((4,)))", "(None, 8)"),
        ("Flatten()(Conv2D(3, 3)(Input((28, 28, 1))))", "(None, 2028)"),
        ("Concatenate()([Input((4,)), Dense(2)(Input((4,)))])", "(None, 6)"),
        ("keras.layers.add([Input((4,)), Input((4,))])", "(None, 4)"),
        ("Sequential([Dense(3), Dense(5)])(Input((4,)))", "(None, 5)"),
        ("Sequential([Input((4,)), Dense(5)]).output", "(None, 5)"),
        ("Sequential([Input((4,)), Dense(5)]).input", "(None, 4)"),
        ("Bidirectional(LSTM(3))(Input((10, 2)))", "(None, 6)"),
        ("Dense(a.shape[1])(a)", "(None, 7)"),
        ("Model(a, Dense(5)(a))(a)", "(None, 5)"),
        ("Model(inputs=[a, a], outputs=[Dense(5)(a), a])([a, a])", "(None, 5)"),
        ("InputLayer((4,))(a)", "(None, 7)"),
        ("unknown(Input((4,)))", ""),
    ],
)
def test_the_shape_of_a_tensor_is_followed(tensor: str, shape: str) -> None:
    model = program(f"a = Input((7,))\nmodel = Sequential()\nmodel({tensor})").sequentials[0]
    [use] = [use for use in model.uses if use.role is Role.CALLED]
    assert shape_in_words(use.arriving) == shape


def test_a_model_inside_another_knows_what_surrounds_it() -> None:
    found = program(
        """
        inner = Sequential([Dense(8, input_dim=4)])
        middle = Sequential([inner])
        outer = Sequential([middle, Dense(1)])
        """
    )
    [use] = found.layers[0].uses
    holders = []
    while use.enclosing:
        holders.append(use.holder)
        [use] = use.enclosing
    assert [*holders, use.holder] == [model.made for model in found.sequentials]


def test_a_wrapped_layer_knows_its_wrapper_and_where_that_is() -> None:
    found = program("model = Sequential([Bidirectional(LSTM(4, input_shape=(3, 2)))])")
    wrapped, wrapper = found.layers
    [use] = wrapped.uses
    assert use.holder is wrapper.made
    assert isinstance(wrapper.made, LayerObject) and wrapper.made.wrapped is wrapped.made
    assert [outer.holder for outer in use.enclosing] == [found.sequentials[0].made]


def test_the_graph_of_a_functional_model_leads_from_its_outputs_back_to_its_inputs() -> None:
    found = program(
        """
        left, right = Input((4,)), Input((4,))
        both = Concatenate()([Dense(8)(left), Dense(16)(right)])
        model = Model([left, right], Dense(1)(both))
        """
    )
    (model,) = found.models
    tensors = model.tensors()
    assert [shape_in_words(tensor.shape) for tensor in tensors] == [
        "(None, 4)",
        "(None, 8)",
        "(None, 4)",
        "(None, 16)",
        "(None, 24)",
        "(None, 1)",
    ]
    layers = [tensor.source.name for tensor in tensors if isinstance(tensor.source, LayerObject)]
    assert layers == ["Dense", "Dense", "Concatenate", "Dense"]
    assert tensors[0] is model.made.inputs[0]
    assert tensors[2] is model.made.inputs[1]


def test_what_a_model_is_fed_is_known_by_model_and_method() -> None:
    found = program(
        """
        model = Sequential([Input((4,)), Dense(1)])
        model.compile(loss="mse")
        model.fit(x, y, batch_size=32)
        whole = Model(i := Input((4,)), Dense(1)(i))
        whole.predict([x, x])
        unknown.fit(x)
        """
    )
    assert [(feed.method, sorted(feed.arguments)) for feed in found.feeds] == [
        ("fit", ["#0", "#1", "batch_size"]),
        ("predict", ["#0"]),
    ]
    assert found.feeds[0].model is found.sequentials[0].made
    assert found.feeds[1].model is found.models[0].made


READS = {
    "a Sequential that declares its input": (
        "Sequential([Input((4,)), Dense(2)])",
        "",
        [("input", False, "(None, 4)")],
    ),
    "one that declares none": ("Sequential([Dense(2)])", "", [("input", False, None)]),
    "one that was called": ("Sequential([Dense(2)])", "model(Input((4,)))", [("input", True, None)]),
    "one that is in another": ("Sequential([Dense(2)])", "Sequential([model])", [("input", True, None)]),
    "one whose attribute is set": ("Sequential([Dense(2)])", "model.input = 3", []),
    "a layer": ("Dense(2)", "", [("input", False, None)]),
    "a functional model": ("Model(a, Dense(2)(a))", "", []),
}


@pytest.mark.parametrize("name", READS)
def test_reads_of_input_attributes_are_noted(name: str) -> None:
    made, before, expected = READS[name]
    found = program(f"""
        a = Input((4,))
        model = {made}
        {before}
        def head(kept):
            return kept.input
        head(model)
    """)
    reads = [(r.name, r.called, r.declared and shape_in_words(r.declared)) for r in found.reads]
    assert reads == expected
