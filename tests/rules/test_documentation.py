"""What a rule's page shows is true: example found, fix as shown, and both programs alike in real Keras."""

from __future__ import annotations

import re
from functools import cache

import pytest
from oracle import KERAS, prove, records

import kerasfix
from kerasfix.config import Settings
from kerasfix.rules import registry
from kerasfix.rules.selection import Selection

RULES = {rule.code: rule for rule in registry.rules()}
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+?)\??$", re.MULTILINE)


@cache
def sections(code: str) -> dict[str, str]:
    """The sections of a rule's page by their headings, question marks left out."""
    page = RULES[code].documentation
    fenced = [match.span() for match in FENCED.finditer(page)]
    headings = [
        match for match in HEADING.finditer(page) if not any(start <= match.start() < end for start, end in fenced)
    ]
    ends = [match.start() for match in headings[1:]] + [len(page)]
    return {match[1]: page[match.end() : end].strip() for match, end in zip(headings, ends, strict=True)}


def blocks(code: str, section: str) -> list[str]:
    """The programs in a section."""
    return BLOCK.findall(sections(code).get(section, ""))


def settings(code: str, *, unsafe: bool = False) -> Settings:
    """The default settings, with the rule on and unsafe fixes allowed if asked for."""
    return Settings(selections=(Selection(extend_select=(code,)),), unsafe_fixes=unsafe)


PAIRS = [
    pytest.param(code, before, after, id=f"{code}-{number}")
    for code in RULES
    for number, (before, after) in enumerate(
        zip(blocks(code, "Example"), blocks(code, "Use instead"), strict=False), start=1
    )
]


def test_there_are_pages() -> None:
    assert RULES
    assert PAIRS


@pytest.mark.parametrize("code", RULES)
def test_a_page_has_its_sections(code: str) -> None:
    found = sections(code)
    assert "What it does" in found
    assert any(heading.startswith("Why ") for heading in found)
    assert blocks(code, "Example")
    if RULES[code].fixable != "never":
        assert "Fix safety" in found
        assert len(blocks(code, "Use instead")) == len(blocks(code, "Example"))
    for heading, text in found.items():
        assert text, heading


@pytest.mark.parametrize("code", RULES)
def test_the_example_triggers_this_rule_alone(code: str) -> None:
    for program in blocks(code, "Example"):
        assert {found.code for found in kerasfix.check(program, settings=settings(code))} == {code}


@pytest.mark.parametrize(("code", "before", "after"), PAIRS)
def test_the_fix_is_what_the_page_says(code: str, before: str, after: str) -> None:
    result = kerasfix.fix(before, settings=settings(code, unsafe=True))
    if RULES[code].fixable == "never":
        assert result.text == before
    else:
        assert result.text == after
    assert code not in {found.code for found in kerasfix.check(after, settings=settings(code))}


def is_safe(code: str, program: str) -> bool:
    """Whether every finding in a program can be fixed safely."""
    fixes = [found.fix for found in kerasfix.check(program, settings=settings(code))]
    return all(fix is not None and fix.applicability is kerasfix.Applicability.SAFE for fix in fixes)


@pytest.mark.keras
@pytest.mark.parametrize(("code", "before", "after"), PAIRS)
def test_both_programs_build_the_same_models(code: str, before: str, after: str) -> None:
    if not is_safe(code, before):
        # What to write instead of something ambiguous need not be the same model, but it must be one.
        for keras, program in records(after).items():
            assert [scope["error"] for scope in program["scopes"]] == [None] * len(program["scopes"]), keras
            assert sum(len(scope["models"]) for scope in program["scopes"]), keras
        return
    verdicts = prove(before, after)
    for keras in KERAS:
        assert verdicts[keras].outcome in ("identical", "now builds"), (keras, verdicts[keras].differences)
    assert not verdicts["keras3"].warnings
