"""Whether what the rules say of a program agrees with what real Keras does with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from oracle import KERAS, endings

import kerasfix
from kerasfix.config import Settings
from kerasfix.diagnostics import Severity
from kerasfix.rules.selection import Selection
from kerasfix.target import TargetKeras

if TYPE_CHECKING:
    from drafts import BrokenModel
    from oracle import Keras

    from kerasfix.diagnostics import Diagnostic

Said: TypeAlias = "dict[Keras, str | None]"

WITHOUT_HARM = {"KFX205": "is for the tensor to say", "KFX206": "no longer documented"}
"""What the rules also say of programs in which no Keras goes wrong, by words of the message: a shape that repeats what
a tensor says, and `InputLayer(batch_input_shape=...)`, which Keras 3 takes and does not document."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What each Keras does with a program, and what is reported of it."""

    program: BrokenModel
    raised: Said
    """The error of building it or of its use."""
    warned: Said
    """The first warning about its inputs."""
    silent: Said
    """What goes wrong without either, as the program's probe tells."""
    findings: tuple[Diagnostic, ...]
    """Those of every rule, for both Keras."""
    for_one: dict[Keras, tuple[Diagnostic, ...]]
    """Those for a target of one Keras alone."""

    @property
    def codes(self) -> set[str]:
        """The rules that report something."""
        return {found.code for found in self.findings}

    @property
    def refused(self) -> bool:
        """Whether some Keras raises."""
        return any(self.raised.values())

    def holds(self, found: Diagnostic) -> bool:
        """Whether some Keras does what a finding is about: one that is an error is about what Keras refuses."""
        if found.severity is Severity.ERROR:
            return self.refused
        return any((*self.raised.values(), *self.warned.values(), *self.silent.values())) or is_without_harm(found)

    @property
    def false_alarms(self) -> list[Diagnostic]:
        """The findings about what no Keras does, and the errors for a Keras that does not raise."""
        found = [one for one in self.findings if not self.holds(one)]
        for keras in KERAS:
            if self.raised[keras] is None:
                found += (one for one in self.for_one[keras] if one.severity is Severity.ERROR)
        return found


def is_without_harm(found: Diagnostic) -> bool:
    """Whether a finding says itself that nothing goes wrong."""
    return found.code in WITHOUT_HARM and WITHOUT_HARM[found.code] in found.message


def judge(program: BrokenModel) -> Judgement:
    """Checks a program with every rule, and runs it in Keras 2 and Keras 3."""
    findings = checked(program, TargetKeras.BOTH)
    told = endings(program.text)
    raised: Said = {keras: told[keras]["error"] for keras in KERAS}
    warned: Said = {keras: next(iter(told[keras]["warnings"]), None) for keras in KERAS}
    silent: Said = dict.fromkeys(KERAS)
    if findings and not any((*raised.values(), *warned.values())):
        silent = {keras: failed_check(ending["error"]) for keras, ending in endings(program.probe).items()}
    return Judgement(program, raised, warned, silent, findings, {k: checked(program, TargetKeras(k)) for k in KERAS})


def checked(program: BrokenModel, target: TargetKeras) -> tuple[Diagnostic, ...]:
    """What every rule finds."""
    settings = Settings(selections=(Selection(extend_select=("ALL",)),), target=target)
    return tuple(kerasfix.check(program.text, settings=settings))


def failed_check(error: str | None) -> str | None:
    """What a probe's own check says; any other error says nothing about the program."""
    return error if error is not None and error.startswith("AssertionError") else None
