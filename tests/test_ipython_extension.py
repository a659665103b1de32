"""The IPython extension in a real IPython: what a cell says, and that it runs as if nothing were there.

Keras is a stand-in here, as the cells only have to run: kerasfix reads their source.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from IPython.core.interactiveshell import InteractiveShell

from kerasfix import engine, ipython_extension

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IMPORTS = "from keras.layers import Dense\nfrom keras.models import Sequential"
MODEL = "model = Sequential()\nmodel.add(Dense(8, input_shape=(4,)))"
FIXED = "from keras.layers import Input\nmodel = Sequential()\nmodel.add(Input(shape=(4,)))\nmodel.add(Dense(8))"
FOUND = "`Dense` declares the input of the model by `input_shape`"


class Anything:
    """A layer or model of the stand-in."""

    def __init__(self, *arguments: object, **options: object) -> None:
        pass

    def __call__(self, tensor: object) -> None:
        pass

    def add(self, layer: object) -> None:
        """As a Sequential's."""


class Shell:
    """A shell, with the text that each cell leaves."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.shell = InteractiveShell.instance()
        self.capsys = capsys

    def run(self, cell: str) -> str:
        """What a cell prints, stderr behind stdout."""
        self.result = self.shell.run_cell(cell, store_history=True)
        return "".join(self.capsys.readouterr())


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A shell without the extension."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for name in ("keras", "keras.layers", "keras.models"):
        module = ModuleType(name)
        vars(module).update(Dense=Anything, Input=Anything, Sequential=Anything, Model=Anything)
        monkeypatch.setitem(sys.modules, name, module)
    InteractiveShell.clear_instance()
    yield Shell(capsys)
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(plain: Shell) -> Shell:
    assert plain.run("%load_ext kerasfix") == ""
    return plain


def replaced(shell: Shell, monkeypatch: pytest.MonkeyPatch, cell: str) -> tuple[str, list[Any]]:
    """What a cell prints, and by what it asks to be replaced."""
    asked: list[Any] = []
    monkeypatch.setattr(shell.shell, "set_next_input", lambda text, replace=False: asked.append((text, replace)))
    return shell.run(cell), asked


class TestCheck:
    def test_a_finding_that_only_the_earlier_cells_explain(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        assert shell.run(f"%%kerasfix\n{MODEL}\n1 + 1").splitlines() == [
            f"session:cell 3:3:20: KFX101 [*] {FOUND}",
            "  |",
            "1 | %%kerasfix",
            "2 | model = Sequential()",
            "3 | model.add(Dense(8, input_shape=(4,)))",
            "  |                    ^^^^^^^^^^^^^^^^",
            "4 | 1 + 1",
            "  |",
            "  = help: Declare the input with an explicit `Input`",
            "",
            "Found 1 error.",
            "[*] 1 fixable with the `--fix` option.",
            "Out[3]: 2",
        ]
        assert shell.result.result == 2

    def test_cells_from_before_the_extension_was_loaded_count(self, plain: Shell) -> None:
        plain.run(IMPORTS)
        plain.run("%load_ext kerasfix")
        assert FOUND in plain.run(f"%%kerasfix\n{MODEL}")

    def test_nothing_is_said_of_earlier_cells(self, shell: Shell) -> None:
        shell.run(f"{IMPORTS}\n{MODEL}")
        assert shell.run("%%kerasfix\nmodel.add(Dense(2))") == "All checks passed!\n"

    def test_a_model_that_an_earlier_cell_began(self, shell: Shell) -> None:
        shell.run(f"{IMPORTS}\nmodel = Sequential([Dense(8, input_shape=(4,))])")
        assert "KFX102" in shell.run("%%kerasfix\nmodel.add(Dense(2, input_shape=(8,)))")

    def test_a_cell_that_did_not_run_is_no_context(self, shell: Shell) -> None:
        shell.run(f"{IMPORTS}\nmodel = Sequential()")
        shell.run("%%kerasfix --no-run\nmodel.add(Dense(8, input_shape=(4,)))")
        assert "KFX101" in shell.run("%%kerasfix\nmodel.add(Dense(8, input_shape=(4,)))")

    def test_of_a_cell_that_failed_nothing_is_believed(self, shell: Shell) -> None:
        shell.run(f"{IMPORTS}\nmodel = Sequential()")
        shell.run("raise ValueError\nmodel.add(Dense(8, input_shape=(4,)))")
        assert "KFX102" not in shell.run("%%kerasfix\nmodel.add(Dense(2, input_shape=(8,)))")

    def test_the_configuration_holds(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.kerasfix]\nignore = ['KFX101']\n")
        shell.run(IMPORTS)
        assert shell.run(f"%%kerasfix\n{MODEL}") == "All checks passed!\n"

    def test_a_comment_suppresses(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        assert shell.run(f"%%kerasfix\n{MODEL}  # noqa: KFX101") == "All checks passed!\n"


class TestRun:
    """The cell's own run."""

    def test_no_run(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        assert FOUND in shell.run(f"%%kerasfix --no-run\n{MODEL}")
        assert "model" not in shell.shell.user_ns

    @pytest.mark.parametrize(
        "cell",
        [
            "import asyncio\nawait asyncio.sleep(0)\n42",
            "from __future__ import annotations\n42",
            "%time 42",
            "%%time\n42",
            "x = %env HOME\n42",
            "!true\n42",
        ],
    )
    def test_it_is_the_same(self, shell: Shell, cell: str) -> None:
        said = shell.run(f"%%kerasfix\n{cell}")
        assert said.startswith("All checks passed!\n")
        assert shell.result.success and shell.result.result == 42

    def test_a_shell_script_is_not_checked(self, shell: Shell) -> None:
        assert shell.run("%%kerasfix\n%%bash\nif true; then echo $((6 * 7)); fi") == "42\n"

    def test_an_error_stops_what_runs_all_cells(self, shell: Shell) -> None:
        said = shell.run("%%kerasfix\n\n1 / 0")
        assert isinstance(shell.result.error_in_exec, ZeroDivisionError)
        assert "line 3" in said

    def test_a_syntax_error(self, shell: Shell) -> None:
        assert "KFX000" in shell.run("%%kerasfix --fix\nimport keras\nmodel = = Dense(8, input_shape=(4,))")
        assert isinstance(shell.result.error_before_exec, SyntaxError)

    @pytest.mark.parametrize(
        ("line", "said"), [("--fxi", "unrecognized arguments: --fxi"), ("on", "`%kerasfix on` is a line of its own")]
    )
    def test_a_wrong_option(self, shell: Shell, line: str, said: str) -> None:
        shown = shell.run(f"%%kerasfix {line}\n42")
        assert f"kerasfix: {said}" in shown
        assert shell.result.result == 42

    def test_a_broken_configuration(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.kerasfix]\nselect = 1\n")
        assert "kerasfix: pyproject.toml: tool.kerasfix.select: expected a list" in shell.run("%%kerasfix\n42")
        assert shell.result.result == 42

    def test_a_failure_of_kerasfix(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ipython_extension, "check_document", MagicMock(side_effect=RuntimeError("no")))
        assert "kerasfix failed on this cell: RuntimeError: no" in shell.run("%%kerasfix\n42")
        assert shell.result.result == 42

    def test_a_failure_of_the_analysis_is_shown(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.run(IMPORTS)
        failure = engine.internal_error("the analysis failed")
        monkeypatch.setattr(engine, "_findings", lambda *_: iter([failure]))
        assert "KFX999 the analysis failed" in shell.run(f"%%kerasfix\n{MODEL}")

    def test_it_can_be_called_by_its_name(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        assert FOUND in shell.run(f"get_ipython().run_cell_magic('kerasfix', '', {MODEL!r})")
        assert "model" in shell.shell.user_ns

    def test_a_terminal_waits_for_the_rest_of_the_cell(self, shell: Shell) -> None:
        assert shell.shell.check_complete("%%kerasfix")[0] == "incomplete"


class TestFix:
    def test_the_import_is_put_into_the_cell(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.run(IMPORTS)
        said, asked = replaced(shell, monkeypatch, f"%%kerasfix --fix\n{MODEL}\n")
        assert asked == [(f"{FIXED}\n", True)]
        assert "+model.add(Input(shape=(4,)))" in said and "Found 1 error (1 fixed, 0 remaining)." in said
        assert "model" in shell.shell.user_ns
        assert shell.run(f"%%kerasfix\n{asked[0][0]}") == "All checks passed!\n"

    @pytest.mark.parametrize("above", ["# The model", "%time", "from __future__ import annotations", "'''Text'''"])
    def test_the_fixed_cell_runs(self, shell: Shell, monkeypatch: pytest.MonkeyPatch, above: str) -> None:
        shell.run(IMPORTS)
        _, asked = replaced(shell, monkeypatch, f"%%kerasfix --fix --no-run\n{above}\n{MODEL}")
        ((text, _),) = asked
        assert "KFX" not in shell.run(f"%%kerasfix\n{text}")
        assert shell.result.success

    def test_two_models_share_the_import(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.run(IMPORTS)
        _, ((text, _),) = replaced(shell, monkeypatch, f"%%kerasfix --fix\n{MODEL}\n{MODEL}")
        assert text.count("import Input") == 1 and text.count("Input(shape=(4,))") == 2

    def test_an_import_that_cannot_be_repeated(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.run(
            "try:\n    from keras.layers import Dense\nexcept ImportError:\n    raise\nfrom keras.models import *"
        )
        shell.run("from keras.models import Sequential")
        said, asked = replaced(shell, monkeypatch, f"%%kerasfix --fix\n{MODEL}")
        assert f"{FOUND}; no fix: it would reach beyond the Python of one cell" in said
        assert asked == []

    def test_earlier_cells_are_left_alone(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.run(f"{IMPORTS}\n{MODEL}")
        said, asked = replaced(shell, monkeypatch, "%%kerasfix --fix\nmodel.add(Dense(2))")
        assert (said, asked) == ("All checks passed!\n", [])

    def test_unsafe_fixes_are_asked_for(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.run("import keras")
        cell = "x = keras.Input((4,))\nmodel = keras.Model([x, x], keras.layers.Dense(2)(x))"
        said, asked = replaced(shell, monkeypatch, f"%%kerasfix --fix --no-run\n{cell}")
        assert "KFX301" in said and asked == []
        said, asked = replaced(shell, monkeypatch, f"%%kerasfix --fix --unsafe-fixes --no-run\n{cell}")
        assert "Model(x, " in asked[0][0] or "Model([x], " in asked[0][0]


class TestEveryCell:
    def test_each_is_checked_after_it_ran_until_off(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        assert shell.run("%kerasfix on") == ""
        said = shell.run(f"{MODEL}\nprint('ran')")
        assert said.startswith("ran\n") and FOUND in said and "Found" not in said
        assert shell.run("1 + 1") == "Out[5]: 2\n"
        assert shell.run("%kerasfix off") == ""
        assert shell.run(MODEL) == ""

    def test_a_finding_is_told_once(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        shell.run("%kerasfix on")
        assert shell.run(f"%%capture\n{MODEL}").count(FOUND) == 1
        assert shell.run(f"%%kerasfix\n{MODEL}").count(FOUND) == 1
        assert "KFX102" not in shell.run(f"%%kerasfix\n%%capture\n{MODEL}")

    def test_a_cell_that_keras_refuses_is_explained(self, shell: Shell) -> None:
        shell.run(IMPORTS)
        shell.run("%kerasfix on")
        said = shell.run(f"{MODEL}\nraise TypeError('batch_input_shape')")
        assert FOUND in said and "TypeError" in said

    def test_a_syntax_error_is_left_to_python(self, shell: Shell) -> None:
        shell.run("%kerasfix on")
        said = shell.run(f"{IMPORTS}\nDense(8, input_shape=(4,)")
        assert "SyntaxError" in said and "KFX" not in said

    @pytest.mark.parametrize("line", ["", "on --fix", "maybe"])
    def test_a_line_that_makes_no_sense(self, shell: Shell, line: str) -> None:
        assert "UsageError" in shell.run(f"%kerasfix {line}")
        assert shell.shell.run_cell("42").result == 42


def test_it_can_be_loaded_again_and_taken_away(shell: Shell) -> None:
    shell.run(IMPORTS)
    shell.run("%reload_ext kerasfix")
    assert shell.run(f"%%kerasfix\n{MODEL}").count(FOUND) == 1
    assert shell.run("%unload_ext kerasfix") == ""
    assert "Cell magic `%%kerasfix` not found" in shell.run("%%kerasfix\n42")
    assert shell.run("42") == "Out[7]: 42\n"
