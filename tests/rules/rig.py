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

import kerasfix
from kerasfix.config import Settings
from kerasfix.diagnostics import Applicability, Diagnostic, Severity
from kerasfix.rules.selection import Selection
from kerasfix.source.document import Document
from kerasfix.target import InputStyle, TargetKeras

MODELS = ("Sequential", "Model")
ROOT = (*MODELS, "Input")
NAMES = re.compile(
    r"\b(?<!\.)(Sequential|Model|InputLayer|Input|Dense|Conv2D|Flatten|LSTM|GRU|RNN|LSTMCell|Bidirectional|Embedding"
    r"|TimeDistributed|SpatialDropout1D|Dropout|TextVectorization|Layer)(?=[(,)])"
)
EXPECTATION = re.compile(r"  # (KFX\d{3} .*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """A program, the settings under which it is checked, and what comes of it."""

    before: str
    after: str = ""
    """What is left when all fixes are applied; nothing where they leave the program as it is."""
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
    """`{models}`, `{layers}` and `{root}` stand for the names that are needed."""
    prefixes: dict[str, str] = field(default_factory=dict)
    """What the names of `keras` (`root`) and those of `keras.layers` (`layers`) are prefixed with."""

    def written(self, text: str, names: set[str]) -> str:
        """A program in this style; `names` are those that its imports bring."""
        bare = {
            "models": ", ".join(sorted(names & {*MODELS})) or "load_model",
            "layers": ", ".join(sorted(names - {*MODELS})) or "Activation",
        }
        return f"{self.imports.format(**bare)}\n{self.prefixed(text)}"

    def prefixed(self, text: str) -> str:
        """A program, or a part of one, with the names spelled in this style."""
        return NAMES.sub(lambda match: self.prefixes.get("root" if match[1] in ROOT else "layers", "") + match[1], text)


STYLES = {
    "names": Style("from keras.models import {models}\nfrom keras.layers import {layers}"),
    "modules": Style("import keras", {"root": "keras.", "layers": "keras.layers."}),
    "alias": Style("import tensorflow as tf", {"root": "tf.keras.", "layers": "tf.keras.layers."}),
    "stars": Style("from tensorflow.keras.models import *\nfrom tensorflow.keras.layers import *"),
    "either": Style(
        "try:\n    import tf_keras as k\nexcept ImportError:\n    import keras as k",
        {"root": "k.", "layers": "k.layers."},
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
        if not self.case.after:
            return self.before
        before, after = self.case.before, dedent(self.case.after).lstrip("\n")
        return self.style.written(after, used(before) | used(after))

    @property
    def expected(self) -> list[Finding]:
        """What is to be found, in order."""
        found = []
        for row, line in enumerate(self.annotated.splitlines(), start=1):
            for comment in EXPECTATION.findall(line):
                for part in comment.split(" | "):
                    words, _, text = part.partition(": ")
                    found.append(Finding(row, *words.split(), text=text))
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

    def fixed(self, *, unsafe: bool) -> str:
        """What the fixes make of the program."""
        return kerasfix.fix(self.before, settings=self.settings(unsafe=unsafe)).text


def used(text: str) -> set[str]:
    """The names of Keras in a program."""
    return set(NAMES.findall(EXPECTATION.sub("", text)))


def described(text: str, diagnostics: list[Diagnostic]) -> list[Finding]:
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
    """A comment on the line silences the finding, and only the code that it names."""
    rows = {finding.row: finding.code for finding in run.expected}
    codes = {row: ", ".join(f.code for f in run.expected if f.row == row) for row in rows}
    for comment in ("# noqa", "# noqa: {}", "# kerasfix: ignore", "# kerasfix: ignore[{}]"):
        silenced = with_comments(run.before, {row: comment.format(code) for row, code in codes.items()})
        assert run.found(silenced) == [], comment
        kept = with_comments(run.before, {row: "# noqa: KFX199" for row in rows})
        assert len(run.found(kept)) == len(run.expected)


def with_comments(text: str, comments: dict[int, str]) -> str:
    """A text with comments at the ends of some of its rows."""
    lines = text.splitlines()
    return "\n".join(f"{line}  {comments.get(row, '')}".rstrip() for row, line in enumerate(lines, start=1)) + "\n"


def check_fix(run: Run) -> None:
    """Safe fixes change what is safe, unsafe ones the rest; then nothing is left that could be fixed."""
    kinds = {finding.fix for finding in run.expected}
    after = run.after
    assert run.fixed(unsafe=True) == after
    if "unsafe" not in kinds:
        assert run.fixed(unsafe=False) == after
    elif "safe" not in kinds:
        assert run.fixed(unsafe=False) == run.before
    left = run.found(after)
    assert [(f.code, f.fix) for f in left if f.fix is None or f.fix.applicability is not Applicability.DISPLAY] == [
        (finding.code, None) for finding in run.expected if finding.fix == "none"
    ]
    assert kerasfix.fix(after, settings=run.settings(unsafe=True)).text == after


SEVERITIES = {severity.value for severity in Severity}
APPLICABILITIES = {applicability.value for applicability in Applicability} | {"none"}
