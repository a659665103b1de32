"""Made-up Keras programs of any size, for measuring how the cost of a run grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = """\
import numpy as np
from keras.layers import Conv2D, Dense, Dropout, Flatten
from keras.models import Sequential
"""

_NETWORK = '''

def build_{n}(classes, rate=0.5):
    """Network number {n}: two convolutions and two dense layers."""
    model = Sequential()
    model.add(Conv2D({units}, (3, 3), activation="relu", input_shape=(28, 28, 1)))
    model.add(Conv2D(64, (3, 3), activation="relu"))
    model.add(Flatten())
    model.add(Dropout(rate))
    model.add(Dense(128, activation="relu"))
    model.add(Dense(classes, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


network_{n} = build_{n}(10)
history_{n} = network_{n}.fit(np.zeros((100, 28, 28, 1)), np.zeros((100, 10)), epochs=3)
print("loss", history_{n}.history["loss"][-1])
'''
"""Twenty lines with one finding."""


def large_file(findings: int) -> str:
    """A program with so many findings, and ten lines for each of them and more."""
    return _HEAD + "".join(_NETWORK.format(n=number, units=16 + number % 48) for number in range(findings))


def tree_of(folder: Path, files: int) -> None:
    """A folder of so many programs, each with five findings."""
    for number in range(files):
        path = folder / f"package{number // 50}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        networks = (_NETWORK.format(n=index, units=16 + (number + index) % 48) for index in range(5))
        path.write_text(_HEAD + "".join(networks))
