"""Plans are data that says how a model is put together; what cannot be said is a problem or an assumption."""

from __future__ import annotations

import json
from typing import Any

import pytest

import kerasfix
from kerasfix.analysis.gathering import analyse
from kerasfix.verify.plan import MOST_STEPS, MOST_WAYS, Plan, PlannedModel, plan_models

HEAD = """\
import sys
import keras
from keras import Input, Model, Sequential
from keras.layers import *
"""


def models(text: str) -> list[PlannedModel]:
    return plan_models(analyse(HEAD + text))


def plan(text: str) -> Plan:
    """The one plan of the last model of a program."""
    (only,) = models(text)[-1].plans
    return only


def made(text: str) -> list[Any]:
    """The steps of that plan."""
    found = plan(text)
    assert not found.problem, found.problem
    assert not found.assumptions, found.assumptions
    return list(found.steps)


def layer(name: str, *arguments: list[Any]) -> dict[str, Any]:
    return {"make": f"keras.layers.{name}", "arguments": list(arguments)}


def sequential(*entries: int) -> dict[str, Any]:
    return {"sequential": [{"step": entry} for entry in entries], "arguments": []}


class TestWhatIsKnown:
    def test_a_sequential(self) -> None:
        assert made("Sequential([Dense(4, input_shape=(6,), activation='relu'), Dropout(0.5)])") == [
            layer("Dense", [None, 4], ["input_shape", {"tuple": [6]}], ["activation", "relu"]),
            layer("Dropout", [None, 0.5]),
            sequential(0, 1),
        ]

    def test_an_argument_of_keras(self) -> None:
        arguments = "kernel_initializer=keras.initializers.HeNormal(seed=1), activation=keras.activations.relu"
        text = f"Sequential([Dense(4, {arguments})])"
        call = {"call": "keras.initializers.HeNormal", "arguments": [["seed", 1]]}
        assert made(text)[0] == layer(
            "Dense", [None, 4], ["kernel_initializer", call], ["activation", {"name": "keras.activations.relu"}]
        )

    def test_a_model_inside_a_model_is_a_step_and_a_model_of_its_own(self) -> None:
        text = "inner = Sequential([Dense(3)])\nSequential([Dense(4), inner])"
        assert made(text)[-2:] == [sequential(0), sequential(1, 2)]
        assert [model.kind for model in models(text)] == ["Sequential", "Sequential"]

    def test_a_layer_inside_a_wrapper(self) -> None:
        assert made("Sequential([TimeDistributed(Dense(3), input_shape=(5, 4))])") == [
            layer("Dense", [None, 3]),
            layer("TimeDistributed", [None, {"step": 0}], ["input_shape", {"tuple": [5, 4]}]),
            sequential(1),
        ]

    def test_a_graph_with_a_shared_layer_arithmetic_and_a_merge(self) -> None:
        text = "i = Input((4,))\nd = Dense(4)\nx = d(d(i)) + i\nModel(i, keras.layers.concatenate([x, i]), name='g')"
        steps = made(text)
        assert [step for step in steps if step.get("make") == "keras.layers.Dense"] == [layer("Dense", [None, 4])]
        applied = [number for number, step in enumerate(steps) if "apply" in step]
        (given,) = (number for number, step in enumerate(steps) if step.get("make") == "keras.Input")
        assert steps[-3] == {"operator": "Add", "of": [{"step": applied[1]}, {"step": given}]}
        assert steps[-2] == {
            "function": "keras.layers.concatenate",
            "arguments": [[None, {"list": [{"step": len(steps) - 3}, {"step": given}]}]],
        }
        outputs = {"step": len(steps) - 2}
        assert steps[-1] == {"model": [["inputs", {"step": given}], ["outputs", outputs], ["name", "g"]]}

    def test_slices_and_what_is_beside_a_tensor(self) -> None:
        steps = made("i = Input((4, 3))\nModel(i, keras.activations.relu(-i[:, None, 0:2, ..., -1] / 2.0))")
        index = {"tuple": [{"slice": [None, None, None]}, None, {"slice": [0, 2, None]}, {"ellipsis": True}, -1]}
        assert steps[1:-1] == [
            {"operator": "item", "of": [{"step": 0}, index]},
            {"operator": "Minus", "of": [{"step": 1}]},
            {"operator": "Divide", "of": [{"step": 2}, 2.0]},
            {"function": "keras.activations.relu", "arguments": [[None, {"step": 3}]]},
        ]

    @pytest.mark.parametrize(
        "arguments", ["weights='imagenet', include_top=False, input_shape=(32, 32, 3)", "False, 'x', None, (32, 32, 3)"]
    )
    def test_an_application_never_gets_weights(self, arguments: str) -> None:
        # Bug: positional arguments behind `weights` moved into its place.
        given = dict(made(f"keras.applications.VGG16({arguments})")[0]["arguments"])
        assert given.pop("input_tensor", None) is None
        assert given == {"include_top": False, "weights": None, "input_shape": {"tuple": [32, 32, 3]}}

    def test_what_is_frozen_and_what_is_built_later(self) -> None:
        text = "d = Dense(3)\nd.trainable = False\nm = Sequential([d])\nm.build((None, 4))"
        assert made(text)[2:] == [{"freeze": 0, "trainable": False}, {"build": 1, "shape": [None, 4]}]


class TestWhatIsNotKnown:
    def test_a_size_is_named_by_its_expression(self) -> None:
        size = {"operator": "Add", "of": [{"unknown": "n", "role": "units"}, 1]}
        assert made("Sequential([Dense(n + 1, input_shape=(X.shape[1],))])")[0] == layer(
            "Dense", [None, size], ["input_shape", {"tuple": [{"unknown": "X.shape[1]", "role": "features"}]}]
        )

    @pytest.mark.parametrize(
        "text",
        [
            "m = Sequential([Dense(4, input_dim=n), Dense(2)])",
            "m = Sequential([Dense(4, input_shape=(n, k)), Dense(2)])",
            "m = Sequential([Dense(4, input_shape=X.shape[1:]), Dense(2)])",
            "m = Sequential([LSTM(4, input_shape=(None, n[0])), Dense(2)])",
            "m = Sequential([Dense(4, batch_input_shape=(None, len(words) + 1)), Dense(2)])",
            "def f(n):\n    m = Sequential()\n    m.add(Dense(4, input_shape=(n,)))",
            "class A:\n    def f(self):\n        m = Sequential([Dense(4, input_shape=(self.n,))])",
        ],
    )
    def test_the_same_expression_has_one_name_before_and_after_a_fix(self, text: str) -> None:
        fixed = kerasfix.fix(HEAD + text).text
        assert fixed != HEAD + text
        (before,), (after,) = (plan_models(analyse(one))[0].plans for one in (HEAD + text, fixed))
        assert not before.problem and not after.problem
        assert unknowns(before.steps) == unknowns(after.steps) != set()

    def test_the_rank_that_the_layers_tell(self) -> None:
        assert dict(plan("Sequential([LSTM(4, input_shape=S)])").ranks) == {"S": 2}
        assert dict(plan("Sequential([Input(S), Conv2D(4, 3)])").ranks) == {"S": 3}
        # Bug: a Dense, which takes any rank, was tried with one axis alone.
        assert dict(plan("Sequential([Dense(4, input_shape=S), LSTM(2)])").ranks) == {}
        assert dict(plan("Sequential([TimeDistributed(Conv2D(4, 3), input_shape=S)])").ranks) == {"S": 4}

    def test_what_a_layer_can_do_without_is_left_out_and_said_to_be(self) -> None:
        found = plan("Sequential([Dense(4, kernel_initializer=load(), activation=lambda x: x, **more)])")
        assert found.steps[0] == layer("Dense", [None, 4])
        assert [text.partition(":")[0] for text in found.assumptions] == [
            "what `Dense` gets by `*` or `**` is left out",
            "`kernel_initializer` of Dense is left out",
            "`activation` of Dense is left out",
        ]

    def test_an_activation_that_a_layer_cannot_do_without_is_taken_for_a_linear_one(self) -> None:
        found = plan("Sequential([Dense(3), Activation(f)])")
        assert found.steps[1] == layer("Activation", [None, "linear"])
        assert [text.partition(":")[0] for text in found.assumptions] == [
            "`activation` of Activation is taken for 'linear'"
        ]

    @pytest.mark.parametrize("argument", ["vocabulary='/etc/passwd'", "vocabulary=name", "idf_weights='/etc/passwd'"])
    def test_a_file_is_never_named(self, argument: str) -> None:
        found = plan(f"Sequential([TextVectorization({argument}, input_shape=(1,))])")
        assert "passwd" not in json.dumps(found.steps)
        assert any("it is data" in text for text in found.assumptions)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("Sequential(make())", "its first layers are not known"),
            ("Sequential([make()])", "a part of it is not known: it comes from `make()`"),
            ("Sequential([Dense(3), TimeDistributed(f)])", "`layer` of TimeDistributed is not known"),
            (
                "class L(keras.layers.Layer):\n    pass\nSequential([L(input_shape=(4,))])",
                "`L`, which declares the input",
            ),
            (
                "class S(Sequential):\n    def call(self, x):\n        return x\nS([Dense(3)])",
                "has a `call` of its own",
            ),
            ("Model(a, b)", "is not known"),
            ("i = Input((4,))\nModel(i, keras.ops.relu(i))", "`keras.ops.relu` on tensors is not built"),
            ("i = Input((4,))\nModel(i, keras.ops.split(i, 2, 1))", "`keras.ops.split` on tensors is not built"),
            ("i = Input((4,))\nModel(i, i[:, n])", "the index of a tensor is not known"),
            ("i = Input((4,))\nModel(i, i * n)", "a part of it is not known"),
            ("m = Sequential([Dense(3)" + ", Dense(3)" * (MOST_STEPS + 1) + "])", f"larger than {MOST_STEPS} layers"),
        ],
    )
    def test_code_of_the_program_is_a_problem_where_it_decides(self, text: str, problem: str) -> None:
        found = plan(text)
        assert problem in found.problem
        assert found.steps == ()

    @pytest.mark.parametrize(
        "text", ["class L(keras.layers.Layer):\n    pass\n", "from elsewhere import L\n", "L = keras.layers.Lambda\n"]
    )
    def test_a_layer_of_the_programs_own_is_stood_in_for(self, text: str) -> None:
        found = plan(f"{text}Sequential([Dense(3), L(f, name='own')])")
        if found.problem:
            assert "elsewhere" in text
        else:
            assert found.steps[1]["stand in"] in ("L", "Lambda")
            assert len(found.assumptions) == 1 and "stood in for by an identity" in found.assumptions[0]


class TestWays:
    def test_a_branch_is_a_plan_for_each_arm(self) -> None:
        text = "if sys.argv:\n    d = Dense(4)\nelse:\n    d = Dense(5)\nSequential([d])"
        (model,) = models(text)
        assert sorted(found.steps[0]["arguments"][0][1] for found in model.plans) == [4, 5]

    def test_each_call_of_a_function_is_a_plan(self) -> None:
        text = "def f(units):\n    return Sequential([Dense(units)])\n" + "".join(f"f({n})\n" for n in range(1, 9))
        (model,) = models(text)
        assert [found.steps[0]["arguments"][0][1] for found in model.plans] == [*range(1, MOST_WAYS + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "Sequential([Dense(2 ** 3, input_shape=(n // 2, None)), Dense(True), Dense(1.5)])",
        "Sequential([Dense('\\ud800', name=b'x', input_shape=(..., 3j))])",
        "Sequential([Reshape((int(n / 2), -1), input_shape=(n, 4)), Flatten()])",
        "i = Input((4,), dtype='int32')\nModel([i, i], {'a': Dense(3)(i)})",
        "Sequential([Bidirectional(LSTM(3), merge_mode='sum', input_shape=(None, n))])",
    ],
)
def test_every_plan_is_plain_data(text: str) -> None:
    for model in models(text):
        for found in model.plans:
            assert json.loads(json.dumps(found.steps)) == json.loads(json.dumps(plain(found.steps)))


def plain(data: Any) -> Any:
    """The same data; anything but what JSON has is an error."""
    if isinstance(data, list | tuple):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        assert all(isinstance(key, str) for key in data)
        return {key: plain(item) for key, item in data.items()}
    assert data is None or isinstance(data, bool | int | float | str), data
    return data


def unknowns(data: Any) -> set[str]:
    """The names of everything in a plan that is not known."""
    if isinstance(data, dict) and "unknown" in data:
        return {data["unknown"]}
    items = data.values() if isinstance(data, dict) else data if isinstance(data, list | tuple) else ()
    return {name for item in items for name in unknowns(item)}


class TestOrder:
    """Keras names layers in the order in which they are made, so plans make them in the order of the text."""

    @pytest.mark.parametrize(
        "text",
        [
            "i = Input((4,))\na, b = Dense(3)(i), Dense(5)(i)\nModel(i, keras.layers.concatenate([b, a]))",
            "a = Dense(3)\nb = Dense(5)\nSequential([b, a])",
            "a = Dense(3)\nb = Sequential([Dense(5)])\nm = Sequential()\nm.add(b)\nm.add(a)",
        ],
    )
    def test_of_layers(self, text: str) -> None:
        layers = [step for step in made(text) if step.get("make") == "keras.layers.Dense"]
        assert layers == [layer("Dense", [None, 3]), layer("Dense", [None, 5])]

    def test_of_models(self) -> None:
        text = "a, b = Sequential([Dense(3)]), Sequential([Dense(5)])\nSequential([b, a])"
        assert made(text)[-3:] == [sequential(0), sequential(1), sequential(3, 2)]

    def test_of_layers_that_one_call_makes(self) -> None:
        text = "def f(n):\n    return Dense(n)\na, b = f(3), f(5)\nSequential([a, b])"
        assert made(text)[:2] == [layer("Dense", [None, 3]), layer("Dense", [None, 5])]


def test_what_is_written_of_a_model_that_cannot_be_planned() -> None:
    # Bug: a fix in such a model was made without a word.
    texts = [
        "Sequential([make(), Dense(3{})])",
        "m = Sequential([make()])\nm.add(Dense(3{}))",
        "i = Input((4,))\nx = Dense(3{})(i)\nModel(i, make(x)[0] + Dense(3)(x))",
    ]
    for text in texts:
        before, after = (plan(text.format(given)) for given in (", input_shape=(4,)", ""))
        assert before.problem == after.problem != ""
        assert before != after
