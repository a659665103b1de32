"""# What it does

Finds the first layer of a `Sequential` that also declares the model's input: by `input_shape`, `input_dim`,
`batch_input_shape`, `batch_shape`, `batch_size` or `input_length`.

# Why is this bad?

Such a layer does two things: it is an input and it computes something. Nothing else in the model can use that
input, and whoever replaces the first layer must remember to carry the shape over. An explicit `Input` draws the
line: what comes in stands in one place, and every layer is as easy to replace as any other.

Keras 2 accepts these arguments on any layer and reads them on the first. Keras 3 warns of two of them,

    UserWarning: Do not pass an `input_shape`/`input_dim` argument to a layer. When using Sequential models, prefer
    using an `Input(shape)` object as the first layer in the model instead.

and raises for the others, and for all of them on some layers (`SpatialDropout1D`, `Discretization`, lookups):

    ValueError: Unrecognized keyword arguments passed to LSTM: {'batch_input_shape': (32, 10, 3)}

`input_dim` of a recurrent layer means `(None, input_dim)`, with `input_length` it means `(input_length,
input_dim)`; Keras 3 reads it as `(input_dim,)` and refuses it. `Embedding(input_length=...)` is ignored by Keras
3.2 and later, which then leaves the model unbuilt; that release's advice to "just remove it" breaks Keras 2.

# Example

```python
from keras.layers import Dense
from keras.models import Sequential

model = Sequential()
model.add(Dense(32, activation="relu", input_shape=(784,)))
model.add(Dense(10, activation="softmax"))
```

# Use instead

```python
from keras.layers import Dense, Input
from keras.models import Sequential

model = Sequential()
model.add(Input(shape=(784,)))
model.add(Dense(32, activation="relu"))
model.add(Dense(10, activation="softmax"))
```

# Fix safety

The fix puts an `Input` first, there and in every enclosing `Sequential` that starts with this model, and brings it
in by the import that the layer came by. In Keras 3 the model is the same in every respect. In Keras 2 so it is but
for the automatic name of the input (`dense_input` becomes `input_1`); the fix is unsafe where the file seems to use
that name. It is also unsafe where the layer has another `dtype` than the default (Keras 2 gives it to the input,
Keras 3 does not), where the call unpacks `**kwargs`, where the layer is used a second time or the layers of some
model are put into another one, and for layer classes of the file itself that hand their keywords on to Keras. It is
shown but never applied where evaluating the value has effects, or where it might mean something else in the place
of the `Input`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.program import Layer, Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each layer that is first in every Sequential that it is put into."""
    for layer in program.layers:
        if is_first(layer) and not (layer.declaration and layer.declaration.repeats):
            yield first_layer_finding(RULE, program, layer, target)


def is_first(layer: Layer) -> bool:
    """Whether the layer declares an input and a Sequential begins with it."""
    from kerasfix.analysis.program import Standing

    return bool(layer.made.declares) and layer.standing is Standing.FIRST


def first_layer_finding(rule: Rule, program: Program, layer: Layer, target: Target) -> Diagnostic:
    """The finding on a first layer, with the fix that puts an Input in front of it."""
    from kerasfix.analysis.slots import Position
    from kerasfix.diagnostics import Applicability
    from kerasfix.fixes.declaring import declare_input, remove_declaration
    from kerasfix.rules.reporting import arguments_of, is_refused, report, severity_of

    name, arguments = layer.made.name, arguments_of(layer)
    node = layer.made.declares[0].node
    severity = severity_of(layer, target)
    if layer.declares_nothing:
        fix = remove_declaration(program, layer, Applicability.SAFE, f"Remove {arguments}, which declares nothing")
        return report(rule, program, node, f"{arguments} of `{name}` declares no input", severity, fix)
    message = f"`{name}` declares the input of the model by {arguments}"
    if target.keras3 and is_refused(layer):
        message += ", which Keras 3 refuses"
    if layer.declaration is None:
        return report(rule, program, node, message, severity, None, f"{arguments} alone says too little")
    proposed, doubt = declare_input(program, layer, layer.entries(Position.FIRST), target)
    return report(rule, program, node, message, severity, proposed, doubt)


RULE = Rule(
    code="KFX101",
    name="input-on-first-layer",
    summary="The first layer of a Sequential declares the model's input",
    keywords=INPUT_KEYWORDS,
    names=frozenset(),
    check=check,
    fixable="sometimes",
)
