"""Real-looking programs, before and after: what kerasfix finds in them, what it makes of them, and the proof.

`fixtures/NAME.in.py` is a program, `NAME.out.py` what `kerasfix check --fix` leaves of it,
`NAME.unsafe.out.py` what `--unsafe-fixes` leaves where that is more, and `NAME.diagnostics.json` the
findings in the first, rows and columns from 1. All three are written by hand. A fixture that begins with
the code of a rule that is off by default is checked with that rule on.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from oracle import KERAS, prove, records

import kerasfix
from kerasfix.config import Settings
from kerasfix.rules import registry
from kerasfix.rules.selection import Selection
from kerasfix.source.document import Document
from kerasfix.verify import verify
from kerasfix.verify.verifier import Verdict

if TYPE_CHECKING:
    from oracle import Keras

    from kerasfix.verify.session import Session

FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = sorted(path.name.removesuffix(".in.py") for path in FIXTURES.glob("*.in.py"))

UNSAFE_AND_DIFFERENT: dict[str, set[Keras]] = {
    # Keras 2 gave the input the layer's dtype, and so does the fix; Keras 3 did not.
    "kfx101_layer_dtype": {"keras3"},
    # Keras 2 makes the second Input a layer of the model; that is also what Keras 3 is held against.
    "kfx106_second_input": {"keras3", "keras2"},
    # The whole array's shape made models of one axis more, which no data fit.
    "kfx201_shape_of_the_array": {"keras3", "keras2"},
    # The input keeps its own name: Keras 2 named that of each model after the layer around the tensor.
    "kfx211_tensor_in_input_layer": {"keras2"},
    # One input less: that is the point. What Keras 2 refuses is held against what Keras 3 builds.
    "kfx301_actor_and_critic": {"keras3", "keras2"},
    # Three inputs become one: that is the point.
    "kfx302_activity_heads": {"keras3", "keras2"},
    # The input of each branch is that of the whole model, and has its name.
    "kfx303_two_tower_recommender": {"keras3", "keras2"},
    # One layer less: that is the point.
    "kfx304_inception_block": {"keras3", "keras2"},
    "kfx304_home_made_input": {"keras3", "keras2"},
    "seed": {"keras3", "keras2"},
    # What looks like a dtype was a name to Keras 2.
    "kfx207_positional_input_arguments": {"keras2"},
}
"""The unsafe fixes that do change the model, and under which Keras: this is why they are unsafe."""


DIFFERENT_IN_VERIFY = {
    "kfx101_layer_dtype": 2,
    "kfx106_second_input": 1,
    "kfx201_shape_of_the_array": 3,
    "kfx301_actor_and_critic": 1,
    "kfx302_activity_heads": 1,
    "kfx302_y_network": 1,
    "kfx303_two_tower_recommender": 2,
    "kfx304_inception_block": 1,
    "kfx304_home_made_input": 2,
    "seed": 1,
}
"""How many models `--verify` holds back of these, for the same reasons as the oracle.

It asks tf_keras only about what Keras 3 does not build, so what kfx207 changes there does not show."""


def text_of(name: str, suffix: str) -> str:
    """A fixture's text with its line ends as they are."""
    return (FIXTURES / f"{name}{suffix}").read_bytes().decode("utf-8")


def expected(name: str) -> list[dict[str, Any]]:
    """The findings that a fixture declares."""
    found: list[dict[str, Any]] = json.loads(text_of(name, ".diagnostics.json"))
    return found


def safely_fixed(name: str) -> str:
    """What `--fix` is to leave."""
    return text_of(name, ".out.py")


def unsafely_fixed(name: str) -> str:
    """What `--fix --unsafe-fixes` is to leave: no more than `--fix` where the fixture does not say."""
    suffix = ".unsafe.out.py" if (FIXTURES / f"{name}.unsafe.out.py").exists() else ".out.py"
    return text_of(name, suffix)


@cache
def settings(name: str, *, unsafe: bool = False) -> Settings:
    """The default settings, with the rule on that the fixture is named after."""
    code = name.partition("_")[0].upper()
    extend = (code,) if registry.find(code) is not None else ()
    return Settings(selections=(Selection(extend_select=extend),), unsafe_fixes=unsafe)


def test_every_fixture_is_whole() -> None:
    assert NAMES
    files = {path.name for path in FIXTURES.glob("*.py")} | {path.name for path in FIXTURES.glob("*.json")}
    for name in NAMES:
        files -= {f"{name}.in.py", f"{name}.out.py", f"{name}.diagnostics.json"}
        if f"{name}.unsafe.out.py" in files:
            files.remove(f"{name}.unsafe.out.py")
            assert unsafely_fixed(name) != safely_fixed(name), name
    assert not files, "these belong to no fixture"


def test_every_rule_has_a_fixture_named_after_it() -> None:
    codes = {rule.code for rule in registry.rules()}
    assert codes
    for code in codes:
        named = [name for name in NAMES if name.startswith(f"{code.lower()}_")]
        assert any(finding["code"] == code for name in named for finding in expected(name)), code


@pytest.mark.parametrize("name", NAMES)
def test_findings(name: str) -> None:
    document = Document(f"{name}.py", text_of(name, ".in.py"))
    found = []
    for diagnostic in kerasfix.check(document.text, settings=settings(name)):
        place = document.location(diagnostic.start)
        fix = diagnostic.fix
        found.append(
            {
                "code": diagnostic.code,
                "row": place.row,
                "column": place.column + 1,
                "applicability": fix.applicability.value if fix is not None else None,
            }
        )
    assert found == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_fix(name: str) -> None:
    assert kerasfix.fix(text_of(name, ".in.py"), settings=settings(name)).text == safely_fixed(name)


@pytest.mark.parametrize("name", NAMES)
def test_unsafe_fix(name: str) -> None:
    result = kerasfix.fix(text_of(name, ".in.py"), settings=settings(name, unsafe=True))
    assert result.text == unsafely_fixed(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_changes_nothing(name: str) -> None:
    for unsafe, text in ((False, safely_fixed(name)), (True, unsafely_fixed(name))):
        result = kerasfix.fix(text, settings=settings(name, unsafe=unsafe))
        assert result.text == text
        assert result.applied_count == 0
        left = {d.fix.applicability.value for d in result.remaining if d.fix is not None}
        assert left <= ({"display"} if unsafe else {"display", "unsafe"})


@pytest.mark.parametrize("name", NAMES)
def test_where_nothing_is_to_be_done_nothing_is_found(name: str) -> None:
    # What remains after all fixes is what the fixture says has none.
    remaining = kerasfix.check(unsafely_fixed(name), settings=settings(name))
    unfixable = [f["code"] for f in expected(name) if f["applicability"] in (None, "display")]
    assert [diagnostic.code for diagnostic in remaining] == unfixable


SAFELY_FIXABLE = [name for name in NAMES if safely_fixed(name) != text_of(name, ".in.py")]
UNSAFELY_FIXABLE = [name for name in NAMES if unsafely_fixed(name) != safely_fixed(name)]
UNTOUCHED = [name for name in NAMES if unsafely_fixed(name) == text_of(name, ".in.py")]


@pytest.mark.keras
@pytest.mark.parametrize("name", SAFELY_FIXABLE)
def test_a_safe_fix_builds_the_same_models_in_both_keras(name: str) -> None:
    verdicts = prove(text_of(name, ".in.py"), safely_fixed(name))
    for keras in KERAS:
        assert verdicts[keras].outcome in ("identical", "now builds"), (keras, verdicts[keras].differences)
    if all(finding["applicability"] == "safe" for finding in expected(name)):
        assert not verdicts["keras3"].warnings


@pytest.mark.keras
@pytest.mark.parametrize("name", UNSAFELY_FIXABLE)
def test_an_unsafe_fix_builds_in_both_keras(name: str) -> None:
    verdicts = prove(text_of(name, ".in.py"), unsafely_fixed(name))
    changed = {keras for keras in KERAS if verdicts[keras].outcome == "different"}
    assert changed == UNSAFE_AND_DIFFERENT.get(name, set()), verdicts
    for verdict in verdicts.values():
        assert not [text for text in verdict.differences if "does not build" in text]
    assert not verdicts["keras3"].warnings


@pytest.mark.keras
@pytest.mark.parametrize("name", SAFELY_FIXABLE)
def test_verify_bears_out_a_safe_fix(name: str, real_keras: Session) -> None:
    found = verify(text_of(name, ".in.py"), safely_fixed(name), real_keras)
    assert found, "a fix has to do with some model"
    assert [one for one in found if one.verdict is Verdict.DIFFERENT] == []


@pytest.mark.keras
@pytest.mark.parametrize("name", UNSAFELY_FIXABLE)
def test_verify_holds_back_the_unsafe_fixes_that_are_known_to_differ(name: str, real_keras: Session) -> None:
    found = verify(text_of(name, ".in.py"), unsafely_fixed(name), real_keras)
    different = [one for one in found if one.verdict is Verdict.DIFFERENT]
    assert len(different) == DIFFERENT_IN_VERIFY.get(name, 0), different


@pytest.mark.keras
@pytest.mark.parametrize("name", UNTOUCHED)
def test_a_program_without_a_fix_runs(name: str) -> None:
    # In one Keras at least: what the other refuses is what some rules report.
    errors = [
        [scope["error"] for scope in program["scopes"] if scope["error"]]
        for program in records(text_of(name, ".in.py")).values()
    ]
    assert [] in errors, errors
