"""What an input flows into, as far as its rank stays."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from kerasfix.analysis.events import Role
from kerasfix.analysis.flow import Flow, accepted, best_of, takes
from kerasfix.analysis.gathering import analyse
from kerasfix.analysis.merging import merges
from kerasfix.analysis.recurrence import arrivals, stateful_in

if TYPE_CHECKING:
    from kerasfix.analysis.objects import LayerObject

IMPORTS = "from keras import Input, Model, Sequential\nfrom keras.layers import *\n"


def layer(text: str) -> LayerObject:
    """The layer that is made last in an expression."""
    return analyse(f"{IMPORTS}x = {text}\n").layers[-1].made


def behind(text: str) -> list[str]:
    """The layers behind the first Input of a program, or behind the first layer of a model where there is none."""
    flow = Flow(analyse(IMPORTS + dedent(text)))
    if flow.inputs:
        made = next(iter(next(iter(flow.inputs.values()))))
        steps = list(flow.behind_input(made, made.shape))
    else:
        first = next(iter(next(iter(flow.first_layers.values()))))
        steps = list(flow.behind_first(first, analyse(IMPORTS + dedent(text)).layers[0].declaration.shape))  # type: ignore[union-attr]
    return [step.layer.name for step in steps]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("m = Sequential([Input((4, 4)), Dropout(0.1), Dense(2), Flatten(), Dense(3)])", "Dropout Dense Flatten"),
        ("m = Sequential([Dense(2, input_dim=4), Dense(3)])", "Dense Dense"),
        ("m = Sequential([Input((4,)), Mine(), Dense(3)])", ""),
        ("m = Sequential([Input((4,)), Sequential([Dense(2), ReLU()]), Dense(3)])", "Dense ReLU Dense"),
        ("x = Input((4,))\ny = Dense(2)(x)\nz = ReLU()(y)\nw = Softmax()(y)", "Dense ReLU Softmax"),
        ("x = Input((4,))\ny = Sequential([Dense(2)])(x)\nz = ReLU()(y)", "Dense ReLU"),
        ("x = Input((4,))\ny = Add()([x, Dense(4)(x)])", "Dense"),
        ("m = Sequential([Input((4,))])\nif deep:\n    m.add(Dense(3))\nm.add(ReLU())", ""),
        ("m = Sequential([Input((4,)), Dropout(0.1, **more), Dense(3)])", "Dropout"),
    ],
)
def test_the_layers_behind(text: str, names: str) -> None:
    assert behind(text) == names.split()


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("Conv2D(2, 3)", (4, 4)),
        ("Dense(2)", (2, None)),
        ("Dropout(0.1)", (None, None)),
        ("Bidirectional(LSTM(2))", (3, 3)),
        ("TimeDistributed(Conv2D(2, 3))", (5, 5)),
        ("TimeDistributed(Dense(2))", (3, None)),
        ("TimeDistributed(Mine())", (None, None)),
        ("TimeDistributed(TimeDistributed(Dense(2)))", (4, None)),
    ],
)
def test_the_ranks_that_a_layer_takes(text: str, ranks: tuple[int | None, int | None]) -> None:
    program = analyse(f"{IMPORTS}x = {text}\n")
    made = next(one.made for one in program.layers if program.code(one.node) == text)
    assert accepted(made, "keras3") == ranks
    assert takes(made, "keras3", 3) is ((ranks[0] or 0) <= 3 <= (ranks[1] or 9))


def test_of_the_uses_at_a_call_the_best_known_count() -> None:
    text = "def f(x):\n    return Dense(2)(x)\nf(Input((4,)))\n"
    calls = [use for use in best_of(analyse(IMPORTS + text).placements) if use.role is Role.CALLED]
    assert [use.given[0].shape.dims for use in calls] == [(None, 4)]  # type: ignore[attr-defined]


def test_a_stateful_layer_is_found_in_its_wrappers() -> None:
    assert stateful_in(layer("LSTM(2, stateful=False)")) is None
    text = "m = Sequential([Input((5, 3), batch_size=2), LSTM(2), Bidirectional(LSTM(2, stateful=True))])\n"
    program = analyse(IMPORTS + text.replace("LSTM(2),", "LSTM(2, return_sequences=True),"))
    assert [(one.layer.name, one.shape.dims) for one in arrivals(program)] == [("LSTM", (2, 5, 2))]


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ("Add()([a, b])", True),
        ("add([a, b])", True),
        ("Concatenate(axis=0)([a, b])", False),
        ("Concatenate(axis=-1)([a, b])", True),
        ("Concatenate(axis=n)([a, b])", False),
        ("Dot(1)([a, b])", False),
        ("Dense(1)(a)", False),
    ],
)
def test_what_is_merged(call: str, known: bool) -> None:
    program = analyse(f"{IMPORTS}a, b = Input((4,)), Input((4,))\nm = Model([a, b], {call})\n")
    assert [len(tensors) for groups in merges(program, keras2=False).values() for tensors in groups] == [2] * known
