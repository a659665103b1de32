"""KFX106, 110, 206, 207, 209 and 403: inputs and models, not layers; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from rig import Case, RuleCases, runs

KFX106 = {
    "an equal second Input": Case(
        """
        model = Sequential([Input((4,)), Input(shape=(4,)), Dense(8)])  # KFX106 error unsafe: Input(shape=(4,))
        """,
        """
        model = Sequential([Input((4,)), Dense(8)])
        """,
        says=(
            "This `Input` is not the first entry of its model",
            "(unsafe: Keras 2 counts it among the model's layers)",
        ),
    ),
    "for Keras 3 it is safe to remove it": Case(
        """
        model = Sequential([Input((4,)), Input(shape=(4,)), Dense(8)])  # KFX106 error safe: Input(shape=(4,))
        """,
        """
        model = Sequential([Input((4,)), Dense(8)])
        """,
        target="keras3",
    ),
    "for Keras 2 it is only useless": Case(
        """
        model = Sequential([Input((4,)), InputLayer((4,)), Dense(8)])  # KFX106 warning unsafe: InputLayer((4,))
        """,
        """
        model = Sequential([Input((4,)), Dense(8)])
        """,
        target="keras2",
    ),
    "another shape": Case(
        """
        model = Sequential([Input((4,)), Input((5,)), Dense(8)])  # KFX106 error none: Input((5,))
        """,
    ),
    "added": Case(
        """
        model = Sequential()
        model.add(Input((4,)))
        model.add(InputLayer((4,)))  # KFX106 error none: InputLayer((4,))
        """,
    ),
    "behind a layer": Case(
        """
        model = Sequential([Dense(8), Input((8,)), Dense(1)])  # KFX106 error none: Input((8,))
        """,
    ),
    "the output of a layer is no repetition": Case(
        """
        model = Sequential([Input((4,)), Dense(4), Input((4,))])  # KFX106 error unsafe: Input((4,))
        """,
        """
        model = Sequential([Input((4,)), Dense(4)])
        """,
    ),
    "first in two models": Case("x = Input((4,))\na, b = Sequential([x, Dense(8)]), Sequential([x, Dense(9)])\n"),
    "first or not": Case(
        """
        model = Sequential()
        if deep:
            model.add(Dense(8))
        model.add(Input((4,)))
        """
    ),
}

KFX110 = {
    "nothing declared": Case(
        """
        model = Sequential([Dense(8), Dense(1)])  # KFX110 warning none: Sequential([Dense(8), Dense(1)])
        """,
        says=("This Sequential declares no input, so that it is not built before it sees data",),
    ),
    "a later layer does not count": Case(
        """
        model = Sequential()  # KFX110 warning none: Sequential()
        model.add(Flatten())
        model.add(Dense(8, input_dim=4))  # KFX108 warning none: input_dim=4
        """,
    ),
    "of several models": Case(
        """
        one = Sequential([Dense(8)])
        two = Sequential([Input((4,)), one])
        three = Sequential([Dense(9)])
        three.build((None, 4))
        four = Sequential([Dense(9)])  # KFX110 warning none: Sequential([Dense(9)])
        four.fit(x, y)
        """,
    ),
}

KFX206 = {
    "input_shape": Case(
        """
        model = Sequential([InputLayer(input_shape=(4,)), Dense(8)])  # KFX206 warning safe: input_shape=(4,)
        """,
        """
        model = Sequential([Input(shape=(4,)), Dense(8)])
        """,
        says=("`input_shape` of `InputLayer` is deprecated in Keras 3", "Use `Input`, which every Keras takes"),
    ),
    "batch_input_shape": Case(
        """
        model = Sequential([
            InputLayer(batch_input_shape=(2, 4), name="x"),  # KFX206 warning safe: batch_input_shape=(2, 4)
            Dense(8),
        ])
        """,
        """
        model = Sequential([
            Input(batch_shape=(2, 4), name="x"),
            Dense(8),
        ])
        """,
        says=("`batch_input_shape` of `InputLayer` is no longer documented in Keras 3",),
    ),
    "shape": Case(
        """
        model = Sequential()
        model.add(InputLayer(shape=(4,), batch_size=2))  # KFX206 error safe: shape=(4,)
        """,
        """
        model = Sequential()
        model.add(Input(shape=(4,), batch_size=2))
        """,
        says=("`shape` of `InputLayer` is refused by Keras 2",),
    ),
    "batch_shape": Case(
        """
        model = Sequential([InputLayer(batch_shape=(2, 4)), Dense(8)])  # KFX206 error safe: batch_shape=(2, 4)
        """,
        """
        model = Sequential([Input(batch_shape=(2, 4)), Dense(8)])
        """,
        style="InputLayer",
    ),
    "Input and input_shape": Case(
        """
        inputs = Input(input_shape=(4,))  # KFX206 error safe: input_shape=(4,)
        """,
        """
        inputs = Input(shape=(4,))
        """,
        says=("`input_shape` of `Input` is refused by every Keras", "Use `shape`"),
    ),
    "Input and batch_input_shape": Case(
        """
        inputs = Input(batch_input_shape=(2, 4))  # KFX206 error safe: batch_input_shape=(2, 4)
        """,
        """
        inputs = Input(batch_shape=(2, 4))
        """,
        says=("`batch_input_shape` of `Input` is refused by Keras 3",),
    ),
    "for Keras 2 alone": Case(
        """
        inputs = Input(input_shape=(4,))  # KFX206 error safe: input_shape=(4,)
        model = Sequential([InputLayer(shape=(4,)), Dense(8)])  # KFX206 error safe: shape=(4,)
        """,
        """
        inputs = Input(shape=(4,))
        model = Sequential([Input(shape=(4,)), Dense(8)])
        """,
        target="keras2",
    ),
    "for Keras 3 alone": Case(
        """
        model = Sequential([InputLayer(input_shape=(4,)), Dense(8)])  # KFX206 warning safe: input_shape=(4,)
        """,
        """
        model = Sequential([Input(shape=(4,)), Dense(8)])
        """,
        target="keras3",
    ),
    "a layer that is used as one": Case(
        """
        start = InputLayer(input_shape=(4,))  # KFX206 warning none: input_shape=(4,)
        inputs = start.output
        """,
        says=("no fix: the `InputLayer` is used as a layer",),
    ),
    "a shape that is given twice": Case(
        """
        model = Sequential([InputLayer(input_shape=(4,), shape=(4,))])  # KFX206 warning none: input_shape=(4,)
        """,
        says=("no fix: the shape is given twice",),
    ),
    "a tensor decides": Case("model = Sequential([InputLayer(input_tensor=x, input_shape=(4,))])\n"),
    "what each Keras takes": Case("model = Sequential([InputLayer((4,)), Dense(8)])\ninputs = Input(shape=(4,))\n"),
    "what Keras 2 takes": Case(
        "inputs = InputLayer(input_shape=(4,)), InputLayer(batch_input_shape=(2, 4))\n"
        "more = Input(batch_input_shape=(2, 4))\n",
        target="keras2",
    ),
    "what Keras 3 takes": Case("inputs = InputLayer(shape=(4,)), InputLayer(batch_shape=(2, 4))\n", target="keras3"),
    "the style of InputLayer": Case("inputs = InputLayer(batch_input_shape=(2, 4))\n", style="InputLayer"),
}

KFX207 = {
    "a dtype": Case(
        """
        inputs = Input((4,), None, "float64")  # KFX207 warning unsafe: "float64"
        """,
        """
        inputs = Input((4,), None, dtype="float64")
        """,
        says=(
            "This argument of `Input` is `name` in Keras 2 and `dtype` in Keras 3",
            "Name it `dtype` (unsafe: Keras 2 and Keras 3 read it differently)",
        ),
    ),
    "a name": Case(
        """
        inputs = Input((4,), 2, "pixels")  # KFX207 warning unsafe: "pixels"
        """,
        """
        inputs = Input((4,), 2, name="pixels")
        """,
        says=("Name it `name`",),
    ),
    "a value that is not known": Case(
        """
        inputs = Input((4,), None, kind)  # KFX207 warning none: kind
        """,
    ),
    "not the last": Case(
        """
        inputs = Input((4,), None, "pixels", "float32")  # KFX207 warning none: "pixels"
        """,
    ),
    "a name that is given already": Case(
        """
        inputs = Input((4,), None, "pixels", name="x")  # KFX207 warning none: "pixels"
        """,
    ),
    "the first two mean the same": Case("inputs = Input((4,), 2), InputLayer((4,), 2, 'float32')\n"),
    "None means the same": Case("inputs = Input((4,), None, None, None)\n"),
    "unpacked": Case("inputs = Input((4,), *rest, 'pixels')\n"),
}

KFX209 = {
    "a typing error": Case(
        """
        model = Sequential([InputLayer((4,), btach_size=2)])  # KFX209 warning none: btach_size=2
        """,
        says=("`InputLayer` has no argument `btach_size`; Keras 3 ignores it without a word",),
    ),
    "the first of two": Case(
        """
        model = Sequential([InputLayer(shpae=(4,), input_dim=4)])  # KFX209 warning none: shpae=(4,)
        """,
        target="keras3",
    ),
    "Keras 2 speaks for itself": Case("model = Sequential([InputLayer((4,), btach_size=2)])\n", target="keras2"),
    "known": Case("inputs = InputLayer((4,), batch_size=2, dtype='float32', sparse=False, name='x', **options)\n"),
    "Input speaks for itself": Case("inputs = Input((4,), btach_size=2)\n"),
}

KFX403 = {
    "a name": Case(
        """
        model = Sequential([Input((4,)), Dense(8)], "digits")  # KFX403 error safe: "digits"
        """,
        """
        model = Sequential([Input((4,)), Dense(8)], name="digits")
        """,
        says=(
            "The second argument of `Sequential` is its name in Keras 2 and `trainable` in Keras 3",
            "Name it `name`",
        ),
    ),
    "no layers": Case(
        """
        model = Sequential(None, "digits")  # KFX403 error safe: "digits"
        """,
        """
        model = Sequential(None, name="digits")
        """,
    ),
    "a layer": Case(
        """
        model = Sequential(Dense(8))  # KFX403 error safe: Dense(8)
        """,
        """
        model = Sequential([Dense(8)])
        """,
        says=("`Sequential` takes a list of layers; Keras 3 refuses a single one", "Make it a list"),
    ),
    "a layer with a name, for Keras 2": Case(
        """
        model = Sequential(layers=Flatten(), name="x")  # KFX403 warning safe: layers=Flatten()
        """,
        """
        model = Sequential(layers=[Flatten()], name="x")
        """,
        target="keras2",
    ),
    "a model in the place of a list": Case(
        """
        inner = Sequential([Input((4,)), Dense(8)])
        model = Sequential(inner)  # KFX403 error safe: inner
        """,
        """
        inner = Sequential([Input((4,)), Dense(8)])
        model = Sequential([inner])
        """,
    ),
    "a layer that declares the input": Case(
        """
        model = Sequential(
            Dense(8, input_dim=4)  # KFX403 error safe: Dense(8, input_dim=4) | KFX101 warning safe: input_dim=4
        )
        """,
        """
        model = Sequential(
            [Input(shape=(4,)), Dense(8)]
        )
        """,
    ),
    "trainable": Case("model = Sequential([Dense(8)], False)\nother = Sequential([Dense(8)], name='digits')\n"),
    "a list or what may be one": Case("a, b, c = Sequential([]), Sequential(layers), Sequential((Dense(8),))\n"),
}


@pytest.mark.parametrize("run", runs(KFX106 | KFX110 | KFX206 | KFX207 | KFX209 | KFX403))
class TestInputs(RuleCases):
    pass
