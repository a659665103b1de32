from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import kerasfix
from kerasfix.cli import main
from kerasfix.rules import registry
from kerasfix.source.document import Document
from kerasfix.target import Target
from kerasfix.verify.refusals import refused_models

if TYPE_CHECKING:
    from kerasfix.verify.session import Session

pytestmark = pytest.mark.keras

IMPORTS = "import keras\nfrom keras import Input, Model, Sequential\nfrom keras.layers import *\n"
SHORT = "Sequential([Input(shape=(28, 28)), Flatten(), Conv2D(32, 3)])"


def refused(text: str, session: Session, target: Target | None = None) -> list[tuple[str, str]]:
    """The code at which Keras refuses models of a text, with its message."""
    document = Document("model.py", text)
    found = refused_models(document, kerasfix.check(text), target or Target(), session)
    return [(text[one.start : one.end], one.message) for one in found]


@pytest.mark.parametrize(
    ("program", "place", "message"),
    [
        (f"model = {SHORT}", "Conv2D(32, 3)", "expected min_ndim=4, found ndim=2"),
        (
            "model = Sequential()\nmodel.add(Input(shape=(8, 2)))\nmodel.add(LSTM(3))\nmodel.add(LSTM(4))\n",
            "LSTM(4)",
            "expected ndim=3, found ndim=2",
        ),
        (
            "a = Input(shape=(3, 2))\nb = LSTM(3)(a)\nc = GRU(3)(b)\nmodel = Model(a, c)",
            "GRU(3)(b)",
            "expected ndim=3, found ndim=2",
        ),
        ("model = Sequential([Input(shape=(3,)), Dense(-1)])", "Dense(-1)", "positive integer"),
        ("model = Sequential([Input(shape=(8, 8, 1)), Conv2D(4, 9)])", "Conv2D(4, 9)", "zero or negative"),
    ],
)
def test_the_place_is_the_layer_that_keras_does_not_take(
    program: str, place: str, message: str, real_keras: Session
) -> None:
    ((found, told),) = refused(IMPORTS + program, real_keras)
    assert found == place
    assert told.startswith(f"Keras {real_keras.versions['keras3']} refuses this model: ValueError: ")
    assert message in told


@pytest.mark.parametrize(
    "program",
    [
        "model = Sequential([Input(shape=(28, 28, 1)), Conv2D(32, 3)])",
        # of the other order of axes
        "model = Sequential([Input(shape=(3, 8, 8)), Conv2D(4, 5)])",
        # something is not known, or not of Keras
        "model = Sequential([Input(shape=(n, 28)), Conv2D(32, 3)])",
        "model = Sequential([Input(shape=(28, 28)), Mine(), Conv2D(32, 3)])",
        "model = Sequential([Input(shape=(28, 28)), Dropout(0.1, **more), Conv2D(32, 3)])",
        # a weight that is made when the layer is called
        "model = Sequential([Input(batch_shape=(8, 6, 3)), LSTM(4, stateful=True)])",
        # which way the program takes is not known
        "a = b = Input(shape=(4, 3))\nfor i in range(n):\n    b = Flatten()(b)\nmodel = Model(a, Conv2D(2, 3)(b))",
        "model = Sequential([Input(shape=(28, 28) if flat else (28, 28, 1)), Conv2D(32, 3)])",
        # the error is wanted
        f"try:\n    model = {SHORT}\nexcept ValueError:\n    pass",
        f"with pytest.raises(ValueError):\n    model = {SHORT}",
        f"with self.assertRaises(ValueError):\n    model = {SHORT}",
        f"@unittest.skip('no')\ndef test():\n    model = {SHORT}\n",
        # another finding explains it
        "a, b = Input((3,)), Input((3,))\nmodel = Model(a, Dense(2)(b))",
        "model = Sequential([LSTM(3, batch_input_shape=(2, 3, 4))])",
        "model = Sequential([Input(shape=4), Dense(3)])",
        # one that stands elsewhere, but tells of the layer
        "model = Sequential([Input(shape=(28, 28)), Dropout(0.1), Conv2D(32, 3)])",
        # suppressed models are for the command to leave out, models that are not built are no models
        "model = Sequential([Conv2D(32, 3), LSTM(3)])",
        "import torch",
        "def",
    ],
)
def test_nothing_is_reported_where_it_might_be_wrong(program: str, real_keras: Session) -> None:
    assert refused(IMPORTS + program, real_keras) == []


def test_the_target_says_which_keras_is_asked(real_keras: Session) -> None:
    program = IMPORTS + "model = Sequential([Input(shape=(3, 4)), SimpleRNN(2, time_major=True)])"
    assert refused(program, real_keras, Target(keras2=True, keras3=False)) == []
    ((place, message),) = refused(program, real_keras)
    assert place == "SimpleRNN(2, time_major=True)"
    assert "time_major" in message


def test_a_message_for_a_terminal_is_plain(real_keras: Session) -> None:
    program = "model = Sequential([Input(shape=(3, 1, 4)), MaxPooling2D()])"
    ((_, message),) = refused(IMPORTS + program, real_keras)
    assert "MaxPooling2D.call(). Computed output size would be zero or negative" in message


def test_a_long_message_is_shortened(real_keras: Session) -> None:
    name = "x" * 2000
    ((_, message),) = refused(
        IMPORTS + f"model = Sequential([Input(shape=(3, 2)), LSTM(2), LSTM(3, name='{name}')])", real_keras
    )
    assert message.endswith("...") and len(message) < 500


class TestCommand:
    @pytest.fixture(autouse=True)
    def directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_only_with_verify(self) -> None:
        Path("a.py").write_text(f"{IMPORTS}model = {SHORT}\n", encoding="utf-8")
        assert CliRunner().invoke(main, ["check"]).exit_code == 0
        done = CliRunner().invoke(main, ["check", "--verify", "--output-format=concise"])
        assert done.exit_code == 1
        assert re.match(r"a\.py:4:\d+: KFX901 Keras 3[\d.]+ refuses this model: ValueError: ", done.stdout)
        assert "models:" not in done.stdout

    @pytest.mark.parametrize("options", [["--ignore=KFX901"], ["--select=KFX101"], ["--per-file-ignores=*.py:KFX9"]])
    def test_it_is_a_rule_like_others(self, options: list[str]) -> None:
        Path("a.py").write_text(f"{IMPORTS}model = {SHORT}\n", encoding="utf-8")
        assert CliRunner().invoke(main, ["check", "--verify", *options]).exit_code == 0

    def test_comments_suppress_it_and_are_of_use_without_verify_too(self) -> None:
        Path("a.py").write_text(f"{IMPORTS}model = {SHORT}  # noqa: KFX901\n", encoding="utf-8")
        for options in ([], ["--verify"]):
            assert CliRunner().invoke(main, ["check", "--extend-select=KFX900", *options]).exit_code == 0

    def test_beside_a_fix_it_is_told_of_the_fixed_text(self) -> None:
        text = f"{IMPORTS}a = Sequential([Dense(3, input_dim=4)])\nmodel = {SHORT}\n"
        Path("a.py").write_text(text, encoding="utf-8")
        done = CliRunner().invoke(main, ["check", "--fix", "--verify", "--output-format=concise"])
        assert "input_dim" not in Path("a.py").read_text(encoding="utf-8")
        assert done.stdout.startswith(f"a.py:5:{text.splitlines()[4].index('Conv2D') + 1}: KFX901 ")


def test_the_page_quotes_what_keras_says(real_keras: Session) -> None:
    page = registry.MODEL_DOES_NOT_BUILD.documentation
    program = page.split("```python\n")[1].split("```")[0]
    quoted = re.search(r'"([^"]*)"\.\n?\Z', " ".join(page.split()))
    ((place, message),) = refused(program, real_keras)
    assert place.startswith("keras.layers.Conv2D(")
    assert quoted is not None and quoted[1] in message
