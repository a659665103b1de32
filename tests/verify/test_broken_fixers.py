"""Fixes that would break a model, made on the command line: real Keras tells, and the file stays as it was.

The rules and their fixes are real; what they write is altered on its way to the file.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kerasfix import repair
from kerasfix.cli import main
from kerasfix.verify import session as sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from kerasfix.verify.session import Session

pytestmark = pytest.mark.keras

HEAD = """\
import keras
from keras import Model, Sequential
from keras.layers import LSTM, Concatenate, Conv2D, Dense, Embedding, Flatten, Input, concatenate

"""
IMAGES = "model = Sequential([Conv2D(2, 3, input_shape=(8, 9, 1)), Flatten(), Dense(2)])"
TWO = "small = Sequential([Dense(3), Dense(2)])\nmodel = Sequential([Dense(4, input_shape=(6,)), Dense(2)])"
BRANCHES = """\
x = Input((4,))
left, right = Dense(3, input_shape=(4,))(x), Dense(3)(x)
model = Model(x, concatenate([left, right]))"""
FROZEN = """\
first = Dense(4, input_shape=(6,))
first.trainable = False
model = Sequential([first, Dense(2, trainable=False)])"""


@dataclass(frozen=True)
class Broken:
    """A program, what is altered in its fixed text, and what the verdict says of it."""

    program: str
    altered: tuple[str, str]
    reason: str


BROKEN = {
    "order of dimensions": Broken(
        IMAGES, ("(8, 9, 1)", "(9, 8, 1)"), "input shape: [None, 8, 9, 1], now [None, 9, 8, 1]"
    ),
    "batch axis counted twice": Broken(IMAGES, ("(8, 9, 1)", "(None, 8, 9, 1)"), "refuses it now: ValueError"),
    "dropped dtype": Broken(
        "model = Sequential([Dense(4, input_shape=(6,)), Dense(2, dtype='float64')])",
        (", dtype='float64'", ""),
        "dtype of layer dense_1: ",
    ),
    "dropped dtype of the input": Broken(
        "x = Input((6,), dtype='int32')\nmodel = Model(x, Embedding(9, 2, input_length=6)(x))",
        (", dtype='int32'", ""),
        "input dtype: int32, now float32",
    ),
    "lost layer": Broken(
        IMAGES, ("Flatten(), ", ""), "layers: ['conv2d', 'flatten', 'dense'], now ['conv2d', 'dense']"
    ),
    "Input on the wrong model": Broken(
        TWO, ("Sequential([Input(shape=(6,)), Dense(4)", "Sequential([Dense(4)"), "is no longer built"
    ),
    "wrong batch size": Broken(
        "model = Sequential([Dense(4, batch_input_shape=(8, 6))])",
        ("batch_shape=(8, 6)", "batch_shape=(6, 6)"),
        "builds another model from the original: input shape: [8, 6], now [6, 6]",
    ),
    "lost batch size": Broken(
        "model = Sequential([LSTM(4, batch_input_shape=(8, 6, 3), stateful=True)])",
        ("batch_shape=(8, 6, 3)", "shape=(6, 3)"),
        "refuses it now: ValueError: If a RNN is stateful, it needs to know its batch size",
    ),
    "an argument deleted without its Input": Broken(IMAGES, ("Input(shape=(8, 9, 1)), ", ""), "is no longer built"),
    "the same, not built before by Keras 3": Broken(
        "model = Sequential([Embedding(9, 2, input_length=5), Flatten(), Dense(2)])",
        ("Input(shape=(5,)), ", ""),
        "refuses it now: ValueError: The last dimension of the inputs to a Dense layer should be defined",
    ),
    "the same, refused before by Keras 3": Broken(
        "model = Sequential([Dense(4, batch_input_shape=(8, 6))])",
        ("Input(batch_shape=(8, 6)), ", ""),
        "number of inputs: 1, now 0",
    ),
    "swapped branches": Broken(BRANCHES, ("[left, right]", "[right, left]"), "name of layer dense: dense, now dense_1"),
    "swapped inputs": Broken(
        "x, y = Input((4,)), Input((4,))\nmodel = Model([x, y], concatenate([Dense(3, input_shape=(4,))(x), y]))",
        ("Model([x, y]", "Model([y, x]"),
        "answer: ",
    ),
    "an Input too many": Broken(
        IMAGES, ("Flatten(), ", "Input(shape=(6, 7, 2)), Flatten(), "), "refuses it now: ValueError"
    ),
    "an Input too many in the graph": Broken(
        BRANCHES, ("model = Model(x,", "model = Model([x, Input((4,))],"), "number of inputs: 1, now 2"
    ),
    "thawed layer": Broken(FROZEN, (", trainable=False", ""), "trainable of layer dense_1: False, now True"),
    "thawed by statement": Broken(FROZEN, ("trainable = False", "trainable = True"), "trainable of layer dense: False"),
    "renamed layer": Broken(IMAGES, ("Conv2D(2, 3)", "Conv2D(2, 3, name='c')"), "name of layer conv2d: conv2d, now c"),
    "renamed input": Broken(
        "model = Sequential([Input((6,), name='words'), Dense(4, input_shape=(6,))])",
        (", name='words'", ""),
        "input name: words, now",
    ),
    "another activation": Broken(
        IMAGES, ("Dense(2)", "Dense(2, 'relu')"), "activation of layer dense: linear, now relu"
    ),
    "another model gone": Broken(TWO, ("small = Sequential([Dense(3), Dense(2)])", "small = None"), "2 models, now 1"),
    "code that is no longer followed": Broken(IMAGES, ("Flatten()", "flatten()"), "it can no longer be followed"),
}


@pytest.fixture
def check(tmp_path: Path, real_keras: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Result]:
    """Runs `kerasfix check --fix --verify` on a program, in the shared session."""
    monkeypatch.setattr(sessions, "Session", lambda answers: contextlib.nullcontext(real_keras))

    def run(program: str) -> Result:
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        options = ["--isolated", "--fix", "--verify", "--output-format=concise"]
        return CliRunner().invoke(main, ["check", *options, str(tmp_path / "program.py")])

    return run


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_fixer_is_caught(
    case: str, check: Callable[[str], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BROKEN[case]
    fix = repair.fix_document
    altered = []

    def sabotaged(*arguments: object) -> repair.FixResult:
        result = fix(*arguments)  # type: ignore[arg-type]
        assert broken.altered[0] in result.text
        altered.append(result.text.replace(*broken.altered))
        return replace(result, document=replace(result.document, text=altered[-1]))

    monkeypatch.setattr(repair, "fix_document", sabotaged)
    result = check(HEAD + broken.program)
    assert altered, "nothing was there to be fixed"
    assert ": different: " in result.stdout, result.output
    assert broken.reason in result.stdout, result.output
    assert "its fix was withdrawn" in result.stdout
    assert (tmp_path / "program.py").read_bytes() == (HEAD + broken.program).encode()
    assert result.exit_code == 1


@pytest.mark.parametrize("program", sorted({broken.program for broken in BROKEN.values()}))
def test_the_honest_fixer_is_not(program: str, check: Callable[[str], Result], tmp_path: Path) -> None:
    result = check(HEAD + program)
    assert "0 different, 0 not verifiable" in result.stdout, result.output
    assert not result.stdout.startswith("0 models")
    assert (tmp_path / "program.py").read_text(encoding="utf-8") != HEAD + program
    assert result.exit_code == 0
