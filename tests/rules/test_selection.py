from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kerasfix.rules.selection import Selection, enabled, normalise

if TYPE_CHECKING:
    from kerasfix.rules.registry import Rule

pytestmark = pytest.mark.usefixtures("pretended")

DEFAULT = {"KFX101", "KFX103", "KFX104", "KFX204", "KFX901"}
FAILURES = {"KFX000", "KFX999"}


def on(*selections: Selection) -> set[str]:
    return set(enabled(selections)) - FAILURES


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (Selection(), DEFAULT),
        (Selection(select=("KFX101",)), {"KFX101"}),
        (Selection(select=("KFX1",)), {"KFX101", "KFX103", "KFX104"}),
        (Selection(select=("KFX",)), DEFAULT),
        (Selection(select=("ALL",)), DEFAULT | {"KFX110", "KFX900"}),
        (Selection(select=("KFX110",)), {"KFX110"}),
        (Selection(select=("KFX11",)), {"KFX110"}),
        (Selection(ignore=("KFX1",)), {"KFX204", "KFX901"}),
        (Selection(extend_select=("KFX110",)), DEFAULT | {"KFX110"}),
        (Selection(select=("KFX1",), ignore=("KFX101",)), {"KFX103", "KFX104"}),
        (Selection(select=("KFX101",), ignore=("KFX1",)), {"KFX101"}),
        (
            Selection(select=("ALL",), ignore=("KFX1",), extend_select=("KFX103",)),
            {"KFX103", "KFX204", "KFX900", "KFX901"},
        ),
        (Selection(select=("KFX101",), ignore=("KFX101",)), set()),
        (Selection(select=()), set()),
    ],
)
def test_the_most_specific_selector_wins(selection: Selection, codes: set[str]) -> None:
    assert on(selection) == codes


def test_a_later_place_adds_unless_it_selects() -> None:
    project = Selection(select=("KFX101",), ignore=("KFX204",))
    assert on(project, Selection(extend_select=("KFX204",))) == {"KFX101", "KFX204"}
    assert on(project, Selection(ignore=("KFX1",))) == set()
    assert on(project, Selection(select=("KFX2",))) == {"KFX204"}


def test_a_failure_is_reported_whatever_is_selected_unless_it_is_ignored() -> None:
    assert enabled([Selection(select=("KFX101",))]) >= FAILURES
    assert enabled([Selection(ignore=("KFX000",))]) & FAILURES == {"KFX999"}


@pytest.mark.parametrize(
    ("selector", "code"),
    [
        ("kfx101", "KFX101"),
        (" KFX1 ", "KFX1"),
        ("all", "ALL"),
        ("syntax-error", "KFX000"),
        ("KFX7", None),
        ("K", None),
        ("E501", None),
        ("", None),
    ],
)
def test_selectors_are_checked(selector: str, code: str | None, pretended: tuple[Rule, ...]) -> None:
    assert normalise(selector) == code
