"""Random programs, whole and broken: what is reported of them is what real Keras does, and most that it refuses is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from broken_models import BREAKS, WHOLE, broken_models, numbered
from hypothesis import HealthCheck, Phase, given, settings
from judgement import judge

import kerasfix

if TYPE_CHECKING:
    from drafts import BrokenModel


@pytest.mark.keras
@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(broken_models())
def test_what_is_reported_is_what_keras_does(program: BrokenModel) -> None:
    told = judge(program)
    assert told.false_alarms == [], program.text
    if program.broken == WHOLE:
        assert not told.refused or told.findings, program.text


def test_programs_are_broken_in_every_way_and_most_is_reported() -> None:
    programs = [numbered(0, number) for number in range(300)]
    assert len({program.text for program in programs}) > 290
    assert {program.broken for program in programs} == set(BREAKS)
    broken = [program for program in programs if program.broken != WHOLE]
    assert sum(bool(kerasfix.check(program.text)) for program in broken) > len(broken) * 0.75
