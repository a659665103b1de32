"""Random programs are fixed, and real Keras builds the same models from them; KERASFIX_PROGRAMS says how many."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import kerasfix
from kerasfix.verify import verify
from kerasfix.verify.verifier import Verdict

from .generated_programs import Writer

if TYPE_CHECKING:
    from kerasfix.verify.session import Session

COUNT = int(os.environ.get("KERASFIX_PROGRAMS", "25"))


@pytest.mark.keras
@pytest.mark.parametrize("seed", range(COUNT))
def test_a_fixed_program_builds_the_same_models(seed: int, real_keras: Session) -> None:
    text = Writer(seed).program()
    fixed = kerasfix.fix(text)
    found = verify(text, fixed.text, real_keras)
    assert [one for one in found if one.verdict in (Verdict.DIFFERENT, Verdict.NOT_VERIFIABLE)] == [], text
    assert bool(found) == (fixed.text != text)


def test_the_programs_are_worth_fixing() -> None:
    texts = {Writer(seed).program() for seed in range(25)}
    assert len(texts) == 25
    assert sum(kerasfix.fix(text).applied_count > 0 for text in texts) > 20
