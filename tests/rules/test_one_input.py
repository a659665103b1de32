"""KFX301, 302, 306 and 402: an input that is there twice, fed twice, not connected, or read where it is not."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from multi_branch_programs import MultiBranch, multi_branch_programs
from oracle import KERAS, records
from rig import Case, RuleCases, Run, runs

import kerasfix
from kerasfix.config import Settings
from kerasfix.rules.selection import Selection

TWO = "a, b = Input((8,)), Input((8,))"
TWINS = """
    a = Input((8,))
    b = Input((8,))
    h = concatenate([Dense(4)(a), Dense(4)(b)])
    model = Model([a, b], Dense(1)(h))
"""
ONE = """
    a = Input((8,))
    h = concatenate([Dense(4)(a), Dense(4)(a)])
    model = Model(a, Dense(1)(h))
"""
UNSAFE = Settings(selections=(Selection(select=("KFX302",)),), unsafe_fixes=True)
FED = "  # KFX302 warning unsafe"
UNFIXED = "  # KFX302 warning none"

CASES = {
    # KFX301
    "an input twice": Case(
        "a = Input((8,))\nmodel = Model([a, a], Dense(1)(a))  # KFX301 error unsafe: [a, a]",
        "a = Input((8,))\nmodel = Model(a, Dense(1)(a))",
        says=("the last of the arrays",),
    ),
    "three times, by keyword, with another between": Case(
        f"{TWO}\nmodel = Model(inputs=[a, b, a, a], outputs=Dense(1)(concatenate([a, b])))"
        "  # KFX301 error unsafe: inputs=[a, b, a, a]",
        f"{TWO}\nmodel = Model(inputs=[a, b], outputs=Dense(1)(concatenate([a, b])))",
        says=("the same input 3 times",),
    ),
    "in a dict": Case(
        'a = Input((8,))\nmodel = Model({"left": a, "right": a}, Dense(1)(a))'
        '  # KFX301 error unsafe: {"left": a, "right": a}\nmodel.predict({"left": X, "right": X})',
        'a = Input((8,))\nmodel = Model({"left": a}, Dense(1)(a))\nmodel.predict({"left": X})',
    ),
    "fed the same": Case(
        "a = Input((8,))\nmodel = Model([a, a], Dense(1)(a))  # KFX301 error unsafe: [a, a]\nmodel.fit([X, X], y)",
        "a = Input((8,))\nmodel = Model(a, Dense(1)(a))\nmodel.fit(X, y)",
    ),
    "fed different arrays": Case(
        "a = Input((8,))\nmodel = Model([a, a], Dense(1)(a))  # KFX301 error none: [a, a]\nmodel.fit([X, Z], y)",
        says=("what it is fed differs",),
    ),
    "where Keras 2 is the target": Case(
        "a = Input((8,))\nmodel = Model([a, a], Dense(1)(a))  # KFX301 error unsafe: [a, a]",
        "a = Input((8,))\nmodel = Model(a, Dense(1)(a))",
        target="keras2",
        says=("Keras 2 refuses it",),
    ),
    "returned": Case(
        """
        def make():
            a = Input((8,))
            model = Model([a, a], Dense(1)(a))  # KFX301 error none: [a, a]
            return model
        """,
        says=("is passed on, saved or looked into",),
    ),
    # KFX302
    "everything that feeds": Case(
        f"{TWINS}    model.fit([X, X], y, validation_data=((V, V), w)){FED}: [X, X] | KFX302 warning unsafe: "
        f"validation_data=((V, V), w)\n    p = model.predict([X, X]){FED}: [X, X]\n    model([q, q]){FED}: [q, q]\n",
        f"{ONE}    model.fit(X, y, validation_data=(V, w))\n    p = model.predict(X)\n    model(q)\n",
        says=("2 inputs of the model are given the same",),
    ),
    "by names": Case(
        f"""
        a = Input((8,), name="left")
        b = Input((8,), name="right")  # the twin
        model = Model([a, b], concatenate([Dense(4)(a), Dense(4)(b)]))
        model.fit({{"right": X, "left": X}}, y){FED}: {{"right": X, "left": X}}
        """,
        """
        a = Input((8,), name="left")
        # the twin
        model = Model(a, concatenate([Dense(4)(a), Dense(4)(a)]))
        model.fit({"left": X}, y)
        """,
    ),
    "two of three, not adjacent": Case(
        f"""
        a = Input((8,))
        b = Input((3,))
        c = Input((8,))
        model = Model([a, b, c], concatenate([Dense(4)(a), b, Dense(4)(c)]))
        model.fit([X, Z, X], y){FED}: [X, Z, X]
        """,
        """
        a = Input((8,))
        b = Input((3,))
        model = Model([a, b], concatenate([Dense(4)(a), b, Dense(4)(a)]))
        model.fit([X, Z], y)
        """,
    ),
    "through a variable": Case(
        f"{TWINS}    X = load()\n    data = [X, X]\n    model.fit(data, y){UNFIXED}: data\n",
        says=("is not written where it is fed",),
    ),
    "one array under two names": Case(
        f"{TWINS}    import numpy\n    X = numpy.zeros((9, 8))\n    Z = X\n    model.fit([X, Z], y){FED}: [X, Z]\n",
        f"{ONE}    import numpy\n    X = numpy.zeros((9, 8))\n    Z = X\n    model.fit(X, y)\n",
    ),
    "saved": Case(
        f"{TWINS}    model.fit([X, X], y){UNFIXED}: [X, X]\n    model.save(path)\n",
        says=("`model` is passed on, saved or looked into",),
    ),
    "fed by a generator too": Case(
        f"{TWINS}    model.fit([X, X], y){UNFIXED}: [X, X]\n    model.fit_generator(batches())\n",
        says=("not everything that the model is fed can be seen",),
    ),
    "another model of one of them": Case(
        f"{TWINS}    model.fit([X, X], y){UNFIXED}: [X, X]\n    half = Model(a, Dense(2)(a))\n",
        says=("another model has one of these inputs",),
    ),
    "inputs made in one statement": Case(
        f"{TWO}\nmodel = Model([a, b], concatenate([Dense(4)(a), Dense(4)(b)]))\nmodel.fit([X, X], y){UNFIXED}: [X, X]",
        says=("an input is not kept in a variable of its own",),
    ),
    "made in a function that is called twice": Case(
        f"""
        def run(X):
            a = Input((8,))
            b = Input((8,))
            model = Model([a, b], concatenate([Dense(4)(a), Dense(4)(b)]))
            model.fit([X, X], y){UNFIXED}: [X, X]

        run(load())
        run(load())
        """,
        says=("the model is made several times",),
    ),
    # KFX306
    "without effect": Case(
        "a = Input((8,))\nb = Input((8,))\nmodel = Model([a, b], Dense(1)(a))  # KFX306 warning none: b",
    ),
    "missing": Case(
        "a = Input((8,))\nb = Input((8,))\nmodel = Model(a, Dense(1)(concatenate([a, b])))  # KFX306 error none: a",
        says=("which is not among the inputs of the model",),
    ),
    "the wrong one": Case(
        "a = Input((8,))\nb = Input((8,))\nmodel = Model(inputs=a, outputs=Dense(1)(b))  # KFX306 error none: inputs=a",
    ),
    "behind a model": Case(
        "a = Input((8,))\nb = Input((8,))\nbody = Sequential([Input((8,)), Dense(2)])\n"
        "model = Model([a, b], body(a))  # KFX306 warning none: b",
    ),
    # KFX402
    "joined by their attributes": Case(
        "base = Sequential([Input((8,)), Dense(4)])\n"
        "model = Model(base.input, Dense(2)(base.output))  # KFX402 error safe: input | KFX402 error safe: output\n",
        "base = Sequential([Input((8,)), Dense(4)])\nmodel = Model(base.inputs[0], Dense(2)(base.outputs[0]))\n",
    ),
    "shapes of a layer": Case(
        "base = Sequential([Input((8,)), Dense(4)])\n"
        "a = base.layers[0].output_shape[-1]  # KFX402 error safe: output_shape\n"
        "b = base.layers[0].input_shape[1:]  # KFX402 error safe: input_shape\n"
        "c = base.layers[-1].input_shape  # KFX402 error safe: input_shape\n",
        "base = Sequential([Input((8,)), Dense(4)])\n"
        "a = base.layers[0].output.shape[-1]\n"
        "b = tuple(base.layers[0].input.shape)[1:]\n"
        "c = tuple(base.layers[-1].input.shape)\n",
    ),
    "shapes of a merge": Case(
        f"{TWO}\nm = Add()\nh = m([a, b])\ns = m.input_shape  # KFX402 error none: input_shape\n"
        "t = m.output_shape  # KFX402 error safe: output_shape\n",
        f"{TWO}\nm = Add()\nh = m([a, b])\ns = m.input_shape\nt = tuple(m.output.shape)\n",
    ),
    "a Sequential without an input": Case(
        "base = Sequential([Dense(4)])\nx = base.input  # KFX402 error none: input\n",
        says=("not sure to declare its input",),
    ),
    "a layer that is shared": Case(
        f"{TWO}\nd = Dense(4)\nh, g = d(a), d(b)\nd.output_shape  # KFX402 error none: output_shape\n",
    ),
    "a layer that was not called": Case("d = Dense(4)\nd.input_shape  # KFX402 error none: input_shape\n"),
}

QUIET = {
    "a Sequential that was called": "base = Sequential([Input((8,)), Dense(4)])\nh = base(Input((8,)))\nbase.input\n",
    "a Sequential that is given away": "base = Sequential([Input((8,)), Dense(4)])\nwrap(base)\nbase.input\n",
    "the shapes of models": "base = Sequential([Input((8,)), Dense(4)])\nbase.input_shape, base.output_shape\n",
    "a functional model": "a = Input((8,))\nbase = Model(a, Dense(4)(a))\nbase.input, base.output, base.output_shape\n",
    "the tensors of a layer": "base = Sequential([Input((8,)), Dense(4)])\nbase.layers[0].output\n",
    "an attribute of its own": """
        class Net(Sequential):
            @property
            def input(self):
                return 1
        Net().input
    """,
    "different arrays": f"{TWINS}    model.fit([X, Z], y)\n",
    "the same somewhere, another elsewhere": f"{TWINS}    model.fit([X, X], y)\n    model.predict([X, Z])\n",
    "rebound between": f"{TWINS}    X = load()\n    Z = X\n    X = load()\n    model.fit([X, Z], y)\n",
    "two calls": f"{TWINS}    model.fit([load(), load()], y)\n",
    "random numbers": f"import numpy as np\n{TWINS.replace('    ', '')}"
    "model.predict([np.random.rand(4, 8), np.random.rand(4, 8)])\n",
    "unknown values that meet": f"{TWINS}    X = u if p else 1\n    Z = u if q else 2\n    model.fit([X, Z], y)\n",
    "a layer that both share": """
        a = Input((8,))
        b = Input((8,))
        shared = Dense(4)
        model = Model([a, b], concatenate([shared(a), shared(b)]))
        model.fit([X, X], y)
    """,
    "a model that both share": """
        a = Input((8,))
        b = Input((8,))
        tower = Sequential([Input((8,)), Dense(4)])
        model = Model([a, b], concatenate([tower(a), tower(b)]))
        model.fit([X, X], y)
    """,
    "states": """
        a = Input((5, 4))
        h = Input((4,))
        c = Input((4,))
        model = Model([a, h, c], LSTM(4)(a, initial_state=[h, c]))
        model.predict([X, zeros, zeros])
    """,
    "states in a list": """
        a = Input((5, 4))
        h = Input((4,))
        c = Input((4,))
        model = Model([a, h, c], LSTM(4)([a, h, c]))
        model.predict([X, zeros, zeros])
    """,
    "attention": """
        from keras.layers import Attention
        a = Input((5, 8))
        b = Input((5, 8))
        model = Model([a, b], Attention()([Dense(4)(a), Dense(4)(b)]))
        model.fit([X, X], y)
    """,
    "where an error is wanted": f"{TWINS}    with pytest.raises(ValueError):\n        model.fit([X, X])\n",
    "another shape": """
        a = Input((8,))
        b = Input((None,))
        model = Model([a, b], concatenate([Dense(4)(a), Embedding(9, 4)(b)]))
        model.fit([X, X], y)
    """,
    "another dtype": """
        a = Input((8,))
        b = Input((8,), dtype="int32")
        model = Model([a, b], concatenate([Dense(4)(a), Dense(4)(b)]))
        model.fit([X, X], y)
    """,
    "a function that is not followed": """
        a = Input((8,))
        b = Input((8,))
        model = Model([a, b], head(a, b))
        model.fit([X, X], y)
    """,
    "all are connected": f"{TWINS}",
    "an input of the loss": """
        a = Input((8,))
        b = Input((8,))
        out = Dense(8)(a)
        model = Model([a, b], out)
        model.add_loss(loss(b, out))
    """,
    "a function around a tensor": """
        from keras.layers import Lambda
        a = Input((8,))
        b = Input((8,))
        model = Model([a, b], Lambda(lambda t: t + b)(a))
    """,
    "a model from the middle": """
        a = Input((8,))
        h = Dense(4)(a)
        model = Model(h, Dense(1)(h))
    """,
    "an input among the outputs": """
        a = Input((8,))
        b = Input((8,))
        model = Model([a, b], [Dense(1)(a), b])
    """,
    "by the attributes of models": """
        a = Input((8,))
        base = Model(a, Dense(4)(a))
        model = Model(base.input, Dense(1)(base.output))
        other = Model(base.inputs, [Dense(1)(base.outputs[0])])
    """,
}


@pytest.mark.parametrize("run", runs(CASES))
class TestOneInput(RuleCases):
    pass


@pytest.mark.parametrize("run", runs({name: Case(before) for name, before in QUIET.items()}))
def test_nothing_is_said(run: Run) -> None:
    assert [found.message for found in run.found(run.before)] == []


@pytest.mark.keras
@given(program=multi_branch_programs())
@settings(max_examples=15, derandomize=True, phases=[Phase.generate])
def test_the_fix_computes_the_same_from_less(program: MultiBranch) -> None:
    repeated = len(set(program.fed)) < len(program.fed)
    result = kerasfix.fix(program.text, settings=UNSAFE)
    assert (result.text != program.text) is repeated
    assert not [found for found in result.remaining if found.code == "KFX302"]
    if repeated:
        told = records(program.check_against(result.text))
        assert {keras: told[keras]["scopes"][0]["error"] for keras in KERAS} == dict.fromkeys(KERAS)


@pytest.mark.keras
def test_keras_3_gives_an_input_that_is_there_twice_the_last_array() -> None:
    program = """
import keras
import numpy as np
x = keras.Input(shape=(2,))
model = keras.Model([x, x], x)
assert (model.predict([np.zeros((1, 2)), np.ones((1, 2))], verbose=0) == 1).all()
model.compile("sgd", "mse")
model.fit([np.zeros((1, 2)), np.ones((1, 2))], np.ones((1, 2)), verbose=0)
"""
    told = records(program)
    assert told["keras3"]["scopes"][0]["error"] is None
    assert "contains the same input multiple times" in (told["keras2"]["scopes"][0]["error"] or "")
