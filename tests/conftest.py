"""What tests share: rules that look at the text alone, and real Keras."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from kerasfix import config, engine
from kerasfix.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from kerasfix.rules import registry
from kerasfix.rules.registry import Rule
from kerasfix.verify.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kerasfix.verify.session import Session


# A busy machine is no error of the code.
settings.register_profile("kerasfix", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kerasfix")


def text_rule(code: str, pattern: str, replacement: str | None = None, **options: Any) -> Rule:
    """A rule that finds a pattern in the source, and may replace it; what it is given as Program is the
    text."""
    applicability = options.pop("applicability", Applicability.SAFE)
    name = f"pretended-{code.lower()}"

    def check(program: Any, target: Any) -> Iterator[Diagnostic]:
        for match in re.finditer(pattern, program):
            fix = None
            if replacement is not None:
                edit = Edit(match.start(), match.end(), match.expand(replacement))
                fix = Fix(f"Write {edit.content!r}", applicability, (edit,))
            yield Diagnostic(code, name, f"`{match[0]}` is wrong", Severity.WARNING, match.start(), match.end(), fix)

    words = frozenset({"input_shape"}), frozenset({"Dense"})
    documentation = f"# What it does\n\nFinds {pattern}."
    return Rule(code, name, f"finds {pattern}", *words, check, documentation, **options)


SAFE = text_rule("KFX101", r"input_shape=(?=\d)", "shape=", fixable="always")
UNSAFE = text_rule("KFX103", r"batch_shape", "shapes", applicability=Applicability.UNSAFE)
SHOWN = text_rule("KFX104", r"display_me", "shown", applicability=Applicability.DISPLAY)
OFF = text_rule("KFX110", r"Sequential", default=False)
OTHER_FAMILY = text_rule("KFX204", r"scalar")

PRETENDED = (SAFE, UNSAFE, SHOWN, OFF, OTHER_FAMILY)


@pytest.fixture
def use_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts rules that look at the text in the place of the real ones."""
    analysis = ModuleType("kerasfix.analysis.gathering")
    analysis.analyse = lambda text, cells=(): text  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kerasfix.analysis.gathering", analysis)

    def use(*rules: Rule) -> None:
        monkeypatch.setattr(registry, "rules", lambda: rules)
        _forget()

    yield use
    monkeypatch.undo()
    _forget()


@pytest.fixture
def pretended(use_rules: Callable[..., None]) -> tuple[Rule, ...]:
    """The rules above."""
    use_rules(*PRETENDED)
    return PRETENDED


class NothingKept(Answers):
    """Lets real Keras be asked the same again."""

    def get(self, key: str) -> None:
        return None


@pytest.fixture(scope="session")
def real_keras() -> Iterator[Session]:
    """The session that all tests share: its workers start when they are first asked for, and are asked every time."""
    from kerasfix.verify.session import Session

    with Session(answers=NothingKept(None)) as session:
        yield session


def _forget() -> None:
    engine.plan.cache_clear()
    config._enabled.cache_clear()
