from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import text_rule

from kerasfix.config import Settings
from kerasfix.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from kerasfix.repair import FixResult, fix_document, shift
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = "import keras\nDense(input_shape=0)\n"


def fix(text: str, **settings: Any) -> FixResult:
    return fix_document(Document("a.py", HEAD + text), Settings(**settings))


def body(result: FixResult) -> str:
    return result.text.removeprefix("import keras\nDense(").partition("\n")[2]


def codes(result: FixResult) -> list[str]:
    return [diagnostic.code for diagnostic in result.remaining]


def test_safe_fixes_are_applied_and_counted(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\b", "two"), text_rule("KFX102", r"\bthree\b"))
    result = fix("one(three, one)\n")
    assert body(result) == "two(three, two)\n"
    assert result.applied == (("KFX101", 2),)
    assert result.passes == 1
    (left,) = result.remaining
    assert left.code == "KFX102"
    assert result.text[left.start : left.end] == "three"


def test_unsafe_fixes_are_applied_where_asked_for(use_rules: Callable[..., None]) -> None:
    use_rules(
        text_rule("KFX101", r"\bone\b", "two", applicability=Applicability.UNSAFE),
        text_rule("KFX102", r"\bthree\b", "four", applicability=Applicability.DISPLAY),
    )
    assert body(fix("one, three\n")) == "one, three\n"
    assert body(fix("one, three\n", unsafe_fixes=True)) == "two, three\n"


def test_a_fix_may_make_way_for_another(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\b", "two"), text_rule("KFX102", r"\btwo\b", "three"))
    result = fix("one\n")
    assert body(result) == "three\n"
    assert (result.applied, result.passes) == ((("KFX101", 1), ("KFX102", 1)), 2)


def test_one_fix_that_mends_two_findings_is_made_once(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\b", "two"), text_rule("KFX102", r"\bone\b", "two"))
    assert fix("one\n").applied == (("KFX101", 1), ("KFX102", 1))


def test_a_fix_that_leaves_no_python_is_withdrawn_alone(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\b", "two"), text_rule("KFX102", r"\bbad\b", "(("))
    result = fix("".join(f"one{number if number == 7 else ''}\none\nbad\n" for number in range(9)))
    assert body(result).count("two") == 17
    assert body(result).count("bad") == 9
    assert codes(result).count("KFX102") == 9
    bugs = [diagnostic for diagnostic in result.remaining if diagnostic.code == "KFX999"]
    assert len(bugs) == 9
    assert bugs[0].message.startswith("the fix of KFX102 was not applied: it leaves a file that does not parse")
    assert {result.text[bug.start : bug.end] for bug in bugs} == {"bad"}
    assert all(diagnostic.fix is None for diagnostic in result.remaining)


def test_a_fix_that_leaves_its_finding_is_withdrawn(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\w*", "one_more"), text_rule("KFX102", r"\bold\b", "new"))
    result = fix("one, old\n")
    assert body(result) == "one, new\n"
    assert codes(result) == ["KFX101", "KFX999"]
    assert "leaves the finding" in result.remaining[1].message


def test_the_next_finding_of_the_same_kind_is_not_the_old_one(use_rules: Callable[..., None]) -> None:
    use_rules(drop_rule := replace(text_rule("KFX106", ""), check=_drop_second))
    assert drop_rule.code == "KFX106"
    result = fix("Input, Input, Input, Dense\n")
    assert body(result) == "Input, Dense\n"
    assert codes(result) == []


def _drop_second(program: Any, target: Any) -> Iterator[Diagnostic]:
    """Every Input but the first is a finding, and dropping it brings the next one to its place."""
    for match in list(re.finditer(r"Input, ", program))[1:]:
        fix = Fix("Drop it", Applicability.SAFE, (Edit(match.start(), match.end(), ""),))
        yield Diagnostic("KFX106", "n", "m", Severity.WARNING, match.start(), match.end() - 2, fix)


def test_fixes_that_undo_each_other_come_to_an_end(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\b", "two"), text_rule("KFX102", r"\btwo\b", "one"))
    result = fix("one\n")
    assert result.passes == 10
    assert "KFX999" in codes(result)
    assert any("do not come to an end" in diagnostic.message for diagnostic in result.remaining)


def test_a_fix_that_cannot_be_applied_is_reported(use_rules: Callable[..., None]) -> None:
    def check(program: Any, target: Any) -> Iterator[Diagnostic]:
        broken = Fix("Overlap", Applicability.SAFE, (Edit(0, 5, "a"), Edit(3, 6, "b")))
        yield Diagnostic("KFX101", "n", "m", Severity.WARNING, 0, 5, broken)

    use_rules(replace(text_rule("KFX101", ""), check=check))
    result = fix("")
    assert result.text == HEAD
    assert "it cannot be applied: OverlappingEditsError" in result.remaining[1].message


def test_suppressed_findings_are_not_fixed(use_rules: Callable[..., None]) -> None:
    use_rules(text_rule("KFX101", r"\bone\b", "two"))
    assert body(fix("one\none  # noqa\n")) == "two\none  # noqa\n"


@pytest.mark.parametrize(
    ("edits", "offset", "places"),
    [
        ([Edit(0, 2, "")], 5, (3, 3)),
        ([Edit(5, 5, "abc")], 5, (5, 8)),
        ([Edit(3, 5, "")], 5, (3, 3)),
        ([Edit(5, 8, "ab")], 5, (5, 7)),
        ([Edit(4, 8, "ab")], 5, (4, 6)),
        ([Edit(6, 8, "ab")], 5, (5, 5)),
        ([Edit(0, 0, "xy"), Edit(4, 8, "")], 5, (6, 6)),
    ],
)
def test_places_follow_the_edits(edits: list[Edit], offset: int, places: tuple[int, int]) -> None:
    assert shift(offset, edits) == places
