"""Every code that kerasfix can report, in order, and where its rule is.

A rule is a module of this package with a `RULE`; its docstring is the rule's documentation. The modules are
imported when the rules are first asked for. Neither they nor this module import LibCST, so that codes,
names and trigger words are there for a file that never gets as far as being analysed.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kerasfix.analysis.program import Program
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.target import Target

Check: TypeAlias = "Callable[[Program, Target], Iterator[Diagnostic]]"
Fixable: TypeAlias = Literal["always", "sometimes", "never"]

INPUT_KEYWORDS = frozenset(
    {"input_shape", "input_dim", "batch_input_shape", "batch_shape", "batch_size", "input_length"}
)
"""The keywords by which a layer declares an input; the same set as in `analysis.keras_api`."""

TENSOR_ARGUMENTS = ("input_tensor", "tensor")
"""The arguments by which `InputLayer` and `Input` take a tensor that is there; as in `analysis.keras_api`."""

RULE_MODULES: tuple[str, ...] = (
    "input_on_first_layer",
    "repeated_input_shape",
    "contradictory_input_shape",
    "input_shape_in_functional_call",
    "input_shape_inside_wrapper",
    "misplaced_input",
    "input_declared_on_detached_layer",
    "late_input_shape",
    "conflicting_input_arguments",
    "missing_input",
    "batch_dimension_in_shape",
    "inconsistent_batch_size",
    "missing_batch_dimension",
    "scalar_shape",
    "shape_beside_tensor",
    "deprecated_input_layer_argument",
    "positional_input_argument",
    "stateful_without_batch_size",
    "unknown_input_layer_argument",
    "input_rank_mismatch",
    "input_layer_around_tensor",
    "contradictory_build",
    "feed_shape_mismatch",
    "duplicate_model_input",
    "duplicate_feed",
    "branch_repeats_input",
    "identity_layer_for_sharing",
    "raw_tensor_shared",
    "unconnected_input",
    "weights_argument",
    "removed_input_attribute",
    "sequential_arguments",
)
"""The modules of `kerasfix.rules` that define a `RULE`, in the order of their codes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code: what it is called, what makes it possible in a file, and the function that looks for it.

    A file can only have a finding of the rule if it has a call with one of `keywords` as a keyword
    argument, or a mention of one of `names` (a class or function of Keras, by the last part of its name).
    `documentation` is the module's docstring; the registry fills it in. A rule with `default=False` is on
    only when its own code, a prefix that names little else, or ALL is selected.
    """

    code: str
    name: str
    summary: str
    keywords: frozenset[str]
    names: frozenset[str]
    check: Check
    documentation: str = ""
    default: bool = True
    fixable: Fixable = "never"

    @property
    def triggers(self) -> frozenset[str]:
        """The words of which a file must hold one to have a finding of this rule."""
        return self.keywords | self.names


@functools.cache
def rules() -> tuple[Rule, ...]:
    """The rules that look at a `Program`, in the order of their codes."""
    found = []
    for name in RULE_MODULES:
        module = importlib.import_module(f"kerasfix.rules.{name}")
        rule: Rule = module.RULE
        found.append(replace(rule, documentation=rule.documentation or inspect.cleandoc(module.__doc__ or "")))
    return tuple(found)


def every_code() -> tuple[Rule, ...]:
    """`rules()` and what kerasfix itself has to say, in the order of their codes."""
    own = (SYNTAX_ERROR, UNUSED_SUPPRESSION, MODEL_DOES_NOT_BUILD, INTERNAL_ERROR)
    return tuple(sorted((*rules(), *own), key=lambda rule: rule.code))


def find(code: str) -> Rule | None:
    """The rule of this code or name, whatever its case; None where there is none."""
    wanted = code.strip().upper()
    return next((rule for rule in every_code() if wanted in (rule.code, rule.name.upper())), None)


def _reported_elsewhere(program: Program, target: Target) -> Iterator[Diagnostic]:
    """The check of a code that does not come from a `Program`."""
    return iter(())


SYNTAX_ERROR = Rule(
    code="KFX000",
    name="syntax-error",
    summary="The file could use Keras, but it is not valid Python",
    keywords=frozenset(),
    names=frozenset(),
    check=_reported_elsewhere,
    documentation="""\
# What it does

Reports a file that mentions Keras and one of the words that the enabled rules look for, and that Python
cannot parse.

# Why is this bad?

Nothing in such a file is checked. kerasfix reads the grammar of the Python that it runs on: a file for a
newer Python needs kerasfix to run on that Python, and a Python 2 file needs to be converted first (the
message says so where it can be told). The other files are still checked, and kerasfix exits with status 2.

Files that cannot be repaired are best left out with `exclude`, or with `per-file-ignores` and this code.
""",
)

UNUSED_SUPPRESSION = Rule(
    code="KFX900",
    name="unused-suppression",
    summary="A suppression comment names a kerasfix code that is not found on its line",
    keywords=frozenset(),
    names=frozenset(),
    check=_reported_elsewhere,
    default=False,
    documentation="""\
# What it does

Reports `# noqa: KFX...` and `# kerasfix: ignore` comments that suppress nothing. A bare `# noqa` may be
meant for another tool and is never reported; nor are codes of rules that are not enabled.

# Why is this bad?

A suppression that is no longer needed hides the next finding on its line.

# Example

```python
import keras

model = keras.Sequential([keras.Input(shape=(784,)), keras.layers.Dense(32)])  # noqa: KFX101
```

# Use instead

```python
import keras

model = keras.Sequential([keras.Input(shape=(784,)), keras.layers.Dense(32)])
```

This rule is off by default; select it by its code.
""",
)

MODEL_DOES_NOT_BUILD = Rule(
    code="KFX901",
    name="model-does-not-build",
    summary="Real Keras refuses a model as it is written (with --verify only)",
    keywords=frozenset(),
    names=frozenset({"Sequential", "Model"}),
    check=_reported_elsewhere,
    documentation="""\
# What it does

Reports a model that real Keras refuses to build, with Keras's own message, at the layer that raises. Only
`--verify` builds models, so only `kerasfix check --verify` reports this, with or without `--fix`. The Keras
that is asked is Keras 3, or tf_keras where the target is `keras2`.

# Why is this bad?

The program ends with that message when it comes to this line.

A model is only reported if all that Keras is given stands in the source: not one size or argument had to be
guessed, and no layer was stood in for. It is not reported inside `try` or `with pytest.raises(...)`, where
the refusal may be what is wanted, nor where another finding is on the call that Keras refuses, or tells of it.

# Example

```python
import keras

model = keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten(), keras.layers.Conv2D(32, 3)])
```

At `Conv2D`, Keras 3 says that the input "is incompatible with the layer: expected min_ndim=4, found ndim=2.
Full shape received: (None, 784)".
""",
)

INTERNAL_ERROR = Rule(
    code="KFX999",
    name="internal-error",
    summary="kerasfix itself failed on this file",
    keywords=frozenset(),
    names=frozenset(),
    check=_reported_elsewhere,
    documentation="""\
# What it does

Reports that the analysis, one of the rules or one of the fixes failed on a file. The message names the
exception and, where one rule failed, its code. The other rules and the other files are still checked, and
kerasfix exits with status 2.

# Why is this bad?

It is a bug of kerasfix, and this file may have findings that are not shown. Please report it with the file,
or with the part of it at the place given.
""",
)

FAILURES = frozenset({SYNTAX_ERROR.code, INTERNAL_ERROR.code})
"""Not matters of one line: no comment on a line and no baseline hides them, and they make the exit status 2."""
