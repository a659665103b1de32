"""# What it does

Finds branches of one model that are each a `Sequential` with an input of its own, where one shared `Input` is meant:

- called on one and the same `Input`, though the first layer of each declares the shape again:
  `concatenate([left(a), right(a)])`;
- joined by their `.input` and `.output`, which Keras 3 does not have before a model is called;
- joined by Keras 1's `Merge([left, right])` and fed the same array for each: `fit([X, X], y)`. `Merge` is in no Keras
  since 2.2; what is said of it comes from the source of Keras 1.

# Why is this bad?

What the branches have in common, the input, stands in the program as often as there are branches, and nothing says
that it is one. Whoever changes the shape must find every copy, and layers that are inputs too are harder to replace.

Keras 2 joins Sequentials by their attributes, to a model with an input for each of them. Keras 3 refuses it:

    AttributeError: The layer sequential has never been called and thus has no defined input.

`.inputs[0]` and `.outputs[0]` are the same tensors in Keras 2, and are there in Keras 3 too.

Such code is rare: in the 47 public repositories that kerasfix is tried on (some 6,000 files with Keras or TensorFlow),
the rule has three findings, all of them `Merge`.

# Example

```python
import keras
from keras import layers

left = keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8, activation="relu")])
right = keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8, activation="tanh")])
score = layers.Dense(1)(layers.concatenate([left.output, right.output]))
model = keras.Model([left.input, right.input], score)
```

# Use instead

```python
import keras
from keras import layers

left = keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8, activation="relu")])
right = keras.Sequential([keras.Input(shape=(16,)), layers.Dense(8, activation="tanh")])
score = layers.Dense(1)(layers.concatenate([left.outputs[0], right.outputs[0]]))
model = keras.Model([left.inputs[0], right.inputs[0]], score)
```

The model still has two inputs. If both are meant to be fed the same, put one `Input` first in both branches, as in
`x = keras.Input(shape=(16,))`, `left = keras.Sequential([x, ...])`, and make the model `keras.Model(x, score)`: saved
weights of every format still load, and what feeds the model gives it one array. Where the file shows that the model is
always fed the same, `model.fit([X, X], y)`, that is KFX302, whose fix makes this change too.

# Fix safety

The fix of `.input` and `.output` is safe: in Keras 2 the tensors are the same. There is none where the model is not
seen to declare its input.

The fix of branches that are called puts the shared tensor itself first in each of them, in the place of the declaring
arguments. Outputs are the same, and saved weights (`.weights.h5`, and Keras 2's `.h5`) load. It is unsafe because the
input of the branch is then that of the whole model, and keeps its name. There is none where the tensor is not
known by one name where the branch is made, where shape or dtype are not seen to be the same, or with
`input-style = "InputLayer"`, as Keras 2.3 and older take no tensor in a `Sequential`. The fix of KFX101 alone, an
`Input` in each branch, is right too, and ends the finding.

There is no fix for `Merge`. What takes its place is a functional model, in which the branches are joined by a layer:
other code may go on with the Sequential that begins with the merge, and as no Keras that has `Merge` can be installed,
nothing could show that both compute the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.rules.registry import INPUT_KEYWORDS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.analysis.branches import Branch
    from kerasfix.analysis.events import Read
    from kerasfix.analysis.program import Layer, Program
    from kerasfix.diagnostics import Diagnostic, Fix
    from kerasfix.target import Target


def check(program: Program, target: Target) -> Iterator[Diagnostic]:
    """A finding for each branch that is called, each read of a joined one, and each `Merge` of what is fed the same."""
    yield from _called(program, target)
    if target.keras3:
        yield from _joined(program)
    yield from _merged(program)


# --- branches that are called ----------------------------------------------------------------------------------


def _called(program: Program, target: Target) -> Iterator[Diagnostic]:
    from kerasfix.analysis.branches import repeating_branches
    from kerasfix.rules.reporting import arguments_of, report, severity_of

    repeating = repeating_branches(program)
    for layer in program.layers:
        branches = repeating.get(layer.node)
        if not branches:
            continue
        line = program.place(branches[0].input.node).line
        message = f"{arguments_of(layer)} of `{layer.made.name}` repeats the input that several branches share"
        fix, doubt = _shared_input(program, layer, branches, target)
        node = layer.made.declares[0].node
        yield report(RULE, program, node, f"{message} ({line})", severity_of(layer, target), fix, doubt)


def _shared_input(program: Program, layer: Layer, branches: list[Branch], target: Target) -> tuple[Fix | None, str]:
    """The fix that puts the shared tensor first in the branch."""
    from kerasfix.analysis.branches import is_plain
    from kerasfix.analysis.shapes import same
    from kerasfix.analysis.slots import Position
    from kerasfix.analysis.values import UNKNOWN_SHAPE
    from kerasfix.diagnostics import Applicability, Fix
    from kerasfix.fixes.declaring import insert_entry
    from kerasfix.fixes.edits import remove_arguments

    made, declared, uses = layer.made, layer.declaration, layer.entries(Position.FIRST)
    if target.input_style == "InputLayer":
        return None, "not every Keras takes a tensor in a `Sequential`"
    if len(layer.uses) != 1 or len(uses) != 1 or uses[0].insertion is None or uses[0].enclosing:
        return None, "there is no place for the tensor that is sure to be right"
    shapes = [(one.entry.declared_after or UNKNOWN_SHAPE, one.shared.shape) for one in branches]
    if declared is None or declared.disagrees or not all(same(own, shared) for own, shared in shapes):
        return None, "the shapes are not seen to be the same"
    if not is_plain(made):
        return None, "the layer may have more to say of its input"
    if not all(is_plain(one.input) for one in branches):
        return None, "the dtypes are not seen to be the same"
    names = [_names(one) for one in branches]
    name = next((name for name in sorted(names[0]) if all(name in others for others in names)), None)
    if name is None:
        return None, "the tensor has no name where the branch is made"
    declaring = [argument.node for argument in made.declares]
    edits = remove_arguments(program.positions, layer.node, declaring)
    edits += insert_entry(program, uses[0].insertion, name)
    return Fix(f"Put `{name}` itself first in the branch", Applicability.UNSAFE, tuple(sorted(edits))), "it is shared"


def _names(branch: Branch) -> frozenset[str]:
    """The names of the shared tensor where the branch gets its first layer."""
    insertion = branch.entry.insertion
    held = insertion.inputs.items() if insertion is not None else ()
    return frozenset(name for name, tensor in held if tensor is branch.shared)


# --- branches that are joined by their attributes --------------------------------------------------------------


def _joined(program: Program) -> Iterator[Diagnostic]:
    from kerasfix.analysis.branches import joined_reads
    from kerasfix.diagnostics import Applicability, Fix, Severity
    from kerasfix.fixes.edits import replace
    from kerasfix.rules.reporting import error_is_expected, report

    for node, reads in joined_reads(program).items():
        if error_is_expected(program, node):
            continue
        name = reads[0].name
        message = f"Branches are joined by `.{name}`, which Keras 3 does not have before the model is called"
        fix, doubt = None, "the model is not seen to declare its input"
        if all(_has_input(program, read) for read in reads):
            edit = replace(program.positions, node.attr, f"{name}s[0]")
            fix, doubt = Fix(f"Use `.{name}s[0]`", Applicability.SAFE, (edit,)), ""
        yield report(RULE, program, node, message, Severity.ERROR, fix, doubt)


def _has_input(program: Program, read: Read) -> bool:
    """Whether the model is sure to have an input by then: in Keras 2, or in both once KFX101 is mended."""
    from kerasfix.analysis.declaration import declaration
    from kerasfix.analysis.objects import InputObject, LayerObject, SequentialObject, Tensor
    from kerasfix.analysis.slots import Entry, Presence

    content = program.contents.get(read.owner) if isinstance(read.owner, SequentialObject) else None
    first = content.slots[0] if content is not None and content.slots else None
    if read.declared is None or not isinstance(first, Entry) or first.presence is not Presence.ONE:
        return False
    match first.value:
        case Tensor() | InputObject():
            return True
        case LayerObject(unpacks=False) as layer:
            return layer.is_keras and declaration(layer) is not None
    return False


# --- Keras 1 ---------------------------------------------------------------------------------------------------


def _merged(program: Program) -> Iterator[Diagnostic]:
    from kerasfix.analysis.keras_history import MERGE_MODES
    from kerasfix.analysis.merged_models import repeated_branches
    from kerasfix.analysis.values import Constant
    from kerasfix.diagnostics import Severity
    from kerasfix.fixes.statements import enclosing, in_test
    from kerasfix.rules.reporting import report

    reported = set()
    for merge, given in repeated_branches(program).items():
        if merge.node in reported or in_test(enclosing(program.positions, merge.node)):
            continue
        reported.add(merge.node)
        mode = merge.arguments.get("mode")
        written = str(mode.value.value) if mode is not None and isinstance(mode.value, Constant) else "sum"
        layer = MERGE_MODES.get(written, "a merging layer").rpartition(".")[2]
        message = (
            f"`Merge`, which only Keras 1 has, joins branches that `{given.method}` gives the same value "
            f"({program.place(given.node).line}); call both on one `Input`, and join them by `{layer}`"
        )
        yield report(RULE, program, merge.node, message, Severity.ERROR)


RULE = Rule(
    code="KFX303",
    name="branch-repeats-input",
    summary="Sequential branches over one input each have an input of their own",
    keywords=INPUT_KEYWORDS,
    names=frozenset({"output", "Merge"}),
    check=check,
    fixable="sometimes",
)
