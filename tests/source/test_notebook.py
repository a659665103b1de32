"""Notebooks of many origins: what is read of them, and that a fix changes nothing else, byte for byte."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from conftest import text_rule
from hypothesis import given
from hypothesis import strategies as st

import kerasfix
from kerasfix.diagnostics import Edit
from kerasfix.fixes.apply import splice
from kerasfix.source.document import OtherLanguageError, Place, SourceError
from kerasfix.source.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IMPORTS = (
    "%matplotlib inline\n!pip install -q keras\nfrom keras.layers import Dense\nfrom keras.models import Sequential\n"
)
MODEL = "# un modèle 𝒳 < 1 / 2\nmodel = Sequential()\nmodel.add(Dense(8, input_shape=(4,)))\n\nmodel.summary()"
FIXED_IMPORTS = IMPORTS.replace("import Dense", "import Dense, Input")
FIXED_MODEL = MODEL.replace(
    "model.add(Dense(8, input_shape=(4,)))", "model.add(Input(shape=(4,)))\nmodel.add(Dense(8))"
)
CELLS = ("# Deep learning", IMPORTS, "%%bash\nls", MODEL)
FIXED = ("# Deep learning", FIXED_IMPORTS, "%%bash\nls", FIXED_MODEL)


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def version_4(cells: Sequence[str], as_source: Callable[[str], Any] = lines, minor: int = 2) -> dict[str, Any]:
    """A notebook of format 4; a cell that begins with `# Deep` is markdown."""
    made = []
    for number, text in enumerate(cells):
        cell: dict[str, Any] = {"cell_type": "markdown" if text.startswith("# Deep") else "code", "metadata": {}}
        if minor >= 5:
            cell["id"] = f"cell-{number}"
        if cell["cell_type"] == "code":
            cell |= {"execution_count": number, "outputs": [OUTPUT, PICTURE]}
        made.append(cell | {"source": as_source(text)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    info = {"name": "python", "version": "3.6.9", "codemirror_mode": {"name": "ipython", "version": 3}}
    return {
        "cells": made,
        "metadata": {"kernelspec": kernel, "language_info": info, "widgets": {"ü": [1.50, 1e5, None]}},
        "nbformat": 4,
        "nbformat_minor": minor,
    }


OUTPUT = {"name": "stdout", "output_type": "stream", "text": ["model.add(Dense(8, input_shape=(4,)))\n", "naïve 𝒳"]}
PICTURE = {"data": {"image/png": "iVBORw0KGgo=\n", "text/plain": []}, "metadata": {}, "output_type": "display_data"}


def version_3(cells: Sequence[str]) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for text in cells:
        if text.startswith("# Deep"):
            made.append({"cell_type": "heading", "level": 1, "metadata": {}, "source": [text]})
        else:
            made.append(
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "input": lines(text),
                    "language": "python",
                    "metadata": {},
                    "outputs": [],
                    "prompt_number": 1,
                }
            )
    sheets = [{"cells": made[:2], "metadata": {}}, {"cells": made[2:], "metadata": {}}]
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}


def dumped(notebook: dict[str, Any], **options: Any) -> bytes:
    return json.dumps(notebook, **options).encode()


ORIGINS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "Jupyter": lambda cells: dumped(version_4(cells), indent=1, ensure_ascii=False, sort_keys=True) + b"\n",
    "Jupyter 4.5": lambda cells: dumped(version_4(cells, minor=5), indent=1, ensure_ascii=False) + b"\n",
    "format 4.0": lambda cells: dumped(version_4(cells, minor=0), indent=1, sort_keys=True) + b"\n",
    "Colab": lambda cells: dumped(version_4(cells, minor=0), indent=2),
    "Colab, one line": lambda cells: dumped(version_4(cells, minor=0)),
    "VS Code": lambda cells: dumped(version_4(cells), indent=4, ensure_ascii=False),
    "tabs": lambda cells: dumped(version_4(cells), indent="\t"),
    "no space at all": lambda cells: dumped(version_4(cells), separators=(",", ":"), ensure_ascii=False),
    "source as one string": lambda cells: dumped(version_4(cells, str), indent=1) + b"\n",
    "format 3": lambda cells: dumped(version_3(cells), indent=1) + b"\n",
    "format 3, one line": lambda cells: dumped(version_3(cells)),
    "CRLF": lambda cells: dumped(version_4(cells), indent=1).replace(b"\n", b"\r\n") + b"\r\n",
    "byte order mark": lambda cells: b"\xef\xbb\xbf" + dumped(version_4(cells), indent=1, ensure_ascii=False),
    "escaped for HTML": lambda cells: (
        dumped(version_4(cells), indent=1)
        .replace(b"<", b"\\u003c")
        .replace(b"/", b"\\/")
        .replace(b"\\u00e8", b"\\u00E8")
    ),
    "numbers and names in other spellings": lambda cells: (
        dumped(version_4(cells), indent=1).replace(b"1.5,", b"1.500,").replace(b'"widgets"', b'"\\u0077idgets"')
    ),
    "space before colons": lambda cells: dumped(version_4(cells), indent=1, separators=(" ,", " : ")),
    "keys in another order": lambda cells: dumped(dict(reversed(version_4(cells, minor=4).items())), indent=1),
}


@pytest.mark.parametrize("origin", ORIGINS)
class TestOrigins:
    def test_a_fix_changes_the_sources_concerned_and_no_other_byte(self, origin: str) -> None:
        make = ORIGINS[origin]
        before = Notebook.from_bytes(make(CELLS), "a.ipynb")
        assert before.to_bytes() == make(CELLS)
        after = kerasfix.fix(before.content, "a.ipynb")
        assert after.applied == (("KFX101", 1),)
        assert isinstance(after.document, Notebook)
        assert Notebook.from_text(after.text, "a.ipynb").text == after.document.text
        fixed = b"\xef\xbb\xbf" * before.bom + after.text.encode()
        assert fixed == make(FIXED)

    def test_what_was_fixed_is_as_valid_as_before(self, origin: str) -> None:
        text = Notebook.from_bytes(ORIGINS[origin](CELLS), "a.ipynb").content
        fixed = kerasfix.fix(text, "a.ipynb").text
        for one in (text, fixed):
            nbformat.validate(nbformat.reads(one, as_version=nbformat.NO_CONVERT))

    def test_a_second_run_changes_nothing(self, origin: str) -> None:
        text = Notebook.from_bytes(ORIGINS[origin](FIXED), "a.ipynb").content
        assert kerasfix.check(text, "a.ipynb") == []
        assert kerasfix.fix(text, "a.ipynb").text == text


def notebook(*cells: str, **metadata: Any) -> Notebook:
    made = version_4(cells)
    return Notebook.from_text(json.dumps(made | {"metadata": metadata}), "a.ipynb")


class TestReading:
    def test_it_is_one_program_of_its_python_cells(self) -> None:
        found = notebook("# Deep", "import keras", "%%bash\nls", "%time f()\nx = 1")
        assert found.text == "import keras\n%time f()\nx = 1"
        assert found.program == "import keras\n0        \nx = 1"
        assert [cell.number for cell in found.cells] == [2, 4]

    def test_a_place_is_a_line_of_a_cell(self) -> None:
        found = notebook("# Deep", "import keras\n", "%time f()\nx = 1")
        assert found.place(found.text.index("x")) == Place(2, 0, 3)
        assert str(found.place(found.text.index("keras"))) == "cell 2:1:8"
        assert found.place(found.text.index("x")).line == "line 2 of cell 3"
        assert found.rows_around(found.row_count) == range(3, 5)

    def test_the_line_in_the_file_is_known_too(self) -> None:
        text = json.dumps(version_4(CELLS), indent=1)
        found = Notebook.from_text(text, "a.ipynb")
        row = found.file_row(found.text.index("model.add"))
        assert text.splitlines()[row - 1].strip() == '"model.add(Dense(8, input_shape=(4,)))\\n",'

    def test_a_cell_that_is_not_python_loses_itself_only(self) -> None:
        found = notebook("import keras", "x = 1\nprint 'x'\nx = 2", "y = 2")
        assert found.program == "import keras\nx=_  \n         \nx=_  \ny = 2"
        (failure,) = found.failures
        assert found.place(found.offset(failure.location)) == Place(2, 0, 2)

    def test_a_cell_whose_lines_are_all_indented_is_python(self) -> None:
        found = notebook("x = 1", "  y = 2\n  %time z\n  z = 3", "  # a comment\nz = 4")
        assert found.program == "x = 1\nwith _:\n  y = 2\n  0      \n  z = 3\n  # a comment\nz = 4"
        assert not found.failures
        assert found.place(found.text.index("z = 3")) == Place(3, 2, 2)

    def test_magics_without_a_mark(self) -> None:
        found = notebook("pip install keras", "ls")
        assert not found.failures and found.program == f"{' ' * 17}\nls"

    def test_null_bytes_and_lone_surrogates_do_no_harm(self) -> None:
        found = notebook("x = '\0\ud800'", "\0", "y = 1")
        assert found.program == "x = '\ufffd\ufffd'\n \ny = 1"
        assert len(found.failures) == 1

    def test_a_cell_of_another_language_is_left_out(self) -> None:
        made = version_4(["x = 1", "y <- 2", "z = 3"])
        made["cells"][1]["metadata"] = {"vscode": {"languageId": "r"}}
        assert Notebook.from_text(json.dumps(made), "a.ipynb").text == "x = 1\nz = 3"
        old = version_3(["# Deep", "x = 1", "y <- 2"])
        old["worksheets"][1]["cells"][0]["language"] = "R"
        assert Notebook.from_text(json.dumps(old), "a.ipynb").text == "x = 1"

    @pytest.mark.parametrize(
        "metadata",
        [
            {"kernelspec": {"language": "R", "name": "ir"}},
            {"language_info": {"name": "julia"}},
            {"language_info": {"name": "scala"}, "kernelspec": {"language": "python"}},
        ],
    )
    def test_a_notebook_of_another_language_is_none_of_our_business(self, metadata: dict[str, Any]) -> None:
        with pytest.raises(OtherLanguageError, match=r"its language is (R|julia|scala)"):
            notebook("x <- 1", **metadata)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "its JSON is broken at line 1: Expecting value"),
            ('{"cells": [\n}', "its JSON is broken at line 2: Expecting value"),
            ("[]", "it has neither cells nor worksheets"),
            ('{"cells": {}}', "it has neither cells nor worksheets"),
            ("[" * 100_000, "its JSON is nested too deeply"),
        ],
    )
    def test_what_is_no_notebook_is_told(self, text: str, message: str) -> None:
        with pytest.raises(SourceError, match=message):
            Notebook.from_text(text, "a.ipynb")
        with pytest.raises(SourceError, match="not a notebook, its byte 1 is not valid utf-8"):
            Notebook.from_bytes(b"[\xff", "a.ipynb")

    @pytest.mark.parametrize("cell", [None, 1, {}, {"cell_type": "code"}, {"cell_type": "code", "source": [1]}])
    def test_a_cell_without_a_source_is_passed_over(self, cell: object) -> None:
        made = version_4(["x = 1"])
        made["cells"].insert(0, cell)
        found = Notebook.from_text(json.dumps(made), "a.ipynb")
        assert (found.text, found.cells[0].number) == ("x = 1", 2)


class TestEditing:
    def test_edits_stay_within_the_python_of_one_cell(self) -> None:
        found = notebook("%time x\ny = 1", "z = !ls")
        assert found.may_edit(Edit(8, 9, "x"))
        assert found.may_edit(Edit(13, 13, "x")) and found.may_edit(Edit(14, 14, "x"))
        assert found.may_edit(Edit(0, 0, "x"))  # before a magic, not in it
        assert not found.may_edit(Edit(12, 15, "x"))  # over the border
        assert not found.may_edit(Edit(13, 14, ""))  # the border
        assert not found.may_edit(Edit(0, 8, ""))
        assert not found.may_edit(Edit(3, 3, "x"))
        assert not found.may_edit(Edit(18, 19, "x"))
        with pytest.raises(ValueError, match="not within a cell"):
            found.edited([Edit(12, 15, "x")])

    @pytest.mark.parametrize("pattern", [r"Dense.*\n.*3", r"_\(\)"])
    def test_a_fix_beyond_them_is_not_offered(self, use_rules: Callable[..., None], pattern: str) -> None:
        use_rules(text_rule("KFX101", pattern, "x", fixable="always"))
        found = notebook("import keras\nDense(4, input_shape=2)", "3", "x = !ls")
        (finding,) = kerasfix.check(found.content, "a.ipynb")
        assert finding.fix is None
        assert finding.message.endswith("; no fix: it would reach beyond the Python of one cell")

    def test_a_fix_that_breaks_its_cell_is_not_made(self, use_rules: Callable[..., None]) -> None:
        use_rules(text_rule("KFX101", "input_shape=", "=", fixable="always"))
        found = notebook("import keras\nDense(4, input_shape=2)", "3")
        result = kerasfix.fix(found.content, "a.ipynb")
        assert result.text == found.content
        assert any("leaves a cell that does not parse" in one.message for one in result.remaining)

    @given(st.data())
    def test_the_file_holds_what_the_text_says(self, data: st.DataObject) -> None:
        text = st.text('ab\n\r"\\/é𝒳\u2028\0', max_size=8)
        cells = data.draw(st.lists(text, min_size=1, max_size=3))
        forms: list[Callable[[str], Any]] = [lines_at_line_feeds, str, list]
        as_source = data.draw(st.sampled_from(forms))
        options: dict[str, Any] = data.draw(st.sampled_from([{}, {"indent": 1}, {"indent": 1, "ensure_ascii": False}]))
        made = version_4(cells, as_source)
        found = Notebook.from_text(json.dumps(made, **options), "a.ipynb")
        cell = data.draw(st.sampled_from(found.cells))
        if cell.start == cell.end:
            return
        start = data.draw(st.integers(cell.start, cell.end))
        edit = Edit(start, data.draw(st.integers(start, cell.end)), data.draw(text))
        changed = found.edited([edit])
        assert changed.text == splice(found.text, [edit])
        assert without_sources(changed) == without_sources(found)
        for was, now in zip(made["cells"], json.loads(changed.content)["cells"], strict=True):
            assert type(was["source"]) is type(now["source"])
            if was is not made["cells"][cell.number - 1]:
                assert was == now


def lines_at_line_feeds(text: str) -> list[str]:
    return [line for line in text.replace("\n", "\n\x01").split("\x01") if line]


def without_sources(found: Notebook) -> dict[str, Any]:
    root = copy.deepcopy(json.loads(found.content))
    for cell in root["cells"]:
        del cell["source"]
    return root  # type: ignore[no-any-return]
