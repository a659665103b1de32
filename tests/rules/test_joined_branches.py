"""KFX302 on Sequentials that are joined by `.input` and `.output` and fed the same; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from joined_branch_programs import IMPORTS, JoinedBranches, joined_branch_programs
from oracle import KERAS, records
from rig import Case, RuleCases, Run, runs

import kerasfix
from kerasfix.config import Settings

FED = "  # KFX302 warning unsafe: [X, X]"
UNFIXED = "  # KFX302 warning none: [X, X]"
BRANCHES = """\
left = Sequential([Input((16,)), Dense(8)])
right = Sequential([Input((16,)), Dense(4)])
score = Dense(1)(concatenate([left.outputs[0], right.outputs[0]]))
model = Model([left.inputs[0], right.inputs[0]], score)
"""
ONE = """\
x = Input((16,))
left = Sequential([x, Dense(8)])
right = Sequential([x, Dense(4)])
score = Dense(1)(concatenate([left.outputs[0], right.outputs[0]]))
model = Model(x, score)
"""
JOIN = """\
model = Model([left.inputs[0], right.inputs[0]], concatenate([left.outputs[0], right.outputs[0]]))
"""
JOINED = "model = Model(x, concatenate([left.outputs[0], right.outputs[0]]))\n"


def named(left: str, right: str) -> str:
    """The branches with inputs of these names."""
    first, second = f"Input((16,), name={left!r})", f"Input((16,), name={right!r})"
    return BRANCHES.replace("Input((16,))", first, 1).replace("Input((16,))", second, 1)


def inside(head: str, text: str) -> str:
    """A program in a block."""
    return head + "\n" + "".join(f"    {line}\n" for line in text.splitlines())


CASES = {
    "an Input each": Case(
        f"{BRANCHES}model.fit([X, X], y){FED}\np = model.predict([V, V]){FED.replace('X, X', 'V, V')}\n",
        f"{ONE}model.fit(X, y)\np = model.predict(V)\n",
        says=("2 inputs of the model are given the same here", "Give the model one input"),
    ),
    "by attributes that Keras 3 does not have": Case(
        f"""
        left = Sequential([Input((16,)), Dense(8)])
        right = Sequential([Dense(8, input_shape=(16,))])  # KFX101 warning safe: input_shape=(16,)
        h = [left.output, Dense(8)(right.output)]  # KFX303 error safe: left.output | KFX303 error safe: right.output
        model = Model([
            left.input,  # KFX303 error safe: left.input
            right.input,  # KFX303 error safe: right.input
        ], add(h))
        model.fit([X, X], y){FED}
        """,
        """
        x = Input((16,))
        left = Sequential([x, Dense(8)])
        right = Sequential([x, Dense(8)])
        h = [left.outputs[0], Dense(8)(right.outputs[0])]
        model = Model(x, add(h))
        model.fit(X, y)
        """,
        safely="""
        left = Sequential([Input((16,)), Dense(8)])
        right = Sequential([Input(shape=(16,)), Dense(8)])
        h = [left.outputs[0], Dense(8)(right.outputs[0])]
        model = Model([
            left.inputs[0],
            right.inputs[0],
        ], add(h))
        model.fit([X, X], y)
        """,
    ),
    "by attributes, for Keras 2": Case(
        f"{BRANCHES.replace('puts[0]', 'put')}model.fit([X, X], y){FED}\n", f"{ONE}model.fit(X, y)\n", target="keras2"
    ),
    "declared by layers that are added": Case(
        f"""
        def train(X, y, x):
            left = Sequential()
            left.add(Dense(8, input_dim=16))  # KFX101 warning safe: input_dim=16
            right = Sequential([
                # the other one
                Dense(8, input_shape=(16,), activation="tanh"),  # KFX101 warning safe: input_shape=(16,)
                Dense(4),
            ])
            {JOIN.strip()}
            for epoch in range(3):
                model.train_on_batch([X, X], y){FED}
        """,
        f"""
        def train(X, y, x):
            left = Sequential()
            x1 = Input(shape=(16,))
            left.add(x1)
            left.add(Dense(8))
            right = Sequential([
                # the other one
                x1,
                Dense(8, activation="tanh"),
                Dense(4),
            ])
            {JOINED.strip().replace("(x,", "(x1,")}
            for epoch in range(3):
                model.train_on_batch(X, y)
        """,
        safely=f"""
        def train(X, y, x):
            left = Sequential()
            left.add(Input(shape=(16,)))
            left.add(Dense(8))
            right = Sequential([
                # the other one
                Input(shape=(16,)),
                Dense(8, activation="tanh"),
                Dense(4),
            ])
            {JOIN.strip()}
            for epoch in range(3):
                model.train_on_batch([X, X], y)
        """,
    ),
    "the last is made first, over many lines": Case(
        f"""
        right = Sequential()
        right.add(Input(
            shape=(16,), name="features",
        ))
        right.add(Dense(4))
        left = Sequential(name="tower", layers=[Input(shape=(16,)), Dense(8)])
        left.summary()
        {JOIN.strip()}
        model.fit([X, X], y){FED}
        """,
        f"""
        right = Sequential()
        x = Input(shape=(16,), name="features")
        right.add(x)
        right.add(Dense(4))
        left = Sequential(name="tower", layers=[x, Dense(8)])
        left.summary()
        {JOINED.strip()}
        model.fit(X, y)
        """,
    ),
    "two pairs, and one that is alone": Case(
        """
        a, e = Input((2,)), 3
        b = Sequential([Input((16,)), Dense(8)])
        c = Sequential([Input((16,)), Dense(8)])
        d = Sequential([Input((9,)), Dense(8)])
        f = Sequential([Input((9,)), Dense(8)])
        g = Sequential([Input((9,)), Dense(8)])
        h = concatenate([a, b.outputs[0], c.outputs[0], d.outputs[0], f.outputs[0], g.outputs[0]])
        model = Model([b.inputs[0], d.inputs[0], a, f.inputs[0], c.inputs[0], g.inputs[0]], h)
        model.fit([X, Z, A, Z, X, G], y)  # KFX302 warning unsafe: [X, Z, A, Z, X, G]
        """,
        """
        a, e = Input((2,)), 3
        x = Input((16,))
        b = Sequential([x, Dense(8)])
        c = Sequential([x, Dense(8)])
        x1 = Input((9,))
        d = Sequential([x1, Dense(8)])
        f = Sequential([x1, Dense(8)])
        g = Sequential([Input((9,)), Dense(8)])
        h = concatenate([a, b.outputs[0], c.outputs[0], d.outputs[0], f.outputs[0], g.outputs[0]])
        model = Model([x, x1, a, g.inputs[0]], h)
        model.fit([X, Z, A, G], y)
        """,
    ),
    "in a dict": Case(
        BRANCHES.replace("[left.inputs[0], right.inputs[0]]", '{"a": left.inputs[0], "b": right.inputs[0]}')
        + 'model.fit({"b": X, "a": X}, y)  # KFX302 warning unsafe: {"b": X, "a": X}\n',
        ONE.replace("Model(x", 'Model({"a": x}') + 'model.fit({"a": X}, y)\n',
    ),
    "names that nothing says": Case(
        f"{named('a', 'b')}model.fit([X, X], y){FED}\n",
        f"{ONE.replace('Input((16,)', 'Input((16,), name=' + repr('a'))}model.fit(X, y)\n",
    ),
    "the same size by its name": Case(
        f"n = X.shape[1]\n{BRANCHES.replace('(16,)', '(n,)')}model.fit([X, X], y){FED}\n",
        f"n = X.shape[1]\n{ONE.replace('(16,)', '(n,)')}model.fit(X, y)\n",
    ),
    "in a block": Case(
        f"{inside('with scope():', BRANCHES)}model.fit([X, X], y){FED}\n",
        f"{inside('with scope():', ONE)}model.fit(X, y)\n",
    ),
}


def unfixed(before: str, reason: str, *, style: str = "Input") -> Case:
    """A program that is fed the same and has no fix, and why."""
    return Case(before, style=style, says=(f"no fix: {reason}",))


FIT = f"model.fit([X, X], y){UNFIXED}\n"
OTHER_USE = "`left` is used for more than to be joined"
OTHER_INPUT = "the input of `left` is used elsewhere"
NOT_WRITTEN = "what the model is fed is not written where it is fed"
NO_VARIABLE = "a branch is not kept in a variable of its own"
ONE_BLOCK = "the branches are not made in one block"
REFUSED = {
    "predicts by itself": unfixed(f"{BRANCHES}{FIT}left.predict(V)\n", OTHER_USE),
    "its layers": unfixed(f"{BRANCHES}{FIT}left.layers[0].trainable = False\n", OTHER_USE),
    "saved": unfixed(f"{BRANCHES}{FIT}left.save(path)\n", OTHER_USE),
    "called on data": unfixed(f"{BRANCHES}{FIT}left(V)\n", OTHER_USE),
    "built by hand": unfixed(f"{BRANCHES}left.build((None, 16))\n{FIT}", OTHER_USE),
    "looked into": unfixed(f"{BRANCHES}{FIT}getattr(left, 'input')\n", OTHER_USE),
    "a layer gone": unfixed(f"{BRANCHES}{FIT}left.pop()\n", OTHER_USE),
    "a model of its own": unfixed(f"{BRANCHES}{FIT}half = Model(left.inputs, left.outputs)\n", OTHER_INPUT),
    "a second model of both": unfixed(
        f"{BRANCHES}{FIT}{JOIN.replace('model =', 'other =')}other.fit([X, X], y){UNFIXED}\n", OTHER_INPUT
    ),
    "its input in a variable": unfixed(
        BRANCHES.replace("model = Model([left.inputs[0]", "a = left.inputs[0]\nmodel = Model([a") + FIT, OTHER_INPUT
    ),
    "by a generator": unfixed(f"{BRANCHES}{FIT}model.fit(batches())\n", NOT_WRITTEN),
    "by a generator of the file": unfixed(
        f"{BRANCHES}{FIT}def batches():\n    while True:\n        yield [X, X], y\nmodel.fit(batches())\n", NOT_WRITTEN
    ),
    "by names too": unfixed(f"{named('a', 'b')}{FIT}model.predict({{'a': X, 'b': X}})\n", NOT_WRITTEN),
    "a name that is said": unfixed(f"{named('a', 'b')}{FIT}show('b')\n", "the name of an input is used elsewhere"),
    "the model is saved": unfixed(f"{BRANCHES}{FIT}model.save(path)\n", "`model` is passed on, saved or looked into"),
    "the model is returned": unfixed(
        inside("def train(X, y):", f"{BRANCHES}{FIT}return model"), "`model` is passed on, saved or looked into"
    ),
    "in a loop": unfixed(inside("for n in range(3):", BRANCHES + FIT), "the model is made several times"),
    "made by a function": unfixed(
        "def branch(n):\n    return Sequential([Input((16,)), Dense(n)])\n"
        f"left = branch(8)\nright = branch(4)\n{JOIN}{FIT}",
        NO_VARIABLE,
    ),
    "made by a function that names it": unfixed(
        "def branch(n):\n    made = Sequential([Input((16,)), Dense(n)])\n    return made\n"
        f"left = branch(8)\nright = branch(4)\n{JOIN}{FIT}",
        NO_VARIABLE,
    ),
    "a variable that is used again": unfixed(f"{BRANCHES}{FIT}left = None\n", NO_VARIABLE),
    "in a list": unfixed(
        f"b = [Sequential([Input((16,)), Dense(n)]) for n in (3, 4)]\n"
        f"model = Model([each.inputs[0] for each in b], concatenate([each.outputs[0] for each in b]))\n{FIT}",
        "the inputs of the model are not written in its call",
    ),
    "lists that are added": unfixed(
        f"{BRANCHES.replace('[left.inputs[0], right.inputs[0]]', 'left.inputs + right.inputs')}{FIT}",
        "the inputs of the model are not written in its call",
    ),
    "in an inner scope": unfixed(
        "left = Sequential([Input((16,)), Dense(8)])\n"
        + inside("def train(X, y):", f"right = Sequential([Input((16,)), Dense(4)])\n{JOIN}{FIT}"),
        ONE_BLOCK,
    ),
    "filled in an inner scope": unfixed(
        "left = Sequential()\nright = Sequential()\n"
        + inside(
            "def fill():", "left.add(Input((16,)))\nright.add(Input((16,)))\nleft.add(Dense(8))\nright.add(Dense(4))"
        )
        + f"fill()\n{JOIN}{FIT}",
        ONE_BLOCK,
    ),
    "filled in a block": unfixed(
        "left = Sequential()\nright = Sequential()\n"
        + inside("if p:", "left.add(Input((16,)))\nright.add(Input((16,)))")
        + f"left.add(Dense(8))\nright.add(Dense(4))\n{JOIN}{FIT}",
        ONE_BLOCK,
    ),
    "inputs in variables": unfixed(
        "a = Input((16,))\nb = Input((16,))\nleft = Sequential([a, Dense(8)])\nright = Sequential([b, Dense(4)])\n"
        f"{JOIN}{FIT}",
        "an input is not declared where its branch is made",
    ),
    "layers in a variable": unfixed(
        f"layers = [Input((16,)), Dense(8)]\nleft = Sequential(layers)\nright = Sequential([Input((16,)), Dense(4)])\n"
        f"{JOIN}{FIT}",
        "an input is not declared where its branch is made",
    ),
    "beside an Input": unfixed(
        f"a = Input((16,))\nleft = Sequential([Input((16,)), Dense(8)])\n"
        f"model = Model([left.inputs[0], a], concatenate([left.outputs[0], Dense(2)(a)]))\n{FIT}",
        "an input is not kept in a variable of its own",
    ),
    "a comment in it": unfixed(
        BRANCHES.replace("Input((16,))", "Input((16,)  # pixels\n)", 1) + FIT,
        "a branch does not begin with a plain `Input`",
    ),
    "an InputLayer": unfixed(
        BRANCHES.replace("Input((16,))", "InputLayer((16,))") + FIT, "a branch does not begin with a plain `Input`"
    ),
    "where an InputLayer is asked for": unfixed(
        BRANCHES + FIT, "not every Keras takes a tensor in a `Sequential`", style="InputLayer"
    ),
}

QUIET = {
    "different arrays": f"{BRANCHES}model.fit([X, Z], y)\n",
    "different somewhere": f"{BRANCHES}model.fit([X, X], y)\nmodel.predict([V, W])\n",
    "sizes that may differ": f"n = X.shape[1]\n{BRANCHES.replace('(16,)', '(n,)', 1)}model.fit([X, X], y)\n",
    "a name for another size": "n = X.shape[1]\nleft = Sequential([Input((n,)), Dense(8)])\nn = Z.shape[1]\n"
    f"right = Sequential([Input((n,)), Dense(4)])\n{JOIN}model.fit([X, X], y)\n",
    "another dtype": BRANCHES.replace("Input((16,))", "Input((16,), dtype='int32')", 1) + "model.fit([X, X], y)\n",
    "another batch": BRANCHES.replace("Input((16,))", "Input(batch_shape=(2, 16))", 1) + "model.fit([X, X], y)\n",
    "one Input already": f"x = Input((16,))\n{BRANCHES.replace('Input((16,))', 'x')}model.fit([X, X], y)\n",
    "layers that are not known": BRANCHES.replace("Dense(8)", "*common").replace("Dense(4)", "*common")
    + "model.fit([X, X], y)\n",
    "given away": f"{BRANCHES}finish(left)\nmodel.fit([X, X], y)\n",
    "a layer that both hold": BRANCHES.replace("Dense(8)", "shared")
    .replace("Dense(4)", "shared")
    .join(["shared = Dense(8)\n", "model.fit([X, X], y)\n"]),
    "a layer that both hold, deeper": BRANCHES.replace("Dense(8)", "Sequential([shared])")
    .replace("Dense(4)", "Dense(16), shared")
    .join(["shared = Dense(8)\n", "model.fit([X, X], y)\n"]),
    "a layer behind both": BRANCHES.replace("left.outputs[0]", "shared(left.outputs[0])")
    .replace("right.outputs[0]", "shared(right.outputs[0])")
    .replace("Dense(4)", "Dense(8)")
    .join(["shared = Dense(8)\n", "model.fit([X, X], y)\n"]),
    "a layer in branches that are called": """
        a = Input((8,))
        b = Input((8,))
        shared = Dense(4)
        left = Sequential([Input((8,)), shared])
        right = Sequential([Input((8,)), shared])
        model = Model([a, b], concatenate([left(a), right(b)]))
        model.fit([X, X], y)
    """,
}


@pytest.mark.parametrize("run", runs(CASES | REFUSED))
class TestJoinedBranches(RuleCases):
    pass


@pytest.mark.parametrize("run", runs({name: Case(before) for name, before in QUIET.items()}))
def test_nothing_is_said(run: Run) -> None:
    assert [found.message for found in run.found(run.before)] == []


def test_an_input_that_reaches_no_output_is_found_behind_branches() -> None:
    program = IMPORTS + BRANCHES.replace("concatenate([left.outputs[0], right.outputs[0]])", "left.outputs[0]")
    (found,) = kerasfix.check(program)
    assert (found.code, program[found.start : found.end]) == ("KFX306", "right.inputs[0]")


@pytest.mark.keras
@given(program=joined_branch_programs())
@settings(max_examples=6, derandomize=True, phases=[Phase.generate])
def test_the_fix_computes_the_same_from_less(program: JoinedBranches) -> None:
    safe = kerasfix.fix(program.text).text
    fixed = kerasfix.fix(program.text, settings=Settings(unsafe_fixes=True))
    assert not fixed.remaining
    assert kerasfix.fix(safe, settings=Settings(unsafe_fixes=True)).text == fixed.text
    told = records(program.check(program.text, fixed.text))
    assert told["keras2"]["scopes"][0]["error"] is None
    told = records(program.check(safe, fixed.text))  # Keras 3 has no `.input` of what was not called
    assert {keras: told[keras]["scopes"][0]["error"] for keras in KERAS} == dict.fromkeys(KERAS)
