"""Mutated fixtures: no rule fails, and every fix is right. `benchmarks/fuzz.py` goes on for as long as one likes."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import fuzz
import hypothesmith
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

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


MODEL = b"\nm = keras.Sequential([keras.layers.Dense(8, input_shape=(4,))])\n"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(hypothesmith.from_grammar(), st.booleans())
def test_whatever_the_grammar_allows_may_stand_beside_a_model(program: str, first: bool) -> None:
    other = program.encode("utf-8", "surrogatepass")
    parts = (MODEL, other) if first else (other, MODEL)
    kind, wrong = fuzz.broken(b"import keras\n" + b"\n".join(parts))
    assert wrong == []
    event(kind)


def test_a_wrong_fix_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerasfix.fixes.apply.splice", lambda text, edits: text + "# more\n")
    assert any(fuzz.broken(path.read_bytes())[1] for path in FIXTURES[:10])
