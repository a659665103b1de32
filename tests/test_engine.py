from __future__ import annotations

import ast
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SAFE, text_rule

from kerasfix.config import Settings
from kerasfix.engine import Reached, check_document, inspect_document
from kerasfix.rules.selection import Selection
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kerasfix.diagnostics import Diagnostic

BAD = "import keras\nkeras.layers.Dense(8, input_shape=4)\n"


def check(text: str, path: str = "a.py", **settings: Any) -> list[tuple[str, str]]:
    found = check_document(Document(path, text), Settings(**settings))
    return [(diagnostic.code, diagnostic.message) for diagnostic in found]


@pytest.mark.usefixtures("pretended")
class TestOneDocument:
    def test_findings_are_in_the_order_of_the_text(self) -> None:
        text = "import keras\nDense(batch_shape)\nDense(scalar, input_shape=1)\n"
        assert [code for code, _ in check(text)] == ["KFX103", "KFX204", "KFX101"]

    @pytest.mark.parametrize(
        ("text", "reached"),
        [
            ("import torch\nDense(input_shape=4)", Reached.READ),
            ("import keras\n", Reached.READ),
            ("import keras\n# Dense(input_shape=4)", Reached.PARSED),
            (BAD, Reached.ANALYSED),
        ],
    )
    def test_a_file_goes_no_further_than_it_must(self, text: str, reached: Reached) -> None:
        assert inspect_document(Document("a.py", text), Settings()).reached is reached

    def test_a_tree_at_hand_is_used(self) -> None:
        nothing = ast.parse("")
        assert inspect_document(Document("a.py", BAD), Settings(), nothing).diagnostics == ()

    def test_suppressed_findings_are_left_out(self) -> None:
        assert check(BAD.replace("4)\n", "4)  # noqa: KFX101\n")) == []

    def test_ignored_in_this_file(self) -> None:
        ignores = (("tests/*.py", ("KFX1",)), ("!*.py", ("KFX2",)))
        assert check(BAD, "tests/a.py", per_file_ignores=ignores) == []
        assert check(BAD, "src/a.py", per_file_ignores=ignores) != []
        assert check(BAD.replace("4", "scalar"), "a.pyw", per_file_ignores=ignores) == []

    def test_an_unused_suppression_is_found_even_where_no_rule_has_work(self) -> None:
        selections = (Selection(extend_select=("KFX900",)),)
        assert check("x = 1  # noqa: KFX101\n", selections=selections) == [("KFX900", "KFX101 suppresses nothing here")]
        assert check("x = 1  # noqa: KFX101\n") == []


@pytest.mark.usefixtures("pretended")
class TestSyntaxError:
    def test_is_reported_at_its_place(self) -> None:
        document = Document("a.py", BAD + "x = 'é𝒳' $\n")
        (found,) = check_document(document, Settings())
        assert found.code == "KFX000"
        assert document.location(found.start).row == 3
        assert document.text[found.start] == "$"

    def test_python_2_is_named(self) -> None:
        ((code, message),) = check(BAD + "print 'x'\n")
        assert code == "KFX000"
        assert "looks like Python 2" in message

    def test_of_a_file_that_no_rule_is_about_is_not_ours(self) -> None:
        assert check("import keras\ndef f(:\n") == []

    def test_can_be_ignored(self) -> None:
        assert check(BAD + "print 'x'\n", selections=(Selection(ignore=("KFX000",)),)) == []


class TestFailure:
    def test_of_a_rule_leaves_the_others_and_what_it_had_found(self, use_rules: Callable[..., None]) -> None:
        def fail(program: Any, target: Any) -> Iterator[Diagnostic]:
            yield from SAFE.check(program, target)
            raise KeyError("axis")

        use_rules(replace(text_rule("KFX102", ""), check=fail), text_rule("KFX103", "Dense"))
        found = check(BAD)
        assert [code for code, _ in found] == ["KFX999", "KFX103"]
        assert found[0][1].startswith("KFX102 failed on this file: KeyError: 'axis' (test_engine.py:")

    def test_of_the_analysis_is_a_finding(
        self, use_rules: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(text: str, cells: object) -> None:
            raise RecursionError("maximum recursion depth exceeded")

        use_rules(SAFE)
        monkeypatch.setattr(sys.modules["kerasfix.analysis.gathering"], "analyse", fail)
        ((code, message),) = check(BAD)
        assert code == "KFX999"
        assert "the analysis of this file failed: RecursionError" in message
