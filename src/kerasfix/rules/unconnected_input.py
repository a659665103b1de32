"""# What it does

Finds an input of a model that no output is computed from, and an `Input` that an output is computed from but that is
not among the inputs of the model.

# Why is this bad?

An input without effect has to be fed all the same, and what is fed makes no difference: mostly a branch was built on
another tensor than was meant. Keras 3.10 to 3.13 refuse such a model ("`inputs` not connected to `outputs`"); other
versions build it without a word.

Where an input is missing, Keras 2 refuses the model:

    ValueError: Graph disconnected: cannot obtain value for tensor

So does Keras 3 since 3.10; its earlier versions build another model than was written.

    ValueError: Output with path `` is not connected to `inputs`

A model is only looked at where every layer and function on the way is known. A `Lambda` or a layer of the program's own
may use a tensor that it is not given, and `add_loss` and `add_metric` may be what an input is for: then nothing is
said of inputs without effect.

# Example

```python
import keras
from keras import layers

words = keras.Input(shape=(100,))
prices = keras.Input(shape=(4,))
hidden = layers.Dense(8)(words)
joined = layers.concatenate([hidden, layers.Dense(8)(words)])
model = keras.Model([words, prices], layers.Dense(1)(joined))
```

# Fix safety

There is no fix: the branch may have to begin with the other input, or the input may have to go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerasfix.rules.registry import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.connections import Connections
    from kerasfix.analysis.objects import InputObject
    from kerasfix.analysis.program import FunctionalModel, Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target

_OTHER_USES = re.compile(r"\.add_(loss|metric)\b")


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each model with such an input each time that it is made."""
    from kerasfix.analysis.connections import connections
    from kerasfix.analysis.objects import Tensor
    from kerasfix.rules.reporting import error_is_expected

    for model in program.models:
        every = [connections(made) for made in model.objects]
        usable = all(one.known and all(isinstance(i, Tensor) for i in one.inputs) for one in every)
        if not usable or not model.made.inputs or error_is_expected(program, model.made.node):
            continue
        missing = [_not_among_inputs(one) for one in every]
        if all(missing):
            yield _missing(program, model, missing[0][0])
        elif all(one.closed for one in every) and not _OTHER_USES.search(program.text):
            yield from _without_effect(program, model, every)


def _without_effect(program: Program, model: FunctionalModel, every: list[Connections]) -> Iterator[Diagnostic]:
    from kerasfix.analysis.feeding import inputs_of, nodes_for
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import report

    argument = model.made.inputs_argument
    if argument is None:
        return
    written = nodes_for(inputs_of(program, model.made), argument.node)
    for place, tensor in enumerate(model.made.inputs):
        idle = all(len(one.inputs) > place and one.inputs[place] not in one.reached for one in every)
        if idle and tensor not in model.made.inputs[:place]:
            node = written[place].value if written is not None else argument.node
            yield report(RULE, program, node, "No output of the model is computed from this input", Severity.WARNING)


def _missing(program: Program, model: FunctionalModel, made: InputObject) -> Diagnostic:
    from kerasfix.diagnostics import Severity
    from kerasfix.rules.reporting import places, report

    argument = model.made.inputs_argument
    line = program.place(made.node).line
    message = f"The outputs are computed from the `Input` in {line}, which is not among the inputs of the model"
    related = places(program, (made.node, "This input is missing"))
    node = argument.node if argument is not None else model.made.node
    return report(RULE, program, node, message, Severity.ERROR, related=related)


def _not_among_inputs(one: Connections) -> list[InputObject]:
    from kerasfix.analysis.objects import InputObject

    outside = one.reached - {*one.inputs}
    return [made for tensor in one.tensors if tensor in outside and isinstance(made := tensor.source, InputObject)]


RULE = Rule(
    code="KFX306",
    name="unconnected-input",
    summary="An input of a model that reaches no output, or one that is missing among them",
    keywords=frozenset(),
    names=frozenset({"Model"}),
    check=check,
)
