"""Findings to be reported, made by hand."""

from __future__ import annotations

from kerasfix.batch import FileResult
from kerasfix.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from kerasfix.engine import Reached
from kerasfix.report.formats import renderer
from kerasfix.report.style import Style
from kerasfix.source.document import Document

TEXT = "import keras\n\nmodel.add(\n\tDense(8, name='é模', input_shape=(4,))\n)\n"


def finding(
    text: str = TEXT,
    at: str = "input_shape=(4,)",
    applicability: Applicability | None = Applicability.SAFE,
    message: str = "`input_shape` on the first layer",
    severity: Severity = Severity.WARNING,
) -> Diagnostic:
    start = text.index(at)
    end = start + len(at)
    fix = None if applicability is None else Fix("Insert `Input`", applicability, (Edit(start - 2, end, ""),))
    return Diagnostic("KFX101", "input-on-first-layer", message, severity, start, end, fix)


def result(*diagnostics: Diagnostic, text: str = TEXT, path: str = "src/a.py") -> FileResult:
    return FileResult(path, Reached.ANALYSED, Document(path, text), diagnostics)


def render(name: str, *results: FileResult, style: Style | None = None) -> str:
    return renderer(name)(results, style or Style())
