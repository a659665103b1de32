"""# What it does

Finds a model that is fed one array for several inputs: `model.fit([X, X], y)`, `model.predict({"left": X, "right":
X})`. An input may also be that of a branch: a `Sequential` that is joined to others by `.inputs[0]` and `.outputs[0]`.

# Why is this bad?

Two inputs that always get the same are one input. Whoever uses the model has to know that the arrays must be equal;
nothing in the model says so, and nothing fails if they are not. With one `Input` that both branches begin with, the
model is fed once, and what is fed cannot disagree.

Models that are fed one array twice on purpose are not reported: where a layer or model is shared between the inputs, as
in a Siamese network, where they meet in an attention layer, where they differ in shape or dtype, where one is a state
that a recurrent layer begins with, or where the model is fed different arrays somewhere else.

This is rare in public code, and most programs that do it take after one of a few examples.

# Example

```python
import keras
import numpy as np
from keras import layers

left = keras.Input(shape=(8,))
right = keras.Input(shape=(8,))
joined = layers.concatenate([layers.Dense(4)(left), layers.Dense(4, activation="tanh")(right)])
model = keras.Model([left, right], layers.Dense(1)(joined))
model.compile("sgd", "mse")
X = np.zeros((32, 8))


def train(y):
    model.fit([X, X], y)
```

With branches that are Sequentials:

```python
import keras
import numpy as np
from keras import layers

left = keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8, activation="relu")])
right = keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8, activation="tanh")])
score = layers.Dense(1)(layers.concatenate([left.outputs[0], right.outputs[0]]))
model = keras.Model([left.inputs[0], right.inputs[0]], score)
model.compile("sgd", "mse")


def train(X, y):
    model.fit([X, X], y)
```

# Use instead

```python
import keras
import numpy as np
from keras import layers

left = keras.Input(shape=(8,))
joined = layers.concatenate([layers.Dense(4)(left), layers.Dense(4, activation="tanh")(left)])
model = keras.Model(left, layers.Dense(1)(joined))
model.compile("sgd", "mse")
X = np.zeros((32, 8))


def train(y):
    model.fit(X, y)
```

With branches that are Sequentials:

```python
import keras
import numpy as np
from keras import layers

x = keras.Input(shape=(16,))
left = keras.Sequential([x, layers.Dense(8, activation="relu")])
right = keras.Sequential([x, layers.Dense(8, activation="tanh")])
score = layers.Dense(1)(layers.concatenate([left.outputs[0], right.outputs[0]]))
model = keras.Model(x, score)
model.compile("sgd", "mse")


def train(X, y):
    model.fit(X, y)
```

# Fix safety

The fix gives the model one input, which all branches begin with, and shortens everything that the model is fed in the
file. The layers, their weights and what the model computes stay the same, and saved weights can still be loaded. It is
unsafe, as the model then takes one array less, which other files have to know, and has one layer less in
`model.layers`. There is no fix where not every feed of the model can be seen, where the model is passed on, returned or
saved, or where another model has one of the inputs.

Where branches are joined by their attributes, the fix declares one `Input` before the first of them, and puts it first
into each, in the place of its own `Input` or of its first layer's declaring arguments. `.output`, which Keras 3 does
not have there, becomes `.outputs[0]`. With the input *inside* the branches saved weights can be loaded; calling the
branches on it would nest models, whose weights are saved in another way. There is no fix where a branch is used for
anything but to be joined, is not made in the same block as the others and kept in a variable of its own, or begins with
an input that is made elsewhere; none with `input-style = "InputLayer"` either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each feed that gives several inputs of a model one value."""
    from kerasfix.analysis.duplicates import declared_by, feeds_the_same, inputs_fed_the_same
    from kerasfix.analysis.feeding import declaring_node
    from kerasfix.diagnostics import Severity
    from kerasfix.fixes.one_input import with_one_input
    from kerasfix.rules.reporting import error_is_expected, places, report

    for model in program.models:
        every = [inputs_fed_the_same(program, made) for made in model.objects]
        if not every[0] or any(groups != every[0] for groups in every):
            continue
        fix, doubt = with_one_input(program, model, every[0], target)
        feeds = {given.argument: given for given in program.given if given.model in model.objects}
        for argument, given in feeds.items():
            repeated = [group for group in every[0] if feeds_the_same(program, given, *group[:2])]
            if repeated and not error_is_expected(program, argument):
                message = f"{len(repeated[0])} inputs of the model are given the same here, and wherever it is fed"
                made = [declared_by(program, model.made.inputs[place]) for place in repeated[0]]
                nodes = [declaring_node(one) for one in made if one is not None]
                related = places(program, *((node, "This input is one of them") for node in nodes))
                yield report(RULE, program, argument, message, Severity.WARNING, fix, doubt, related)


RULE = Rule(
    code="KFX302",
    name="duplicate-feed",
    summary="A model is fed the same array for several inputs",
    keywords=frozenset(),
    names=frozenset({"Model"}),
    check=check,
    fixable="sometimes",
)
