"""Mutated fixtures: no rule fails, every fix is right. `benchmarks/fuzz.py` does the same for as long as one likes."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import fuzz
import pytest

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*.in.py"))


@pytest.mark.parametrize("seed", range(4))
def test_no_mutated_fixture_breaks_it(seed: int) -> None:
    chance = random.Random(seed)
    kinds: Counter[str] = Counter()
    while kinds.total() < 80:
        program = chance.choice(FIXTURES).read_bytes()
        if fuzz.broken(program)[1]:
            continue  # with fixes that `tree_difference` does not know
        raw = fuzz.mutated(program, chance)
        kind, wrong = fuzz.broken(raw)
        kinds[kind] += 1
        assert wrong == [], raw.decode("utf-8", "backslashreplace")
    assert kinds["fixed"] > 2 and kinds["not Python"] > 3


def test_a_wrong_fix_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerasfix.fixes.apply.splice", lambda text, edits: text + "# more\n")
    assert any(fuzz.broken(path.read_bytes())[1] for path in FIXTURES[:10])
