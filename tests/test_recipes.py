"""The recipes in `docs/recipes`: valid for those who read them, and their commands run as they would be there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "docs/recipes"
GITHUB, GITLAB = RECIPES / "github.yml", RECIPES / "gitlab.yml"
CORPUS = RECIPES / "corpus.py"
MEGALINTER = RECIPES / "mega-linter-plugin-kerasfix/kerasfix.megalinter-descriptor.yml"
INSTALL = 'python -m pip install "$KERASFIX"'
MODEL = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])\n"
CLEAN = MODEL.replace("Dense(8, input_shape=(4,))", "Input((4,))")


def load(recipe: Path) -> Any:
    return yaml.safe_load(recipe.read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a finding in a program and one in a notebook."""
    (tmp_path / "model.py").write_text(MODEL)
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": MODEL.rstrip(),
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "model.ipynb").write_text(json.dumps(notebook, indent=1) + "\n")
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def run_script(project: Path, script: str) -> int:
    """The status of a line of a recipe, in the shell that both services run it with."""
    return run(project, "bash", "-e", "-o", "pipefail", "-c", script).returncode


class TestSchemas:
    """Those of the services, as check-jsonschema brings them."""

    def validate(self, schema: str, file: Path) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file))
        return run(ROOT, *command)

    @pytest.mark.parametrize(("schema", "recipe"), [("github-workflows", GITHUB), ("gitlab-ci", GITLAB)])
    def test_the_recipe_is_valid(self, schema: str, recipe: Path) -> None:
        done = self.validate(schema, recipe)
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize(
        ("schema", "recipe", "key"),
        [
            ("github-workflows", GITHUB, "runs-on:"),
            ("github-workflows", GITHUB, "uses:"),
            ("gitlab-ci", GITLAB, "when:"),
        ],
    )
    def test_a_slip_would_be_seen(self, tmp_path: Path, schema: str, recipe: Path, key: str) -> None:
        broken = tmp_path / recipe.name
        broken.write_text(recipe.read_text(encoding="utf-8").replace(key, f"x{key}"), encoding="utf-8")
        assert self.validate(schema, broken).returncode == 1


def test_the_readme_names_every_recipe() -> None:
    named = re.findall(r"`(docs/recipes/[^`]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert {ROOT / name for name in named} == {GITHUB, GITLAB, MEGALINTER, CORPUS}
    assert {path for path in RECIPES.rglob("*") if path.is_file()} == {GITHUB, GITLAB, MEGALINTER, CORPUS}


def test_github(project: Path) -> None:
    job = load(GITHUB)["jobs"]["kerasfix"]
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    upload = job["steps"][-1]
    report = project / upload["with"]["sarif_file"]
    assert f"hashFiles('{report.name}')" in upload["if"]
    assert "KERASFIX" in job["env"] and job["permissions"]["security-events"] == "write"
    assert scripts[0] == INSTALL
    assert run_script(project, scripts[1]) == 1
    (found,) = json.loads(report.read_text(encoding="utf-8"))["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in found["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"model.py", "model.ipynb"}


def test_github_without_findings_uploads_that_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(CLEAN)
    (script,) = [step["run"] for step in load(GITHUB)["jobs"]["kerasfix"]["steps"] if "check" in step.get("run", "")]
    assert run_script(tmp_path, script) == 0
    (found,) = json.loads((tmp_path / "kerasfix.sarif").read_text(encoding="utf-8"))["runs"]
    assert found["results"] == []


def test_gitlab(project: Path) -> None:
    job = load(GITLAB)["kerasfix"]
    install, check = job["script"]
    assert install == INSTALL and "KERASFIX" in job["variables"]
    assert job["artifacts"]["when"] == "always"
    assert run_script(project, check) == 1
    report = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert {issue["location"]["path"] for issue in report} == {"model.py", "model.ipynb"}


class TestMegaLinter:
    """The command line as MegaLinter's `Linter.build_lint_command` puts it together."""

    def lint(self, project: Path, *, fix: bool = False, sarif: bool = False) -> subprocess.CompletedProcess[str]:
        (linter,) = load(MEGALINTER)["linters"]
        assert linter["cli_lint_mode"] == "list_of_files"
        command = [linter["linter_name"], *linter["cli_lint_extra_args"]]
        if fix:
            command.append(linter["cli_lint_fix_arg_name"])
        if sarif:
            report = str(project / "report.sarif")
            command += [part.replace("{{SARIF_OUTPUT_FILE}}", report) for part in linter["cli_sarif_args"]]
        extensions = load(MEGALINTER)["file_extensions"]
        return run(project, *command, *(str(path) for path in sorted(project.iterdir()) if path.suffix in extensions))

    def errors(self, output: str) -> int:
        (linter,) = load(MEGALINTER)["linters"]
        assert linter["cli_lint_errors_count"] == "regex_number"
        match = re.search(linter["cli_lint_errors_regex"], output)
        assert match is not None
        return int(match[1])

    def test_findings_are_counted(self, project: Path) -> None:
        done = self.lint(project)
        assert (done.returncode, self.errors(done.stdout)) == (1, 2)
        (project / "model.ipynb").unlink()
        assert self.errors(self.lint(project).stdout) == 1

    def test_what_is_left_after_fixing_is_counted(self, project: Path) -> None:
        (project / "other.py").write_text(MODEL.replace("Dense(8,", "LSTM(8, stateful=True,").replace("(4,)", "(4, 5)"))
        done = self.lint(project, fix=True)
        assert (done.returncode, self.errors(done.stdout)) == (1, 1), done.stdout
        assert "keras.Input(shape=(4,))" in (project / "model.py").read_text()

    def test_sarif(self, project: Path) -> None:
        assert self.lint(project, sarif=True).returncode == 1
        (found,) = json.loads((project / "report.sarif").read_text(encoding="utf-8"))["runs"]
        assert len(found["results"]) == 2

    def test_the_names_are_those_that_megalinter_asks_for(self) -> None:
        assert MEGALINTER.parent.name.startswith("mega-linter-plugin-")
        assert MEGALINTER.name.endswith(".megalinter-descriptor.yml")
        (linter,) = load(MEGALINTER)["linters"]
        assert {"linter_name", "linter_url", "examples"} <= set(linter)
        assert all(line.startswith("RUN ") for line in linter["install"]["dockerfile"])


class TestNbQA:
    """nbQA hands each notebook to a module as a Python file of its own, and writes back what that becomes."""

    def nbqa(self, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(project, sys.executable, "-m", "nbqa", "kerasfix check", "model.ipynb", *arguments)

    def test_it_shows_the_findings(self, project: Path) -> None:
        done = self.nbqa(project)
        assert done.returncode == 1, done.stderr
        assert "model.ipynb:cell_1:3:49: KFX101" in done.stdout

    def test_it_hides_the_cells_from_a_report(self, project: Path) -> None:
        (found,) = json.loads(self.nbqa(project, "--output-format", "json").stdout)
        assert found["cell"] is None
        (native,) = json.loads(run(project, "kerasfix", "check", "--output-format", "json", "model.ipynb").stdout)
        assert (native["cell"], native["location"]["row"]) == (1, found["location"]["row"] - 1)

    def test_it_fixes(self, project: Path) -> None:
        assert self.nbqa(project, "--fix").returncode == 0
        fixed = (project / "model.ipynb").read_text()
        assert run(project, "kerasfix", "check", "model.ipynb").returncode == 0
        assert "keras.Input(shape=(4,))" in fixed


def test_a_corpus_in_parquet_is_run_on_a_cluster_of_dask(tmp_path: Path) -> None:
    """On two processes; what comes of it is what kerasfix says of each file by itself."""
    import pyarrow
    from pyarrow import parquet

    import kerasfix

    sources = {path.name: path.read_bytes() for path in sorted((ROOT / "fixtures").glob("kfx10*.in.*"))}
    sources |= {"broken.py": MODEL.encode() + b"print 'x'\n", "bytes.py": b"\xff" + MODEL.encode()}
    table = pyarrow.table({"path": list(sources), "content": list(sources.values())})
    parquet.write_table(table, tmp_path / "sources.parquet", row_group_size=len(sources) // 4)
    command = [sys.executable, str(CORPUS), "sources.parquet", "findings", "--workers", "2"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    written = parquet.read_table(tmp_path / "findings").to_pylist()
    found = {
        (path, record["code"], record["location"]["row"], record["location"]["column"], record["message"])
        for path, content in sources.items()
        for record in kerasfix.check_source(content, path)
    }
    assert {(row["path"], row["code"], row["row"], row["column"], row["message"]) for row in written} == found
    assert {"KFX000", "KFX101"} < {row["code"] for row in written}
    assert {row["fix"] for row in written} > {"safe", "none"}
