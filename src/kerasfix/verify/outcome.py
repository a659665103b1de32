"""What comes of a plan in one Keras. Runs in the worker's child process only."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

from kerasfix.verify.building import Builder, NotAllowed
from kerasfix.verify.description import call_with_weights_set, call_without_weights, describe, is_exhausted, note_steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from kerasfix.verify.description import Call
    from kerasfix.verify.records import InputSpec

INPUT_WARNINGS = ("`input_shape`/`input_dim`", "Argument `input_shape` is deprecated", "Argument `input_length`")
NEEDS_VALUES = "stateless scope"
"""In the message of a layer that makes a weight only when it is called, as a stateful LSTM does."""


def outcomes(keras: Any, plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record of the model that a plan makes, or the error that Keras raises and at which step.

    The record comes without the model's answers first, which some models take too much time or memory to give.
    In Keras 3's stateless scope a weight has a shape and no values, so that a model of any size can be built.
    """
    if hasattr(keras, "StatelessScope"):
        for found in _outcomes(keras, plan, keras.StatelessScope(initialize_variables=False), call_without_weights):
            if NEEDS_VALUES in (found.get("error") or found.get("record", {}).get("refusal") or ""):
                break
            yield found
        else:
            return
    yield from _outcomes(keras, plan, contextlib.nullcontext(), call_with_weights_set)


def _outcomes(
    keras: Any, plan: dict[str, Any], scope: AbstractContextManager[Any], call: Call
) -> Iterator[dict[str, Any]]:
    forget_names(keras)
    keras.backend.set_image_data_format(plan["data_format"])
    keras.utils.set_random_seed(0)
    builder = Builder(keras)
    with warnings.catch_warnings(record=True) as caught, scope:
        warnings.simplefilter("always")
        try:
            model = builder.build(plan["steps"])
            for each in (answer_nothing, call):
                record = describe(model, "", plan["feed"], each)
                note_steps(record, model, builder.made)
                texts = [str(warning.message) for warning in caught]
                told = [text for text in texts if any(part in text for part in INPUT_WARNINGS)]
                yield {"record": record, "warnings": told}
        except NotAllowed as error:
            yield {"failure": str(error)}
        except RecursionError:
            yield {"failure": "it is nested too deeply"}
        except Exception as error:
            if is_exhausted(error):
                yield {"failure": "it needs too much memory"}
            else:
                text = f"{type(error).__name__}: {' '.join(str(error).split())}"[:1000]
                yield {"error": text, "step": builder.at}


def forget_names(keras: Any) -> None:
    """Lets automatic names be counted from the start again."""
    if keras.__version__.startswith("2."):
        keras.backend.clear_session()
    else:
        keras.backend.clear_session(free_memory=False)  # collecting garbage takes longer than building a model


def answer_nothing(model: Any, specs: list[InputSpec]) -> None:
    """Stands for asking a model."""
