"""KFX303, 304 and 305: branches over one input, identities to share, raw values; `rig.py` explains the cases."""

from __future__ import annotations

from random import Random
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from oracle import KERAS, records
from rig import Case, RuleCases, runs

import kerasfix
from kerasfix.config import Settings
from kerasfix.rules.selection import Selection
from kerasfix.verify.comparison import output_differences

if TYPE_CHECKING:
    from oracle import Keras

KFX303 = {
    "joined by attributes": Case(
        """
        a = Sequential([Input((4,)), Dense(3)])
        b = Sequential()
        b.add(Input((4,)))
        b.add(Dense(2))
        joined = concatenate([
            a.output,  # KFX303 error safe: a.output
            b.output,  # KFX303 error safe: b.output
        ])
        model = Model([
            a.input,  # KFX303 error safe: a.input
            b.input,  # KFX303 error safe: b.input
        ], Dense(1)(joined))
        """,
        """
        a = Sequential([Input((4,)), Dense(3)])
        b = Sequential()
        b.add(Input((4,)))
        b.add(Dense(2))
        joined = concatenate([
            a.outputs[0],
            b.outputs[0],
        ])
        model = Model([
            a.inputs[0],
            b.inputs[0],
        ], Dense(1)(joined))
        """,
        says=("Branches are joined by `.output`, which Keras 3 does not have before the model is called",),
    ),
    "outputs of one model, the layers made by a function": Case(
        """
        def branch(units):
            made = Sequential()
            made.add(Input((4,)))
            made.add(Dense(units))
            return made

        a, b = branch(2), branch(3)
        model = Model(a.inputs, [a.output, Dense(1)(
            b.output  # KFX303 error safe: b.output
        )])
        """.replace("a.inputs, [a.output", "a.inputs, [a.outputs[0]"),
        """
        def branch(units):
            made = Sequential()
            made.add(Input((4,)))
            made.add(Dense(units))
            return made

        a, b = branch(2), branch(3)
        model = Model(a.inputs, [a.outputs[0], Dense(1)(
            b.outputs[0]
        )])
        """,
    ),
    "a branch whose input is not known": Case(
        """
        a, b = Sequential([Dense(3)]), Sequential(layers)
        joined = concatenate([
            a.output,  # KFX303 error none: a.output
            b.output,  # KFX303 error none: b.output
        ])
        """,
        says=("no fix: the model is not seen to declare its input",),
    ),
    "Keras 2 has them": Case(
        """
        a, b = Sequential([Input((4,)), Dense(3)]), Sequential([Input((4,)), Dense(3)])
        joined = concatenate([a.output, b.output])
        """,
        target="keras2",
    ),
    "a model that was called has them": Case(
        """
        x = Input((4,))
        a, b = Sequential([Input((4,)), Dense(3)]), Sequential([Input((4,)), Dense(3)])
        a(x), b(x)
        joined = concatenate([a.output, b.output])
        """
    ),
    "one alone is no join": Case(
        """
        a = Sequential([Input((4,)), Dense(3)])
        b = Sequential([Input((4,)), Dense(3)])
        x = Input((4,))
        model = Model([b.inputs[0], x], concatenate([b.outputs[0], a(x)]))
        """
    ),
    "where an error is expected": Case(
        """
        a, b = Sequential([Input((4,)), Dense(3)]), Sequential([Input((4,)), Dense(3)])
        try:
            joined = concatenate([a.output, b.output])
        except AttributeError:
            joined = concatenate([a.outputs[0], b.outputs[0]])
        """
    ),
    "an input each is right": Case(
        """
        x = Input((4,))
        a, b = Sequential([Input((4,)), Dense(3)]), Sequential([Input((4,)), Dense(3)])
        model = Model(x, concatenate([a(x), b(x)]))
        """
    ),
}

KFX304 = {
    "shared by branches": Case(
        """
        x = Input((4,))
        h = Lambda(lambda t: t)(x)  # KFX304 warning unsafe: Lambda(lambda t: t)
        model = Model(x, concatenate([Dense(2)(h), Dense(3)(h)]))
        """,
        """
        x = Input((4,))
        h = x
        model = Model(x, concatenate([Dense(2)(h), Dense(3)(h)]))
        """,
        says=("the input itself can be shared by the layers that use it", "(unsafe: the model has one layer less)"),
    ),
    "several kinds": Case(
        """
        def network(size):
            x = Input((4, 4))
            a = Dropout(0.0)(x)  # KFX304 warning unsafe: Dropout(0.0)
            b = Reshape((4, 4))(x)  # KFX304 warning unsafe: Reshape((4, 4))
            left = [Dense(2)(a), Dense(size)(a)]
            return Model(x, concatenate(left + [Dense(2)(b), Dense(size)(b)]))

        network(3)
        network(5)
        """,
        """
        def network(size):
            x = Input((4, 4))
            a = x
            b = x
            left = [Dense(2)(a), Dense(size)(a)]
            return Model(x, concatenate(left + [Dense(2)(b), Dense(size)(b)]))

        network(3)
        network(5)
        """,
    ),
    "kept in a variable": Case(
        """
        x = Input((4,))
        same = Identity()  # KFX304 warning none: Identity()
        h = same(x)
        model = Model(x, concatenate([Dense(2)(h), Dense(3)(h)]))
        """,
        says=("no fix: it is kept in a variable",),
    ),
    "behind an Input": Case(
        """
        model = Sequential()
        model.add(Input((4,)))
        model.add(Identity())  # KFX304 warning unsafe: Identity()
        model.add(Dense(2))
        """,
        """
        model = Sequential()
        model.add(Input((4,)))
        model.add(Dense(2))
        """,
    ),
    "the only statement of a block": Case(
        """
        model = Sequential()
        model.add(Input((4,)))
        with scope():
            model.add(Identity())  # KFX304 warning none: Identity()
        model.add(Dense(2))
        """,
        says=("no fix: it does not stand by itself",),
    ),
    "of one use": Case(
        """
        x = Input((4,))
        h = Lambda(lambda t: t)(x)
        model = Model(x, Dense(2)(h))
        """
    ),
    "an output": Case(
        """
        x = Input((4,))
        h = Identity()(x)
        model = Model(x, [h, Dense(2)(h), Dense(3)(h)])
        """
    ),
    "of numbers that are cast": Case(
        """
        x = Input((4,), dtype="int32")
        h = Lambda(lambda t: t)(x)
        model = Model(x, concatenate([Dense(2)(h), Dense(3)(h)]))
        """
    ),
    "looked up": Case(
        """
        model = Sequential([Input((4,)), Lambda(lambda t: t), Dense(2)])
        model.layers[0].trainable = False
        """
    ),
    "its name is used": Case(
        """
        model = Sequential([Input((4,)), Lambda(lambda t: t, name="eyes"), Dense(2)])
        print("eyes")
        """
    ),
    "the whole model": Case("model = Sequential([Input((4,)), Identity()])\n"),
    "no identity": Case(
        """
        rate = 0
        a = Sequential([Input((4,)), Lambda(lambda t: t / 2), Dense(2)])
        b = Sequential([Input((4,)), Lambda(lambda t, u=2: t), Dense(2)])
        c = Sequential([Input((4, 2)), Reshape((2, 4)), Dense(2)])
        d = Sequential([Input((4,)), Dropout(rate), Dense(2)])
        e = Sequential([Input((4,)), Dropout(0.1), Dense(2)])
        f = Sequential([Input((4,)), Identity(dtype="float64"), Dense(2)])
        """
    ),
}

RUNS = runs(KFX303 | KFX304)


@pytest.mark.parametrize("run", RUNS)
class TestBranches(RuleCases):
    pass


# --- programs that more than one rule has to do with -----------------------------------------------------------

IMPORTS = """\
import numpy as np
import tensorflow as tf
from keras.layers import *
from keras.models import Model, Sequential
"""


def settings(*codes: str, unsafe: bool = False) -> Settings:
    """These rules alone, or all that are on by default."""
    return Settings(selections=(Selection(select=codes),) if codes else (), unsafe_fixes=unsafe)


def found(program: str, *codes: str) -> list[str]:
    """The text at which each finding of these rules stands."""
    text = IMPORTS + dedent(program)
    return [text[one.start : one.end] for one in kerasfix.check(text, settings=settings(*codes))]


def fixed(program: str, *, unsafe: bool) -> str:
    """What all fixes make of a program, which a second run leaves as it is."""
    text = kerasfix.fix(IMPORTS + dedent(program), settings=settings(unsafe=unsafe)).text
    assert kerasfix.fix(text, settings=settings(unsafe=unsafe)).text == text
    return text


TOWERS = """
    x = Input(shape=(6,))
    a = Sequential()
    a.add(Dense(4, activation="relu", input_shape=(6,)))
    b = Sequential([Dense(3, input_dim=6), Dense(2)])
    model = Model(x, concatenate([a(x), b(x)]))
"""


def test_branches_that_declare_the_input_again() -> None:
    assert found(TOWERS, "KFX303") == ["input_shape=(6,)", "input_dim=6"]
    safe = fixed(TOWERS, unsafe=False)
    assert "a.add(Input(shape=(6,)))" in safe and "[Input(shape=(6,)), Dense(3)" in safe
    assert not kerasfix.check(safe, settings=settings())
    unsafe = fixed(TOWERS, unsafe=True)
    assert "a.add(x)\n" in unsafe and "[x, Dense(3), Dense(2)]" in unsafe
    assert not kerasfix.check(unsafe, settings=settings())


WHY_NOT = {
    "made later": (TOWERS.replace("x = Input(shape=(6,))", "") + "    x = Input((6,))", 0),
    "another model": (TOWERS.replace("b(x)", "b(Input((6,)))"), 0),
    "trained by itself": (TOWERS + "    a.fit(data, labels)\n", 0),
    "shared by two inputs": (TOWERS.replace("b(x)", "a(Input((6,)))"), 0),
    "one branch twice": (TOWERS.replace("b(x)", "a(x)"), 0),
    "not joined": (TOWERS.replace("concatenate([a(x), b(x)])", "a(x)") + "    b(x)\n", 0),
}


@pytest.mark.parametrize("why", WHY_NOT)
def test_what_is_no_branch_over_one_input(why: str) -> None:
    program, expected = WHY_NOT[why]
    assert len(found(program, "KFX303")) == expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("x = Input(shape=(6,))", "x = Input(shape=shape)"), "the shapes are not seen to be the same"),
        (("x = Input(shape=(6,))", "x = Input((6,), dtype='int32')"), "the dtypes are not seen to be the same"),
        (("input_dim=6", "input_dim=6, dtype='float64'"), "the layer may have more to say of its input"),
    ],
)
def test_where_the_tensor_cannot_be_put_first(change: tuple[str, str], reason: str) -> None:
    text = IMPORTS + dedent(TOWERS.replace(*change))
    messages = [one.message for one in kerasfix.check(text, settings=settings("KFX303")) if one.fix is None]
    assert messages and all(reason in message for message in messages)


MERGED = """
    a, b = Sequential([LSTM(4, input_shape=(5, 2))]), Sequential([LSTM(4, input_shape=(5, 2))])
    c = Sequential([Dense(4, input_dim=3)])
    pair = Sequential([Merge([a, c], mode="sum"), Dense(2)])
    model = Sequential([Merge([pair, b], mode="concat"), Dense(1)])
    model.fit([X, Z, {}], y)
"""


@pytest.mark.parametrize(
    ("feed", "expected"), [("X", ['Merge([pair, b], mode="concat")']), ("Y", []), ("[X, Z, Y]", [])]
)
def test_merges_of_branches_that_are_fed_the_same(feed: str, expected: list[str]) -> None:
    assert found("    from keras.layers import Merge" + MERGED.format(feed), "KFX303") == expected


def test_a_feed_of_different_values_says_that_the_inputs_differ() -> None:
    program = MERGED.format("X") + "    model.predict([X, Z, V])\n"
    assert not found("    from keras.layers import Merge" + program, "KFX303")


def test_a_test_of_merge_is_no_program() -> None:
    program = "    from keras.layers import Merge" + MERGED.format("X")
    assert not found("def test_merge():\n" + program, "KFX303")


RAW = """
    signal = tf.zeros((8, 16))
    a = Dense(4, activation="relu")(signal)
    b = Sequential([Dense(3), Dense(2)])
    joined = concatenate([a, b(signal)])
    model = Model(signal, Dense(1)(joined))
"""


def test_a_raw_value_that_branches_share() -> None:
    assert found(RAW, "KFX305") == ["signal"]
    text = fixed(RAW, unsafe=True)
    assert "signal_input = Input(shape=(16,))\na = Dense(4" in text
    assert "b(signal_input)" in text and "Model(signal_input, " in text
    assert not kerasfix.check(text, settings=settings())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tf.zeros((8, 16))", "tf.compat.v1.placeholder(tf.int32, (None, 16))"),
        ("tf.zeros((8, 16))", "np.random.rand(8, 16)"),
        ("tf.zeros((8, 16))", "tf.constant([[1.0, 2.0]], dtype=tf.float32)"),
    ],
)
def test_values_of_other_makes(old: str, new: str) -> None:
    text = fixed(RAW.replace(old, new), unsafe=True)
    assert ('dtype="int32"' in text) is ("int32" in new)
    assert "signal_input = Input(shape=" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Model(signal, Dense(1)(joined))", "joined.numpy()"),
        ("tf.zeros((8, 16))", "np.array([[1, 2]])"),
        ("signal = ", "signal_input = signal = "),
    ],
)
def test_raw_values_without_a_fix(old: str, new: str) -> None:
    assert found(RAW.replace(old, new), "KFX305") == ["signal"]
    assert fixed(RAW.replace(old, new), unsafe=True) == IMPORTS + dedent(RAW.replace(old, new))


@pytest.mark.parametrize(
    "program",
    [
        "a, b = Sequential([Input((4,)), Dense(2)]), Sequential([Input((4,)), Dense(2)])\n"
        "x = np.zeros((2, 4))\nconcatenate([a(x), b(x)])\n",
        "x = np.zeros((2, 4))\nlayer = Dense(2)\nconcatenate([layer(x), layer(x)])\n",
        "x = np.zeros((2, 4))\nnp.concatenate([Dense(2)(x), Dense(2)(x)])\n",
        "def test_add():\n    x = np.zeros((2, 4))\n    Add()([Dense(2)(x), Dense(2)(x)])\n",
        "x = np.zeros((2, 4))\nwith tf.GradientTape() as tape:\n    y = add([Dense(2)(x), Dense(2)(x)])\n",
        "class Two(Model):\n    def call(self, x):\n        return add([Dense(2)(x), Dense(2)(x)])\n",
        "x, y = np.zeros((2, 4)), np.ones((2, 4))\nadd([Dense(2)(x), Dense(2)(y)])\n",
        "x = np.zeros((2, 4))\nconcatenate([RandomFlip()(x), Rescaling(2)(x)])\n",
    ],
)
def test_computing_on_data_is_right(program: str) -> None:
    assert found(program, "KFX305") == []


# --- what the models compute -----------------------------------------------------------------------------------


def outputs_differ(before: str, after: str, keras: tuple[Keras, ...] = KERAS) -> list[str]:
    """How what the last models of two programs compute differs: on the same data, with the same weights."""
    differences: list[str] = []
    old, new = records(before), records(after)
    for one in keras:
        models = [(found[one]["scopes"][0]["error"], found[one]["scopes"][0]["models"][-1]) for found in (old, new)]
        (refused, was), (error, now) = models
        assert refused is None and error is None, (one, refused, error)
        assert was["outputs"] and now["outputs"]
        assert [weight["shape"] for weight in was["weights"]] == [weight["shape"] for weight in now["weights"]]
        differences += output_differences(was["outputs"], now["outputs"])
    return differences


def generated(seed: int) -> tuple[str, tuple[Keras, ...]]:
    """A model of two to four branches over one input, in one of the ways that the rules mend, and who builds it."""
    random = Random(seed)
    way = random.choice(["called", "attributes", "identity", "first"])
    steps = random.choice([(), (random.randint(5, 8),)])
    shape = (*steps, random.randint(2, 5))
    recurrent = ["LSTM(3", "GRU(4, return_sequences=False", "Conv1D(2, 3, padding='same'"] if steps else []
    lines = [f"x = Input(shape={shape})"]
    identity = random.choice(["Lambda(lambda t: t)", f"Reshape({shape})", "Dropout(0)", "Activation('linear')"])
    ends = []
    for place in range(random.randint(2, 4)):
        first = random.choice(["Dense(3, activation='relu'", "Dense(units=4", *recurrent])
        rest = ["Flatten()", f"Dense({random.randint(1, 4)})"]
        if way == "identity":
            lines.append(f"t{place} = {rest[1]}({rest[0]}({first})(h)))")
            ends.append(f"t{place}")
            continue
        declared = f"input_shape={shape}" if steps or random.random() < 0.5 else f"input_dim={shape[0]}"
        parts = [f"{first}, {declared})", *rest]
        if way == "first":
            parts = [f"{identity[:-1]}, input_shape={shape})", f"{first})", *rest]
        if random.random() < 0.5:
            lines.append(f"b{place} = Sequential([{', '.join(parts)}])")
        else:
            lines += [f"b{place} = Sequential()", *(f"b{place}.add({part})" for part in parts)]
        ends.append(f"b{place}.output" if way == "attributes" else f"b{place}(x)")
    if way == "identity":
        lines.insert(1, f"h = {identity}(x)")
    inputs = f"[{', '.join(f'b{place}.input' for place in range(len(ends)))}]" if way == "attributes" else "x"
    lines.append(f"model = Model({inputs}, Dense(2)(concatenate([{', '.join(ends)}])))")
    return IMPORTS + "\n".join(lines) + "\n", ("keras2",) if way == "attributes" else KERAS


@pytest.mark.keras
@pytest.mark.parametrize("seed", range(24))
def test_the_fixed_model_computes_the_same(seed: int) -> None:
    before, keras = generated(seed)
    codes = {one.code for one in kerasfix.check(before, settings=settings())}
    assert codes & {"KFX303", "KFX304"}
    after = kerasfix.fix(before, settings=settings(unsafe=True)).text
    assert not kerasfix.check(after, settings=settings())
    assert outputs_differ(before, after, keras) == []
    assert records(after)["keras3"]["scopes"][0]["error"] is None
