"""Notebooks on the command line, and what the analysis makes of cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import kerasfix
from kerasfix.cli import main
from kerasfix.source.notebook import Notebook

if TYPE_CHECKING:
    from click.testing import Result

IMPORTS = "%matplotlib inline\nfrom keras.layers import Conv2D, Dense, Input\nfrom keras.models import Sequential\n"


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notebook(*cells: str, language: str = "python") -> str:
    made: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": cell}
        if cell.startswith("# Deep")
        else {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell}
        for cell in cells
    ]
    metadata = {"language_info": {"name": language}}
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 2}, indent=1) + "\n"


def write(name: str, *cells: str, language: str = "python") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(notebook(*cells, language=language), encoding="utf-8")


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=input)


CELLS = ("# Deep", IMPORTS, "%%time\nmodel = Sequential()\nmodel.add(Dense(3, input_shape=(4,)))\nmodel.summary()")


class TestReports:
    def test_a_place_names_the_cell_and_the_line_in_it(self) -> None:
        write("a.ipynb", *CELLS)
        result = run("check", "a.ipynb")
        assert result.exit_code == 1
        assert result.stdout.splitlines()[:8] == [
            "a.ipynb:cell 3:3:20: KFX101 [*] `Dense` declares the input of the model by `input_shape`",
            "  |",
            "1 | %%time",
            "2 | model = Sequential()",
            "3 | model.add(Dense(3, input_shape=(4,)))",
            "  |                    ^^^^^^^^^^^^^^^^",
            "4 | model.summary()",
            "  |",
        ]

    def test_json(self) -> None:
        write("a.ipynb", "# Deep", IMPORTS.replace(", Input", ""), *CELLS[2:])
        (record,) = json.loads(run("check", "a.ipynb", "--output-format", "json").stdout)
        assert (record["cell"], record["location"], record["noqa_row"]) == (3, {"row": 3, "column": 20}, 3)
        assert {(edit["cell"], edit["location"]["row"]) for edit in record["fix"]["edits"]} == {(2, 2), (3, 3)}

    def test_github_shows_the_line_of_the_file(self) -> None:
        write("a.ipynb", *CELLS)
        shown = run("check", "a.ipynb", "--output-format", "github").stdout
        row = next(n for n, line in enumerate(Path("a.ipynb").read_text().splitlines(), start=1) if "Dense(3" in line)
        assert f",file=a.ipynb,line={row},endLine={row}::a.ipynb:cell 3:3:20: KFX101 " in shown

    def test_diff_shows_cells(self) -> None:
        write("a.ipynb", *CELLS)
        shown = run("check", "a.ipynb", "--diff").stdout
        assert [line.rstrip() for line in shown.splitlines() if line[0] in "-+"] == [
            "--- a.ipynb:cell 3",
            "+++ a.ipynb:cell 3",
            "-model.add(Dense(3, input_shape=(4,)))",
            "+model.add(Input(shape=(4,)))",
            "+model.add(Dense(3))",
        ]

    def test_a_message_names_the_cell_of_another_place(self) -> None:
        write("a.ipynb", IMPORTS, "model = Sequential()\nmodel.add(Input((4,)))", "model.add(Conv2D(3, 3))")
        assert "are expected by `Conv2D` at line 1 of cell 3" in run("check", "a.ipynb").stdout

    def test_models(self) -> None:
        write("a.ipynb", *CELLS, "model.add(Dense(1))")
        shown = run("models", "a.ipynb").stdout
        assert shown.startswith("a.ipynb:cell 3:2:9: Sequential `model`\n")
        assert "by `input_shape` of `Dense` (line 3 of cell 3); 19 parameters" in shown
        (record,) = json.loads(run("models", "a.ipynb", "--output-format", "json").stdout)
        assert (record["cell"], [layer["cell"] for layer in record["layers"]]) == (3, [3, 4])

    @pytest.mark.keras
    def test_verify(self) -> None:
        write("a.ipynb", *CELLS, "model.add(Dense(1))")
        result = run("check", "a.ipynb", "--fix", "--verify", "--output-format", "json")
        (record,) = json.loads(result.stdout)["verification"]
        assert (record["verdict"], record["cell"], record["location"]["row"]) == ("identical", 3, 2)
        assert "model.add(Input(shape=(4,)))" in Path("a.ipynb").read_text()


class TestFiles:
    def test_fix_writes_the_notebook(self) -> None:
        write("a.ipynb", *CELLS)
        before = Path("a.ipynb").read_text()
        assert run("check", "a.ipynb", "--fix").exit_code == 0
        fixed = before.replace("Dense(3, input_shape=(4,)))\\n", "Input(shape=(4,)))\\nmodel.add(Dense(3))\\n")
        assert Path("a.ipynb").read_text() == fixed != before

    def test_stdin(self) -> None:
        text = notebook(*CELLS)
        result = run("check", "-", "--stdin-filename", "x.ipynb", input=text)
        assert result.stdout.startswith("x.ipynb:cell 3:3:20: KFX101")
        fixed = run("check", "-", "--stdin-filename", "x.ipynb", "--fix", input=text)
        assert fixed.exit_code == 0
        assert json.loads(fixed.stdout)["cells"][2]["source"].splitlines()[2:4] == [
            "model.add(Input(shape=(4,)))",
            "model.add(Dense(3))",
        ]

    def test_they_are_found_beside_python_files(self) -> None:
        write("a/b.ipynb", *CELLS)
        write("a/.ipynb_checkpoints/b-checkpoint.ipynb", *CELLS)
        Path("c.py").write_text("x = 1\n")
        assert run("check", "-q", "--output-format", "concise").stdout.count("a/b.ipynb:cell 3:3:20: KFX101") == 1
        assert "checkpoint" not in run("check").stdout
        assert run("check", "--exclude", "*.ipynb").stdout == "All checks passed!\n"

    def test_the_other_files_go_on_where_one_is_no_notebook(self) -> None:
        Path("a.ipynb").write_text(
            '{"cells": [{"source": ["keras.layers.Dense(3, input_shape=(4,))"]', encoding="utf-8"
        )
        write("b.ipynb", *CELLS)
        result = run("check", "a.ipynb", "b.ipynb")
        assert result.exit_code == 2
        assert result.stderr.startswith("error: a.ipynb: not a notebook, its JSON is broken at line 1: Expecting ")
        assert "b.ipynb:cell 3:3:20: KFX101" in result.stdout

    def test_another_language_is_passed_over_and_named_only_if_asked(self) -> None:
        write("r.ipynb", *CELLS, language="R")
        for command in (["check"], ["check", "--fix"], ["models"]):
            result = run(*command, "r.ipynb")
            assert (result.exit_code, result.stderr) == (0, "")
        assert "skipped: r.ipynb: its language is R\n" in run("check", "-v", "r.ipynb").stderr
        assert run("check", "-", "--stdin-filename", "r.ipynb", input=Path("r.ipynb").read_text()).exit_code == 0

    def test_a_cell_that_is_not_python_is_told_and_the_others_are_checked(self) -> None:
        write("a.ipynb", *CELLS, "print 'done'")
        result = run("check", "a.ipynb", "--output-format", "concise")
        assert result.exit_code == 2
        assert "a.ipynb:cell 4:1:1: KFX000 Missing parentheses in call to 'print'" in result.stdout
        assert "a.ipynb:cell 3:3:20: KFX101 [*]" in result.stdout
        assert "a.ipynb:cell 4:1:1: Missing parentheses" in run("models", "a.ipynb").stderr


def findings(*cells: str) -> list[tuple[str, int, str | None]]:
    """Code, cell and applicability of each finding."""
    text = notebook(IMPORTS, *cells)
    found = Notebook.from_text(text, "a.ipynb")
    return [
        (one.code, found.place(one.start).cell or 0, one.fix.applicability.value if one.fix else None)
        for one in kerasfix.check(text, "a.ipynb")
    ]


class TestSuppressions:
    def test_on_a_line(self) -> None:
        line = "model = Sequential([Dense(3, input_shape=(4,))])  # kerasfix: ignore[KFX101]"
        assert findings(line, line.replace("#", "#!")) == [("KFX101", 3, "safe")]

    @pytest.mark.parametrize("cell", ["# kerasfix: skip-file", "%time f()\nx = 1  # kerasfix: skip-file"])
    def test_for_the_whole_notebook(self, cell: str) -> None:
        line = "model = Sequential([Dense(3, input_shape=(4,))])"
        assert findings(line, cell) == []
        assert findings(line, "!echo # kerasfix: skip-file") == [("KFX101", 2, "safe")]


class TestCells:
    """`IMPORTS` are cell 1."""

    def test_a_model_is_built_over_several(self) -> None:
        assert findings("model = Sequential()", "model.add(Dense(3, input_shape=(4,)))", "model.add(Dense(1))") == [
            ("KFX101", 3, "safe")
        ]

    def test_first_layers_to_choose_from_are_no_repeats(self) -> None:
        made = findings(
            "model = Sequential()",
            "model.add(Dense(50, input_shape=(13,)))",
            "model.add(Dense(50, input_dim=13))",
            "model.add(Conv2D(50, 3, input_shape=(28, 28, 1)))",
            "model.add(Dense(1))\nmodel.compile()",
        )
        assert made == [("KFX101", 3, "safe"), ("KFX107", 4, None), ("KFX107", 5, None)]

    def test_nor_are_inputs_to_choose_from(self) -> None:
        assert findings("m = Sequential()", "m.add(Input((4,)))", "m.add(Input((8,)))", "m.add(Dense(1))") == []

    def test_the_message_says_what_it_depends_on(self) -> None:
        cells = "m = Sequential()", "m.add(Dense(5, input_dim=3))", "m.add(Dense(5, input_dim=3))"
        found = kerasfix.check(notebook(IMPORTS, *cells), "a.ipynb")
        assert found[1].message.endswith("whether it is the first layer depends on which cells of the notebook are run")

    @pytest.mark.parametrize(
        "cells",
        [
            ("m = Sequential()\nm.add(Dense(5, input_dim=3))\nm.add(Dense(5, input_dim=5))",),
            ("m = Sequential()\nm.add(Dense(5, input_dim=3))", "m.add(Dense(5, input_dim=5))"),
            ("m = Sequential([Dense(5, input_dim=3)])", "m.add(Dense(5, input_dim=5))"),
            ("m = Sequential()", "m.add(Dense(5, input_dim=3))\nm.add(Dense(5, input_dim=5))"),
            ("def build():\n  m = Sequential([Dense(5, input_dim=3)])\n  m.add(Dense(5, input_dim=5))", "build()"),
        ],
    )
    def test_a_repeat_behind_a_first_layer_that_must_have_been_put_in_is_one(self, cells: tuple[str, ...]) -> None:
        assert [code for code, _, _ in findings(*cells)] == ["KFX101", "KFX102"]

    def test_a_layer_on_its_own_in_a_cell_still_has_a_shape_before_it(self) -> None:
        cells = "m = Sequential()", "m.add(Input((4,)))", "m.add(Conv2D(3, 3))"
        assert [code for code, _, _ in findings(*cells)] == ["KFX210"]

    def test_what_a_broken_cell_may_have_added_is_reckoned_with(self) -> None:
        begun = "model = Sequential()"
        assert findings(begun, "print 'x'\nmodel.add(Dense(3))", "model.add(Dense(3, input_dim=2))") == [
            ("KFX000", 3, None),
            ("KFX107", 4, None),
        ]

    def test_an_imported_name_of_another_cell_is_extended_there(self) -> None:
        text = notebook("from keras.layers import Dense", "from keras import Sequential", "!ls\nm = Sequential()", CELL)
        fixed: list[dict[str, Any]] = json.loads(kerasfix.fix(text, "a.ipynb").text)["cells"]
        assert [cell["source"] for cell in fixed] == [
            "from keras.layers import Dense, Input",
            "from keras import Sequential",
            "!ls\nm = Sequential()",
            "m.add(Input(shape=(4,)))\nm.add(Dense(3))",
        ]


CELL = "m.add(Dense(3, input_shape=(4,)))"
