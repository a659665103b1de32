"""Runs one case of a rule in every style of imports, with and without suppressions, and with its fix.

A case is a program as it stands before the fix, written with the bare names of Keras, and what the fix makes of it.
What is to be found stands beside the code: the code of the rule, the severity, what the fix is good for, and the
text at which the finding stands.

    model = Sequential([Dense(8, input_dim=4)])  # KFX101 warning safe: input_dim=4

`|` separates the findings of one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import kerasfix
from kerasfix.config import Settings
from kerasfix.rules.selection import Selection
from kerasfix.source.document import Document
from kerasfix.target import InputStyle, TargetKeras

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _pytest.mark.structures import ParameterSet

    from kerasfix.diagnostics import Diagnostic

MODELS = ("Sequential", "Model")
ROOT = (*MODELS, "Input")
NAMES = re.compile(
    r"\b(?<!\.)(Sequential|Model|InputLayer|Input|Dense|Conv2D|Flatten|LSTM|GRU|RNN|LSTMCell|Bidirectional|Embedding"
    r"|TimeDistributed|SpatialDropout1D|Dropout|TextVectorization|Layer|BatchNormalization|Conv1D|Add|Concatenate|Dot|concatenate|add"
    r"|Lambda|Identity|Reshape)(?=[(,)])"
)
EXPECTATION = re.compile(r"  # (KFX\d{3} .*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """A program, the settings under which it is checked, and what comes of it."""

    before: str
    after: str = ""
    """What is left when all fixes are applied; nothing where they leave the program as it is."""
    safely: str = ""
    """What is left when the safe ones are applied, where others are not safe."""
    target: str = "both"
    style: str = "Input"
    says: tuple[str, ...] = ()
    """What the messages of all findings, or of their fixes, have to say."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a comment expects: a finding at the only place where its text stands on that line."""

    row: int
    code: str
    severity: str
    fix: str
    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a program brings Keras in and spells its names."""

    imports: str
    """`{models}` and `{layers}` stand for the names that are needed."""
    prefixes: dict[str, str] = field(default_factory=dict)
    """What the names of `keras` (`root`) and those of `keras.layers` (`layers`) are prefixed with."""
    comment: str = "# noqa"
    """The comment by which findings are suppressed in this style; `{}` stands for their codes."""

    def written(self, text: str, names: Sequence[str]) -> str:
        """A program in this style; `names` are those that its imports bring."""
        bare = {
            "models": ", ".join(name for name in names if name in MODELS) or "load_model",
            "layers": ", ".join(name for name in names if name not in MODELS) or "Activation",
        }
        return f"{self.imports.format(**bare)}\n{self.prefixed(text)}"

    def prefixed(self, text: str) -> str:
        """A program, or a part of one, with the names spelled in this style."""
        return NAMES.sub(lambda match: self.prefixes.get("root" if match[1] in ROOT else "layers", "") + match[1], text)


def below(path: str) -> dict[str, str]:
    """The prefixes of names that are reached through `path`."""
    return {"root": path, "layers": f"{path}layers."}


STYLES = {
    "names": Style("from keras.models import {models}\nfrom keras.layers import {layers}"),
    "modules": Style("import keras", below("keras."), comment="# noqa: {}"),
    "alias": Style("import tensorflow as tf", below("tf.keras."), comment="# kerasfix: ignore"),
    "stars": Style(
        "from tensorflow.keras.models import *\nfrom tensorflow.keras.layers import *",
        comment="# kerasfix: ignore[{}]",
    ),
    "either": Style(
        "try:\n    import tf_keras as k\nexcept ImportError:\n    import keras as k",
        below("k."),
        comment="# noqa: KFX199",
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A case in one style of imports."""

    case: Case
    style: Style

    @property
    def annotated(self) -> str:
        """The program with its comments."""
        text = dedent(self.case.before).lstrip("\n")
        return self.style.written(text, used(text))

    @property
    def before(self) -> str:
        """The program without them."""
        return EXPECTATION.sub("", self.annotated)

    @property
    def after(self) -> str:
        """What the fixes are to make of it."""
        return self._fixed(self.case.after)

    @property
    def safely(self) -> str:
        """What the safe ones are to make of it, where there are others."""
        return self._fixed(self.case.safely)

    def _fixed(self, text: str) -> str:
        if not text:
            return self.before
        before, after = self.case.before, dedent(text).lstrip("\n")
        added = [name for name in used(after) if name not in used(before)]
        return self.style.written(after, used(before) + added)

    @property
    def expected(self) -> list[Finding]:
        """What is to be found, in order."""
        found = []
        for row, line in enumerate(self.annotated.splitlines(), start=1):
            for comment in EXPECTATION.findall(line):
                for part in comment.split(" | "):
                    words, _, text = part.partition(": ")
                    code, severity, fix = words.split()
                    found.append(Finding(row, code, severity, fix, text))
        return found

    def settings(self, *, unsafe: bool = False) -> Settings:
        """All rules on but those that are off by default and not expected."""
        extend = tuple({finding.code for finding in self.expected})
        return Settings(
            selections=(Selection(extend_select=extend),),
            target=TargetKeras(self.case.target),
            input_style=InputStyle(self.case.style),
            unsafe_fixes=unsafe,
        )

    def found(self, text: str) -> list[Diagnostic]:
        """The findings in a text."""
        return kerasfix.check(text, settings=self.settings())

    def fixed(self, *, unsafe: bool) -> kerasfix.FixResult:
        """What the fixes make of the program."""
        return kerasfix.fix(self.before, settings=self.settings(unsafe=unsafe))


def runs(cases: dict[str, Case]) -> list[ParameterSet]:
    """Every case in every style, as the parameters of a test."""
    return [
        pytest.param(Run(case, STYLES[style]), id=f"{name}, {style}")
        for name, case in cases.items()
        for style in STYLES
    ]


def used(text: str) -> list[str]:
    """The names of Keras in a program."""
    return sorted(set(NAMES.findall(EXPECTATION.sub("", text))))


def described(text: str, diagnostics: Sequence[Diagnostic]) -> list[Finding]:
    """Findings in the words of the comments."""
    document = Document("case.py", text)
    return [
        Finding(
            document.location(found.start).row,
            found.code,
            found.severity.value,
            found.fix.applicability.value if found.fix is not None else "none",
            text[found.start : found.end],
        )
        for found in diagnostics
    ]


def check_findings(run: Run) -> None:
    """What is found is what the comments say, where they say it, and in the words that the case asks for."""
    diagnostics = run.found(run.before)
    assert described(run.before, diagnostics) == run.expected
    for words in run.case.says:
        messages = [f"{found.message} {found.fix.message if found.fix else ''}" for found in diagnostics]
        assert any(words in message for message in messages), messages


def check_suppressions(run: Run) -> None:
    """A comment on the line silences its findings; one that names another code does not."""
    codes: dict[int, list[str]] = {}
    for finding in run.expected:
        codes.setdefault(finding.row, []).append(finding.code)
    comments = {row: run.style.comment.format(", ".join(named)) for row, named in codes.items()}
    silenced = run.found(with_comments(run.before, comments))
    assert len(silenced) == (len(run.expected) if "KFX199" in run.style.comment else 0)


def with_comments(text: str, comments: dict[int, str]) -> str:
    """A text with comments at the ends of some of its rows."""
    lines = text.splitlines()
    return "\n".join(f"{line}  {comments.get(row, '')}".rstrip() for row, line in enumerate(lines, start=1)) + "\n"


def check_fix(run: Run) -> None:
    """Safe fixes change what is safe, unsafe ones the rest; then nothing is left that could be fixed."""
    fixes = {finding.fix for finding in run.expected}
    after = run.after
    assert (after != run.before) is bool(fixes & {"safe", "unsafe"})
    assert (run.safely != run.before) is ({"safe", "unsafe"} <= fixes)
    assert run.fixed(unsafe="display" in fixes).text == (run.safely if "unsafe" in fixes else after)
    if "unsafe" in fixes:
        assert run.fixed(unsafe=True).text == after
    again = kerasfix.fix(after, settings=run.settings(unsafe=True))
    assert again.text == after
    left = [(finding.code, finding.fix) for finding in run.expected if finding.fix in ("none", "display")]
    assert [(finding.code, finding.fix) for finding in described(after, again.remaining)] == left


class RuleCases:
    """What holds of every case: a subclass is parametrized with `run`, by `runs`."""

    def test_findings(self, run: Run) -> None:
        check_findings(run)

    def test_suppressions(self, run: Run) -> None:
        check_suppressions(run)

    def test_fix(self, run: Run) -> None:
        check_fix(run)
