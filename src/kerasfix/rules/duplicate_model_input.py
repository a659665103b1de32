"""# What it does

Finds a tensor that is among the inputs of a model twice: `Model([x, x], ...)`.

# Why is this bad?

Keras 2 refuses it:

    ValueError: The list of inputs passed to the model contains the same input multiple times. All inputs should only
    appear once.

Keras 3 says nothing. The model is built, trains and is saved, and takes two arrays; but there is one input, and it is
given the last of them. The arrays before it are never looked at:

```python
model = keras.Model([x, x], x)
model.predict([np.zeros((1, 2)), np.ones((1, 2))])  # gives ones
```

Few programs do this, and those that do cannot be told from right ones by what they print.

# Example

```python
import keras
from keras import layers

x = keras.Input(shape=(8,))
joined = layers.concatenate([layers.Dense(4)(x), layers.Dense(4, activation="tanh")(x)])
model = keras.Model([x, x], layers.Dense(1)(joined))
```

# Use instead

```python
import keras
from keras import layers

x = keras.Input(shape=(8,))
joined = layers.concatenate([layers.Dense(4)(x), layers.Dense(4, activation="tanh")(x)])
model = keras.Model(x, layers.Dense(1)(joined))
```

# Fix safety

The fix leaves the input once, and shortens everything that the model is fed in the file in the same way. It is unsafe,
as the model then takes one array less, which other files have to know. There is no fix where the arrays that are fed
differ (which is meant is not known), where not every feed can be seen, or where the model is passed on, returned or
saved.
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
    """A finding for each model that has an input twice each time that it is made."""
    from kerasfix.analysis.duplicates import feeds_the_same, repeated_inputs
    from kerasfix.diagnostics import Severity
    from kerasfix.fixes.one_input import with_one_input
    from kerasfix.rules.reporting import error_is_expected, report

    for model in program.models:
        groups = repeated_inputs(model.made)
        inputs = model.made.inputs_argument
        if not groups or inputs is None or not all(map(repeated_inputs, model.objects)):
            continue
        if error_is_expected(program, model.made.node):
            continue
        feeds = [given for given in program.given if given.model is model.made]
        pairs = [(group[0], other) for group in groups for other in group[1:]]
        if all(feeds_the_same(program, given, *pair) for given in feeds for pair in pairs):
            fix, doubt = with_one_input(program, model, groups, target)
        else:
            fix, doubt = None, "what it is fed differs, and Keras 3 looks at the last only"
        who = "Keras 3 gives it the last of the arrays that are fed" if target.keras3 else "Keras 2 refuses it"
        message = f"The model has the same input {_times(len(groups[0]))}; {who}"
        yield report(RULE, program, inputs.node, message, Severity.ERROR, fix, doubt)


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


RULE = Rule(
    code="KFX301",
    name="duplicate-model-input",
    summary="A tensor is among the inputs of a model twice",
    keywords=frozenset(),
    names=frozenset({"Model"}),
    check=check,
    fixable="sometimes",
)
