"""Which Keras the code is meant for, and which spelling of an input a fix writes.

Analysis, rules and configuration share this; it stands alone so that none of them needs another for it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class TargetKeras(str, enum.Enum):
    """The Keras versions that fixed code must run on: the values of the `target` setting."""

    BOTH = "both"
    KERAS2 = "keras2"
    KERAS3 = "keras3"


class InputStyle(str, enum.Enum):
    """How a fix declares an input: the values of the `input-style` setting."""

    INPUT = "Input"
    INPUT_LAYER = "InputLayer"


@dataclass(frozen=True, slots=True)
class Target:
    """What rules need to know of it: is Keras 2 meant, is Keras 3, what does a fix write."""

    keras2: bool = True
    keras3: bool = True
    input_style: str = InputStyle.INPUT.value

    @classmethod
    def of(cls, keras: TargetKeras, style: InputStyle = InputStyle.INPUT) -> Target:
        """The target that the settings `target` and `input-style` name."""
        return cls(
            keras2=keras is not TargetKeras.KERAS3,
            keras3=keras is not TargetKeras.KERAS2,
            input_style=style.value,
        )
