"""The comments that `--add-noqa` writes: each is one to Python, suppresses what it should, and is written once."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kerasfix.cli import main

if TYPE_CHECKING:
    from click.testing import Result

DENSE = "Dense(8, input_shape=4"
BACKSLASH = "its line goes on behind a backslash"
STRING = "its line ends within a string"


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pretended: object) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add_noqa(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--add-noqa", "--output-format=concise", *arguments])


def added(text: str, *arguments: str, name: str = "a.py") -> str:
    path = Path(name)
    path.write_bytes(text.encode())
    result = add_noqa(*arguments)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    made = path.read_bytes().decode()
    again = add_noqa(*arguments)
    assert (again.exit_code, again.stderr) == (0, "Added 0 comments.\n")
    assert path.read_bytes().decode() == made
    return made


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{DENSE})", f"{DENSE})  # noqa: KFX101"),
        (f"{DENSE})   ", f"{DENSE})  # noqa: KFX101"),
        (f"{DENSE})  # why", f"{DENSE})  # why  # noqa: KFX101"),
        (f"{DENSE})  # noqa: E501", f"{DENSE})  # noqa: E501, KFX101"),
        (f"{DENSE})  # NOQA:E501,W291 for reasons", f"{DENSE})  # NOQA:E501,W291, KFX101 for reasons"),
        (f"{DENSE})  # noqa: E501, ", f"{DENSE})  # noqa: E501, KFX101, "),
        (f"{DENSE})  # type: ignore  # noqa: E501 # a", f"{DENSE})  # type: ignore  # noqa: E501, KFX101 # a"),
        (f"{DENSE})  # kerasfix: ignore[KFX2]", f"{DENSE})  # kerasfix: ignore[KFX2]  # noqa: KFX101"),
        (f"{DENSE}, name='# noqa: E501')", f"{DENSE}, name='# noqa: E501')  # noqa: KFX101"),
        (f"{DENSE}, name='模𝒳'); {DENSE})", f"{DENSE}, name='模𝒳'); {DENSE})  # noqa: KFX101"),
        (
            f"Dense(batch_shape, scalar); {DENSE})",
            f"Dense(batch_shape, scalar); {DENSE})  # noqa: KFX101, KFX103, KFX204",
        ),
        (f"{DENSE},  # noqa: E501\n)", f"{DENSE},  # noqa: E501, KFX101\n)"),
        (f"x = '''\n''', {DENSE})", f"x = '''\n''', {DENSE})  # noqa: KFX101"),
        (f"{DENSE}\n  , name='a')", f"{DENSE}  # noqa: KFX101\n  , name='a')"),
        (f"{DENSE}) # \\\nx = 1", f"{DENSE}) # \\  # noqa: KFX101\nx = 1"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_line_gets_one_comment(line: str, expected: str, newline: str) -> None:
    text, wanted = (f"import keras\n{part}\nx = 1".replace("\n", newline) for part in (line, expected))
    assert added(text) == wanted
    assert ast.dump(ast.parse(text.replace("\r", "\n"))) == ast.dump(ast.parse(wanted.replace("\r", "\n")))


def test_the_last_line_needs_no_end() -> None:
    assert added(f"import keras\n{DENSE})").endswith(")  # noqa: KFX101")


def test_the_file_keeps_its_bytes() -> None:
    path = Path("a.py")
    path.write_bytes(b"\xef\xbb\xbf" + f"import keras\r\nx = 'é'\t\r\n{DENSE})\r\n".encode())
    before = path.read_bytes()
    assert add_noqa().stderr == "Added 1 comment.\n"
    assert path.read_bytes() == before.replace(b"=4)\r\n", b"=4)  # noqa: KFX101\r\n")


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        (f"{DENSE}, \\\n  name='a')", "2:10", BACKSLASH),
        (f"{DENSE}, name='''a\nb''')", "2:10", STRING),
        (f"{DENSE}, name=f'''a\n{{b}}''')", "2:10", STRING),
        (f"{DENSE}, name='a\\\nb')", "2:10", BACKSLASH),
    ],
)
def test_where_no_comment_can_stand_that_is_said(line: str, place: str, reason: str) -> None:
    text = f"import keras\n{line}\n{DENSE})\n"
    Path("a.py").write_text(text, encoding="utf-8")
    result = add_noqa()
    assert (result.exit_code, result.stdout.count("KFX101")) == (1, 1)
    assert result.stderr == f"warning: a.py:{place}: KFX101 cannot be suppressed: {reason}\nAdded 1 comment.\n"
    assert Path("a.py").read_text() == text.removesuffix("\n") + "  # noqa: KFX101\n"


def test_failures_and_idle_comments_are_none_of_its_business() -> None:
    text = f"import keras\nDense()  # noqa: KFX101\n{DENSE})  # noqa: KFX204\n"
    Path("a.py").write_text(text, encoding="utf-8")
    Path("b.py").write_text(f"import keras\n{DENSE}))\n", encoding="utf-8")
    result = add_noqa("--extend-select=KFX900")
    assert result.exit_code == 2
    assert Path("a.py").read_text() == text.replace("KFX204\n", "KFX204, KFX101\n")
    assert result.stderr.splitlines() == [
        "warning: a.py:2:10: KFX900 cannot be suppressed: it is a comment that can go",
        "warning: a.py:3:26: KFX900 cannot be suppressed: it is a comment that can go",
        "warning: b.py:2:24: KFX000 cannot be suppressed: it is not a matter of one line",
        "Added 1 comment.",
    ]


def test_notebooks() -> None:
    cells = [
        ["import keras\n", "%matplotlib inline"],
        ["%%time\n", f"{DENSE})\n", f"{DENSE}, \\\n", "  name='a')"],
        f"{DENSE})  # é",
    ]
    made = [{"cell_type": "code", "source": cell, "outputs": ["x"]} for cell in cells]
    text = json.dumps({"cells": made, "nbformat": 4}, indent=3, ensure_ascii=False)
    Path("a.ipynb").write_text(text, encoding="utf-8")
    result = add_noqa()
    assert result.exit_code == 1
    assert (
        result.stderr == f"warning: a.ipynb:cell 2:3:10: KFX101 cannot be suppressed: {BACKSLASH}\nAdded 2 comments.\n"
    )
    assert Path("a.ipynb").read_text(encoding="utf-8") == text.replace('4)\\n"', '4)  # noqa: KFX101\\n"').replace(
        "# é", "# é  # noqa: KFX101"
    )


def test_what_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix import batch
    from kerasfix.fixes.writing import FileChangedError

    def changed(path: Path, data: bytes, expected: bytes) -> None:
        raise FileChangedError(path)

    monkeypatch.setattr(batch, "write_atomically", changed)
    Path("a.py").write_text(f"import keras\n{DENSE})\n", encoding="utf-8")
    result = add_noqa()
    assert result.exit_code == 2
    assert "error: a.py: it changed while it was checked" in result.stderr
