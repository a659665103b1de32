from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from kerasfix.cli import main
from kerasfix.cli import models as models_command
from kerasfix.verify import session

if TYPE_CHECKING:
    from click.testing import Result

TEXT = "from keras.layers import Dense\nfrom keras.models import Sequential\n\nmodel = Sequential()\n"
BAD = f"{TEXT}model.add(Dense(2, input_shape=(4,)))\n"
UNSAFE = f"{TEXT}model.add(Dense(2, input_shape=(4,)))\nmodel.add(Dense(2, input_shape=(3,)))\n"
PLAIN = f"{TEXT}model.add(Dense(2))\n"
TABLE = """\
a.py:4:9: Sequential `model`
  input declared by `input_shape` of `Dense` (line 5); 10 parameters
  layer      arrives    leaves     parameters  input by     findings
  Dense (2)  (None, 4)  (None, 2)          10  input_shape  KFX101

1 model in 1 file.
"""


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.py").write_text(text, encoding="utf-8")


def models(*arguments: str, input: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["models", *arguments], input=input)


def test_the_current_directory() -> None:
    write(a=BAD, b="import torch\n", c="import keras\n")
    result = models()
    assert (result.exit_code, result.stdout, result.stderr) == (0, TABLE, "")


def test_files_and_directories() -> None:
    write(a=BAD, b=PLAIN)
    assert models("b.py", "a.py").stdout.startswith("a.py:4:9:")
    assert models("b.py").stdout.startswith("b.py:4:9: Sequential `model`\n  input declared nowhere; ")


def test_stdin() -> None:
    assert models("-", input=BAD).stdout == TABLE.replace("a.py", "-")
    assert models("-", "--stdin-filename=b.py", input=BAD).stdout == TABLE.replace("a.py", "b.py")
    forced = models("-", "--stdin-filename=b.py", "--exclude=b.py", "--force-exclude", input=BAD)
    assert forced.stdout == "No models found.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "from keras import Sequential\nprint 'x'\n",
            "error: b.py:2:1: Missing parentheses in call to 'print'. Did you mean print",
        ),
        ("from keras import Sequential\n#\xff", "error: b.py: line 2 is not valid utf-8: invalid start byte\n"),
        ("from keras import Sequential\n#\0", "error: b.py: the file contains null bytes"),
        ("from keras import Sequential\nif a:\n        b\n\tc\n", "error: b.py:"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_shown(text: str, message: str) -> None:
    write(a=BAD)
    Path("b.py").write_bytes(text.encode("latin-1"))
    result = models()
    assert (result.exit_code, result.stdout) == (2, TABLE)
    assert result.stderr.startswith(message)


def test_a_file_that_cannot_have_models_is_not_looked_at() -> None:
    write(a="import keras\nprint 'x'\n", b="import torch\nSequential(\n")
    result = models()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "No models found.\n", "")


def test_a_ready_made_model_is_one() -> None:
    write(a="from tensorflow.keras import applications\nbase = applications.VGG16()\n")
    assert models().stdout.startswith("a.py:2:8: VGG16 `base`\n")


def test_what_is_not_there() -> None:
    result = models("missing.py")
    assert (result.exit_code, result.stderr) == (2, "error: missing.py: no such file or directory\n")
    assert models().stderr == "warning: no Python files or notebooks found\n"


def test_a_failure_of_ours_stays_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ValueError("no")

    write(a=BAD)
    monkeypatch.setattr("kerasfix.models.overview._Tables._of_model", fail)
    result = models()
    assert result.exit_code == 2
    assert result.stderr.startswith("error: a.py: its models could not be read: ValueError: no (")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output-format", "full"], "'full' is not one of 'text', 'json'"),
        (["--diagram", "dot"], "'dot' is not one of 'mermaid', 'svg'"),
        (["--diagram", "svg", "--output-format", "json"], "--diagram and --output-format exclude each other"),
        (["--isolated", "--config", "a.toml"], "exclude each other"),
        (["--config", "a.toml"], "error: a.toml: no such file or directory"),
        (["-", "a.py"], "stdin (-) cannot be checked together with other paths"),
        (["--output-file", "no/such/directory"], "error: no/such/directory: no such directory: no/such"),
    ],
)
def test_wrong_options(arguments: list[str], message: str) -> None:
    result = models(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_json() -> None:
    write(a=BAD)
    (record,) = json.loads(models("--output-format=json").stdout)
    assert record["filename"] == str(Path("a.py").absolute())
    assert record["layers"][0]["codes"] == ["KFX101"]


class TestDiagram:
    def test_svg_to_a_file(self) -> None:
        write(a=BAD)
        result = models("--diagram=svg", "--output-file=a.svg")
        assert (result.exit_code, result.stdout) == (0, "")
        texts = [element.text or "" for element in ElementTree.parse("a.svg").iter() if element.text]
        assert {"before, 10 parameters", "after, 10 parameters", "Input (shape=(4,))"} <= set(texts)
        assert Path("a.py").read_text(encoding="utf-8") == BAD

    def test_mermaid(self) -> None:
        write(a=BAD)
        assert 'Input (shape=(4,))<br/>(None, 4)"]:::added' in models("--diagram=mermaid").stdout

    def test_unsafe_fixes(self) -> None:
        write(a=UNSAFE)
        safe_only, all_fixes = models("--diagram=mermaid"), models("--diagram=mermaid", "--unsafe-fixes")
        assert safe_only.stdout.count("KFX103") == 2
        assert all_fixes.stdout.count("KFX103") == 1


class TestSettings:
    def test_the_project_says_what_is_looked_at(self) -> None:
        write(a=BAD, b=PLAIN)
        Path("pyproject.toml").write_text("[tool.kerasfix]\nexclude = ['b.py']\nignore = ['KFX101']\n")
        shown = models().stdout
        assert "b.py" not in shown and "KFX101" not in shown
        assert "b.py" in models("--isolated").stdout
        Path("other.toml").write_text("[tool.kerasfix]\nexclude = ['a.py']\n")
        assert models("--config=other.toml").stdout.startswith("b.py")

    def test_excluding(self) -> None:
        write(a=BAD, b=PLAIN)
        assert "a.py" not in models("--exclude=a.py").stdout
        assert "a.py" not in models("--extend-exclude=a.py").stdout
        assert "a.py" in models("--exclude=a.py", "a.py").stdout
        assert "a.py" not in models("--exclude=a.py", "--force-exclude", "a.py").stdout
        Path(".git").mkdir()
        Path(".gitignore").write_text("a.py\n")
        assert "a.py" not in models().stdout
        assert "a.py" in models("--no-respect-gitignore").stdout

    def test_the_target_decides_what_a_finding_is(self) -> None:
        write(a="import keras\nx = keras.layers.InputLayer(input_shape=(4,))\nm = keras.Sequential([x])\n")
        assert "KFX206" in models().stdout
        assert "KFX206" not in models("--target=keras2").stdout


class TestBuild:
    def test_without_keras(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(session, "version", lambda keras: None)
        write(a=BAD)
        result = models("--build")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "install it with `pip install 'kerasfix[verify]'`" in result.stderr

    @pytest.mark.keras
    def test_real_shapes_and_parameters(self) -> None:
        write(a=BAD)
        result = models("--build", "--no-cache")
        assert result.exit_code == 0
        assert result.stdout.startswith(TABLE.partition("\n\n")[0] + "\n  built by Keras 3.")
        assert not Path(".kerasfix_cache").exists()

    @pytest.mark.keras
    def test_what_keras_said_is_kept(self) -> None:
        write(a=BAD)
        shown = models("--build", "--cache-dir=kept").stdout
        assert list(Path("kept").rglob("*.json"))
        assert models("--build", "--cache-dir=kept").stdout == shown

    @pytest.mark.keras
    def test_a_diagram_of_what_is_built(self) -> None:
        write(a=BAD.replace("(4,)", "(n,)"))
        shown = models("--build", "--no-cache", "--diagram=mermaid").stdout
        assert "(None, n)" not in shown
        assert shown.count(" → (None, 2)") == 2


def test_every_option_has_a_test_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    for parameter in models_command.params:
        if parameter.param_type_name == "option":
            assert any(option in source for option in [*parameter.opts, *parameter.secondary_opts]), parameter.name
