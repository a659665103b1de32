from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from report_cases import TEXT, finding, render, result

from kerasfix.batch import FileResult
from kerasfix.config import OUTPUT_FORMATS
from kerasfix.diagnostics import Applicability, Diagnostic, Related, Severity
from kerasfix.report import diff, summary
from kerasfix.report.formats import FOR_READERS, FORMATS
from kerasfix.report.style import Style
from kerasfix.report.terminal import columns, safe, width
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_every_format_of_the_settings_is_there() -> None:
    assert set(FORMATS) == set(OUTPUT_FORMATS)


def test_full() -> None:
    assert render("full", result(finding())) == (
        "src/a.py:4:22: KFX101 [*] `input_shape` on the first layer\n"
        "  |\n"
        "3 | model.add(\n"
        "4 |     Dense(8, name='é模', input_shape=(4,))\n"
        "  |                          ^^^^^^^^^^^^^^^^\n"
        "5 | )\n"
        "  |\n"
        "  = help: Insert `Input`\n"
        "\n"
    )


def test_full_of_several_lines_underlines_the_first() -> None:
    text = "\n" * 8 + "Dense(  \n  8,\n  input_shape=4)"
    found = finding(text, text.strip(), None)
    assert render("full", result(found, text=text)).splitlines()[1:-1] == [
        "   |",
        " 9 | Dense(",
        "   | ^^^^^^",
        "10 |   8,",
        "11 |   input_shape=4)",
        "   |",
    ]


def test_full_at_the_end_of_a_file() -> None:
    text = "x = (\n"
    end = Diagnostic("KFX000", "syntax-error", "unclosed", Severity.ERROR, len(text), len(text))
    assert "2 |\n  | ^\n" in render("full", result(end, text=text))


@pytest.mark.parametrize(
    ("applicability", "remark"),
    [
        (Applicability.SAFE, "  = help: Insert `Input`\n"),
        (Applicability.UNSAFE, "  = help: Insert `Input` (unsafe fix)\n"),
        (Applicability.DISPLAY, "  = help: Insert `Input` (not applied automatically)\n"),
    ],
)
def test_help_says_how_far_a_fix_may_be_trusted(applicability: Applicability, remark: str) -> None:
    assert remark in render("full", result(finding(applicability=applicability)))


def test_help_says_it_once() -> None:
    found = finding(applicability=Applicability.UNSAFE)
    assert found.fix is not None
    said = replace(found, fix=replace(found.fix, message="Insert it (unsafe: it is shared)"))
    assert "  = help: Insert it (unsafe: it is shared)\n" in render("full", result(said))


def test_concise() -> None:
    unsafe = finding(applicability=Applicability.UNSAFE)
    line = "src/a.py:4:22: KFX101 `input_shape` on the first layer\n"
    assert render("concise", result(unsafe), result()) == line
    assert "KFX101 [*] `input" in render("concise", result(unsafe), style=Style(unsafe_fixes=True))


def test_colour_only_where_asked_for() -> None:
    assert "\x1b[" in render("full", result(finding()), style=Style(terminal=True, colour=True))
    assert "\x1b[" not in render("full", result(finding()))


def test_json_has_the_shape_of_ruffs() -> None:
    (record,) = json.loads(render("json", result(finding())))
    assert record == {
        "code": "KFX101",
        "name": "input-on-first-layer",
        "message": "`input_shape` on the first layer",
        "severity": "warning",
        "filename": str(Path("src/a.py").absolute()),
        "location": {"row": 4, "column": 22},
        "end_location": {"row": 4, "column": 38},
        "cell": None,
        "noqa_row": 4,
        "url": None,
        "fix": {
            "applicability": "safe",
            "message": "Insert `Input`",
            "edits": [
                {
                    "content": "",
                    "cell": None,
                    "location": {"row": 4, "column": 20},
                    "end_location": {"row": 4, "column": 38},
                }
            ],
        },
        "related": [],
    }
    assert json.loads(render("json")) == []


def test_json_tells_of_other_places() -> None:
    related = replace(finding(), related=(Related(0, 6, "here"),))
    (record,) = json.loads(render("json", result(related)))
    assert record["related"] == [
        {"message": "here", "cell": None, "location": {"row": 1, "column": 1}, "end_location": {"row": 1, "column": 7}}
    ]


def test_github_escapes_what_would_end_a_command() -> None:
    found = finding(message="50% of\nit: wrong", severity=Severity.ERROR)
    assert render("github", result(found, path="a,b:c%.py")) == (
        "::error title=kerasfix (KFX101),file=a%2Cb%3Ac%25.py,line=4,endLine=4,col=22,endColumn=38"
        "::a,b:c%25.py:4:22: KFX101 50%25 of%0Ait: wrong\n"
    )


def test_nothing_in_a_file_can_speak_to_the_terminal() -> None:
    text = "x = '\x1b[31m\u202e\x85'\nDense(8, input_shape=(4,))"
    hostile = result(finding(text, message="\x1b[31m\u202e\x85\r"), text=text, path="a\x1b[2J\n.py")
    for name in FORMATS:
        shown = render(name, hostile)
        assert not set(shown) & {"\x1b", "\u202e", "\x85", "\r"}
    for name in FOR_READERS - {"grouped"}:
        shown = render(name, hostile)
        assert shown.startswith("a␛[2J␊.py:2:")


@pytest.mark.parametrize(
    ("text", "shown", "filled"),
    [
        ("\tx", "    x", 5),
        ("ab\tx", "ab  x", 5),
        ("模\tx", "模  x", 5),
        ("e\u0301", "e\u0301", 1),
        ("\x00", "␀", 1),
        ("\x7f", "␡", 1),
        ("\ufeff", "<U+FEFF>", 8),
    ],
)
def test_columns_of_a_terminal(text: str, shown: str, filled: int) -> None:
    assert columns(text) == shown
    assert width(shown) == filled


def test_safe_keeps_ordinary_text() -> None:
    assert safe("déjà 模型 👩\u200d🔬\tx") == "déjà 模型 👩\u200d🔬\tx"


def counts(results: Sequence[FileResult], unsafe: bool = False) -> str:
    return summary.counts(results, Style(unsafe_fixes=unsafe))


def test_summary() -> None:
    safe_one, no_fix = finding(), finding(applicability=None)
    unsafe_one = finding(applicability=Applicability.UNSAFE)
    assert counts([result()]) == "All checks passed!\n"
    assert counts([result(no_fix)]) == "Found 1 error.\n"
    assert counts([result(safe_one, safe_one)]) == ("Found 2 errors.\n[*] 2 fixable with the `--fix` option.\n")
    assert counts([result(safe_one, unsafe_one)]) == (
        "Found 2 errors.\n[*] 1 fixable with the `--fix` option "
        "(1 hidden fix can be enabled with the `--unsafe-fixes` option).\n"
    )
    assert counts([result(unsafe_one, unsafe_one)]) == (
        "Found 2 errors.\nNo fixes available (2 hidden fixes can be enabled with the `--unsafe-fixes` option).\n"
    )
    assert counts([result(safe_one, unsafe_one)], unsafe=True).endswith("[*] 2 fixable with the `--fix` option.\n")
    fixed = FileResult("a.py", document=Document("a.py", TEXT), diagnostics=(no_fix,), applied=(("KFX101", 2),))
    assert counts([fixed]) == "Found 3 errors (2 fixed, 1 remaining).\n"


def test_statistics() -> None:
    other = Diagnostic("KFX204", "scalar-shape", "m", Severity.ERROR, 0, 1)
    results = [result(finding(), finding()), result(other)]
    assert summary.statistics(results, Style(), as_json=False) == (
        "2\tKFX101\t[*] input-on-first-layer\n1\tKFX204\t[ ] scalar-shape\n"
    )
    assert json.loads(summary.statistics(results, Style(), as_json=True))[0] == {
        "code": "KFX101",
        "name": "input-on-first-layer",
        "count": 2,
        "fixable": 2,
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("a\nb", "a\nB"),
        ("a\u2028b\fc\nd\n", "a\u2028B\fc\nd\n"),
        ("", "a\n"),
    ],
)
def test_a_diff_can_be_applied(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "a b.py"
    path.write_bytes(before.encode())
    changed = FileResult(
        "a b.py",
        document=Document("a b.py", after),
        before=Document("a b.py", before),
        applied=(("KFX101", 1),),
    )
    text = diff.render([changed], Style())
    command = ["git", "apply", "-p0", "--whitespace=nowarn"]
    subprocess.run(command, input=text.encode(), cwd=tmp_path, check=True)
    assert path.read_bytes() == after.encode()


def test_a_diff_on_a_terminal_is_coloured_and_safe() -> None:
    changed = FileResult("a.py", document=Document("a.py", "b\x1b\n"), before=Document("a.py", "a\n"))
    shown = diff.render([changed], Style(terminal=True, colour=True))
    assert "\x1b[32m+b␛\x1b[0m\n" in shown
