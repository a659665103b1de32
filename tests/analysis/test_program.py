"""What rules are given: one `Layer`, `Input` and `Sequential` for each call, and what holds each time it is run."""

from __future__ import annotations

import pytest
from annotated import program, shape_in_words

from kerasfix.analysis.events import Role, Where
from kerasfix.analysis.program import Layer, Program, Standing, Use
from kerasfix.analysis.slots import Position


def layer_of(text: str) -> Layer:
    """The one layer of a program that declares an input."""
    [layer] = [layer for layer in program(text).layers if layer.made.declares]
    return layer


# --- standing --------------------------------------------------------------------------------------------------

STANDINGS = {
    "model = Sequential([Dense(8, input_dim=4)])": Standing.FIRST,
    "model = Sequential([Dense(9), Dense(8, input_dim=4)])": Standing.LATE,
    "model = Sequential([Dense(9), Dense(8, input_shape=None)])": Standing.LATER,
    "model = Sequential([Input((4,)), Dense(8, input_dim=4)])": Standing.LATER,
    "model = Sequential([Dense(9)])\nmodel.build((None, 4))\nmodel.add(Dense(8, input_dim=4))": Standing.LATER,
    "model = Sequential([Embedding(9, 4), Dense(8, input_dim=4)])": Standing.LATER,  # Keras 2 builds the model
    "m = Sequential([Input((4,)) if deep else Dense(9), Dense(8, input_dim=4)])": Standing.LATER,
    "m = Sequential()\nm.add(Dense(9)) if deep else m.add(Input((4,)))\nm.add(Dense(8, input_dim=4))": Standing.LATER,
    "m = Sequential()\nm.add(Input((4,))) if deep else m.add(Dense(9))\nm.add(Dense(8, input_dim=4))": Standing.LATER,
    "model = Sequential([*others, Dense(9), Dense(8, input_dim=4)])": Standing.LATER,
    "model = Sequential([*others, Dense(8, input_dim=4)])": Standing.DETACHED,
    "model = Sequential([Dense(8, input_dim=4)] if deep else [])": Standing.DETACHED,
    "Dense(8, input_dim=4)(Input((4,)))": Standing.CALLED,
    "Bidirectional(LSTM(8, input_dim=4))": Standing.WRAPPED,
    "hidden = Dense(8, input_dim=4)": Standing.DETACHED,
    "from blocks import wrap\nwrap(Dense(8, input_dim=4))": Standing.DETACHED,
    # Of several uses the one counts in which the declaration matters most:
    "d = Dense(8, input_dim=4)\nSequential([d])\nd(x)": Standing.FIRST,
    "d = Dense(8, input_dim=4)\nSequential([d])\nSequential([*others, d])": Standing.FIRST,
    "d = Dense(8, input_dim=4)\nSequential([Dense(9), d])\nSequential([*others, d])": Standing.DETACHED,
    "d = Dense(8, input_dim=4)\nSequential([Dense(9), d])\nd(x)": Standing.LATE,
    "d = Dense(8, input_dim=4)\nSequential([Dense(9), d])\nSequential([Input((4,)), d])": Standing.LATER,
    "d = LSTM(8, input_dim=4)\nSequential([d])\nBidirectional(d)": Standing.WRAPPED,
}


@pytest.mark.parametrize("text", STANDINGS)
def test_what_becomes_of_a_declared_input(text: str) -> None:
    assert layer_of(text).standing is STANDINGS[text]


@pytest.mark.parametrize(
    ("text", "contradicted"),
    [
        ("Sequential([Input((4,)), Dense(8, input_dim=4)])", False),
        ("Sequential([Input((4,)), Dense(8, input_dim=5)])", True),
        ("Sequential([Input((4, 4)), Dense(8, input_dim=4)])", True),
        ("Sequential([Input((n,)), Dense(8, input_dim=4)])", False),
        ("Sequential([Input(shape), Dense(8, input_dim=4)])", False),
        ("Sequential([Input((None,)), Dense(8, input_dim=4)])", False),
        ("Sequential([Input((4,)), Dense(5), Dense(8, input_dim=4)])", True),
        ("Sequential([Input((4,)), Dense(8, batch_input_shape=(32, 4))])", False),
        ("Sequential([Input((4,), batch_size=16), Dense(8, batch_input_shape=(32, 4))])", True),
        ("Sequential([Dense(8, input_dim=5)])", False),
    ],
)
def test_a_later_layer_may_contradict_what_arrives(text: str, contradicted: bool) -> None:
    assert bool(layer_of(text).contradicted) is contradicted


# --- one call, run several times -------------------------------------------------------------------------------


def test_a_call_that_is_run_several_times_is_one_layer() -> None:
    found = program(
        """
        def block(model, units):
            model.add(Dense(units, activation="relu"))

        model = Sequential([Input((4,))])
        block(model, 8)
        block(model, 2)
        """
    )
    [layer] = found.layers
    [use] = layer.uses
    assert shape_in_words(use.arriving) == "(None, ?)"  # 4 the first time, 8 the second
    values = {name: type(argument.value).__name__ for name, argument in layer.made.arguments.items()}
    assert values == {"units": "Unknown", "activation": "Constant"}


@pytest.mark.parametrize(
    ("calls", "disagrees"),
    [
        ("build((4,)); build((5,))", False),
        ("build(shape=(4,)); build(None)", True),
        ("build((4,)); build()", True),
        ("build(); build()", None),
    ],
)
def test_a_declaration_that_is_there_one_time_and_not_another_disagrees(calls: str, disagrees: bool | None) -> None:
    layer = layer_of(
        f"""
        def build(shape=None):
            return Sequential([Dense(8, input_shape=shape)])

        {calls}
        """
    )
    assert (layer.declaration.disagrees if layer.declaration is not None else None) is disagrees


def test_classes_that_read_an_argument_differently_disagree() -> None:
    text = "kind = {classes}\nmodel = Sequential([kind(8, input_dim=4)])"
    for classes, disagrees in [("LSTM if long else GRU", False), ("LSTM if long else Dense", True)]:
        declared = layer_of(text.format(classes=classes)).declaration
        assert declared is not None and declared.disagrees is disagrees


# --- where an Input can be put ---------------------------------------------------------------------------------


def only_use(found: Program) -> Use:
    """The one use of the layer that declares an input."""
    [use] = [use for layer in found.layers if layer.made.declares for use in layer.uses]
    return use


PLACES = {
    "model = Sequential([Dense(8, input_dim=4)])": (Where.ELEMENT, "[Dense(8, input_dim=4)]"),
    "model = Sequential((Dense(8, input_dim=4), Dense(1)))": (
        Where.ELEMENT,
        "(Dense(8, input_dim=4), Dense(1))",
    ),
    "model = Sequential(layers=[Dense(8, input_dim=4)])": (Where.ELEMENT, "[Dense(8, input_dim=4)]"),
    "model = Sequential([Dense(8, input_dim=4)] + [Dense(1)])": (Where.ELEMENT, "[Dense(8, input_dim=4)]"),
    "first = Dense(8, input_dim=4)\nmodel = Sequential([first])": (Where.ELEMENT, "[first]"),
    "layers = [Dense(8, input_dim=4)]\nmodel = Sequential(layers)": (Where.AROUND, "layers"),
    "layers = [Dense(8, input_dim=4)]\nmodel = Sequential(layers + more)": (Where.AROUND, "layers + more"),
    "model = Sequential(Dense(8, input_dim=4))": (Where.BESIDE, "Dense(8, input_dim=4)"),
    "model = Sequential()\nmodel.add(Dense(8, input_dim=4))": (
        Where.STATEMENT,
        "model.add(Dense(8, input_dim=4))",
    ),
    "nets[0] = Sequential()\nnets[0].add(Dense(8, input_dim=4))": (
        Where.STATEMENT,
        "nets[0].add(Dense(8, input_dim=4))",
    ),
}


@pytest.mark.parametrize("text", PLACES)
def test_an_input_goes_in_front_of_the_first_layer(text: str) -> None:
    found = program(text)
    insertion = only_use(found).insertion
    assert insertion is not None
    assert (insertion.where, found.code(insertion.node)) == PLACES[text]


@pytest.mark.parametrize(
    ("wrapper", "lifted"), [("Bidirectional(LSTM({}))", True), ("TimeDistributed(Dense({}))", False)]
)
def test_what_a_layer_inside_declares_is_the_wrapper_s_input_where_they_share_it(wrapper: str, lifted: bool) -> None:
    [outer] = only_use(program(f"Sequential([{wrapper.format('8, input_shape=(9, 4)')}])")).enclosing
    assert (outer.insertion is not None) is lifted


@pytest.mark.parametrize(
    "text",
    [
        "model = Sequential()\nresult = model.add(Dense(8, input_dim=4))",
        "model = Sequential()\n[model.add(Dense(8, input_dim=4))]",
        "models = [Sequential()]\nmodels.pop().add(Dense(8, input_dim=4))",
        # The one call is run for other layers too:
        "model = Sequential()\nfor layer in [Dense(8, input_dim=4), Dense(1)]:\n    model.add(layer)",
        "add = lambda m, l: m.add(l)\nadd(Sequential(), Dense(8, input_dim=4))",
    ],
)
def test_where_there_is_no_sure_place_there_is_none(text: str) -> None:
    use = only_use(program(text))
    assert use.position is Position.FIRST
    assert use.insertion is None


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("model = Sequential([Dense(8, input_shape={})])", True),
        ("first = Dense(8, input_shape={})\nmodel = Sequential([first])", True),
        ("first = Dense(8, input_shape={})\nshape = (5,)\nmodel = Sequential([first])", False),
        ("def first(shape):\n    return Dense(8, input_shape={})\nmodel = Sequential([first((4,))])", False),
        ("model = Sequential([Dense((shape := 3), input_shape={})])", False),
    ],
)
def test_an_expression_may_move_where_it_means_the_same(text: str, readable: bool) -> None:
    found = program(text.format("shape"))
    insertion = only_use(found).insertion
    assert insertion is not None
    assert ("shape" in {found.code(argument.value) for argument in insertion.readable}) is readable


# --- inputs and models -----------------------------------------------------------------------------------------


def test_an_input_knows_where_it_stands() -> None:
    found = program("a = Input((4,))\nmodel = Sequential([a, Dense(4), Input((4,)), InputLayer((5,))])")
    assert [(i.made.function, len(i.uses), len(i.later_entries)) for i in found.inputs] == [
        ("Input", 1, 0),
        ("Input", 1, 1),
        ("InputLayer", 1, 1),
    ]
    _, same, other = found.inputs
    assert same.repeats(same.later_entries[0])
    assert not other.repeats(other.later_entries[0])


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("Sequential([Dense(8)])", True),
        ("model = Sequential()\nmodel.add(Dense(8))", True),
        ("Sequential([Dense(8), Dense(1, input_dim=8)])", True),
        ("Sequential([Dense(8)]).compile()", True),
        ("Sequential([Sequential([Dense(8)])])", True),
        ("Sequential([Dense(8)])(batch)", True),
        ("Sequential([Dense(8)])(Input((4,)))", False),
        ("Sequential([Dense(8)]).build((None, 4))", False),
        ("Sequential([Input((4,)), Dense(8)])", False),
        ("Sequential([Dense(8, input_dim=4)])", False),
        ("Sequential([Dense(8, **options)])", False),
        ("Sequential([Embedding(9, 4)])", False),
        ("Sequential([*others, Dense(8)])", False),
        ("Sequential([keras.applications.VGG16()])", False),
        ("Sequential()", False),
    ],
)
def test_a_model_may_declare_nothing(text: str, nothing: bool) -> None:
    assert program(text).sequentials[-1].declares_nothing is nothing


def test_a_model_inside_another_needs_no_input_of_its_own() -> None:
    inner, outer = program("inner = Sequential([Dense(8)])\nouter = Sequential([inner])").sequentials
    assert not inner.declares_nothing
    assert outer.declares_nothing
    assert [use.role for use in inner.uses] == [Role.ENTRY]


@pytest.mark.parametrize(
    ("text", "reused"),
    [
        ("model = Sequential(base.layers[:-1] + [Dense(1)])", True),
        ("model = Sequential()\nfor layer in base.layers:\n    model.add(layer)", True),
        ("model = Sequential()\nfor i, layer in enumerate(base.layers[1:]):\n    model.add(layer)", True),
        ("model = Sequential([layer for layer in base.layers])", True),
        ("model = Sequential([base.layers[0]])", True),
        ("for layer in base.layers:\n    layer.trainable = False\nmodel = Sequential([base])", False),
        ("model = Sequential([Dense(1)])\nmodel.layers[0].trainable = False", False),
        ("base = Sequential([Dense(1)])\nmodel = Sequential(base.layers)", False),
    ],
)
def test_the_layers_of_a_model_that_is_not_known_may_be_reused(text: str, reused: bool) -> None:
    assert program(text).layers_reused is reused


def test_the_source_of_a_node_has_its_parentheses() -> None:
    found = program("model = Sequential([Dense((8), input_shape=(4, 5))])")
    [layer] = found.layers
    assert [found.code(argument.value) for argument in layer.node.args] == ["(8)", "(4, 5)"]
