"""Makes the tables of the models that a document builds, from its Program and its findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerasfix.analysis.objects import (
    Applied,
    FunctionalObject,
    InputObject,
    LayerObject,
    SequentialObject,
)
from kerasfix.analysis.values import Constant, Symbol, Unknown, Value
from kerasfix.engine import check_document, room_to_work
from kerasfix.models.chain import chain_steps
from kerasfix.models.flow import Flow, Model, Step, owner_of
from kerasfix.models.graph import graph_steps
from kerasfix.models.inputs import Inputs
from kerasfix.models.sizes import UNKNOWN, sizes_of
from kerasfix.models.table import LayerRow, ModelOverview, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import libcst as cst

    from kerasfix.analysis.bound_names import BoundName
    from kerasfix.analysis.objects import Argument
    from kerasfix.analysis.program import Program
    from kerasfix.config import Settings
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.source.document import Document

_OPERATORS = {
    "Add": "+",
    "Subtract": "-",
    "Multiply": "*",
    "Divide": "/",
    "FloorDivide": "//",
    "Modulo": "%",
    "Power": "**",
    "MatrixMultiply": "@",
    "Minus": "-",
    "item": "[]",
}
"""How operators on tensors are shown, by LibCST's names."""
MOST_VARIANTS = 4
"""How many of the different models that one call makes are shown."""


def overviews(document: Document, settings: Settings) -> list[ModelOverview]:
    """The models of a document, in the order of its text, with the findings that the settings ask for.

    Raises:
        UnreadableError: LibCST cannot read it.
    """
    return tables(document, check_document(document, settings))


def tables(document: Document, findings: Iterable[Diagnostic]) -> list[ModelOverview]:
    """The same where the findings are known."""
    from kerasfix.analysis.gathering import analyse

    with room_to_work():
        return tables_of(analyse(document.program, document.cells), document, findings)


def tables_of(program: Program, document: Document, findings: Iterable[Diagnostic]) -> list[ModelOverview]:
    """The same of a program that is analysed."""
    with room_to_work():
        maker = _Tables(program, document)
        found = [table for objects in maker.models() for table in maker.of_call(objects)]
    return _with_codes(sorted(found, key=lambda model: model.span.start), list(findings))


class _Tables:
    """Makes the tables of one program."""

    def __init__(self, program: Program, document: Document) -> None:
        from kerasfix.analysis.bound_names import names_of_calls

        self.program = program
        self.document = document
        self.names: Mapping[cst.CSTNode, BoundName] = names_of_calls(program.positions.module)
        self.flow = Flow(program, chain_steps, graph_steps)
        self.inputs = Inputs(program, lambda node: replace(program.place(node), column=0))

    def models(self) -> list[Sequence[Model]]:
        """The models by the call that makes them."""
        return [
            *(model.objects for model in self.program.sequentials),
            *(model.objects for model in self.program.models),
        ]

    def of_call(self, objects: Sequence[Model]) -> list[ModelOverview]:
        """A table for each different model that a call makes."""
        different: dict[ModelOverview, None] = {}
        for time, model in enumerate(objects[: 4 * MOST_VARIANTS]):
            different.setdefault(replace(self._of_model(model), time=time))
        count = len(different)
        kept = list(different)[:MOST_VARIANTS]
        return [replace(table, variant=(place, count)) for place, table in enumerate(kept, start=1)]

    def _of_model(self, model: Model) -> ModelOverview:
        found = self.flow.steps(model)
        rows: list[LayerRow] = []
        owners: set[object] = set()
        for step in found.steps:
            owner = owner_of(step.subject)
            rows.append(self._row(step, shared=owner in owners and not isinstance(step.subject, InputObject)))
            owners.add(owner)
        span = self._span(model.node)
        bound = self.names.get(model.node)
        return ModelOverview(
            self.document.path,
            self.document.place(span.start),
            _kind(model),
            _given_name(model.arguments) or (bound.name if bound else ""),
            bound.function if bound else "",
            tuple(rows),
            found.outputs,
            self.flow.total(found),
            self.inputs.of(model),
            span,
        )

    def _row(self, step: Step, shared: bool) -> LayerRow:
        subject = step.subject
        node = getattr(subject, "node", None)
        if isinstance(subject, Applied) and subject.source is not None:
            node = getattr(subject.source, "node", None)
        span = self._span(node) if node is not None else Span(0, 0)
        return LayerRow(
            kind=_kind(subject),
            name=self._name(subject),
            detail=self._detail(subject),
            arriving=tuple(map(sizes_of, step.arriving)),
            leaving=tuple(map(sizes_of, step.leaving)),
            parameters=self.flow.parameters(subject, step.arriving),
            declares=_declares(subject),
            span=span,
            place=self.document.place(span.start) if node is not None else None,
            presence=step.presence,
            ways=step.ways,
            sources=step.sources,
            shared=shared,
        )

    def _name(self, subject: Value | Applied) -> str:
        if isinstance(subject, LayerObject | InputObject | SequentialObject | FunctionalObject):
            bound = self.names.get(subject.node)
            return _given_name(subject.arguments) or (bound.name if bound else "")
        if isinstance(subject, Applied) and subject.source is not None:
            return self._name(subject.source)
        return ""

    def _detail(self, subject: Value | Applied) -> str:
        match subject:
            case Unknown(reason=reason):
                return reason
            case Symbol() if _kind(subject) == UNKNOWN:
                return "what is put there is not known"
            case LayerObject() | InputObject():
                declares = {argument.name for argument in _declaring(subject)}
                return self._written(a for name, a in subject.arguments.items() if name not in {"name", *declares})
            case Applied(function="item", node=node) if node is not None:
                return " ".join(self.program.code(node).split())
            case Applied(source=None):
                return self._written(argument for argument in subject.arguments if not argument.positional)
        return ""

    def _written(self, arguments: Iterable[Argument]) -> str:
        texts = []
        for argument in arguments:
            start, end = self.program.positions.span(argument.node)
            texts.append(" ".join(self.document.text[start:end].rstrip(", \t\r\n").split()))
        return ", ".join(texts)

    def _span(self, node: cst.CSTNode) -> Span:
        return Span(*self.program.positions.span(node))


def _kind(subject: Value | Applied) -> str:
    match subject:
        case LayerObject(name=name):
            return name
        case InputObject(function=function):
            return function
        case FunctionalObject(name=name):
            return name.rpartition(".")[2]
        case SequentialObject():
            return "Sequential"
        case Applied(source=None, function=function):
            return _OPERATORS.get(function, function.rpartition(".")[2])
        case Applied(source=Value() as source, function=attribute):
            return f"{_kind(source)}.{attribute}"
    return UNKNOWN


def _given_name(arguments: Mapping[str, Argument]) -> str:
    """What `name=` says, where that is a literal."""
    name = arguments.get("name")
    return name.value.value if name and isinstance(name.value, Constant) and isinstance(name.value.value, str) else ""


def _declaring(subject: Value | Applied) -> tuple[Argument, ...]:
    match subject:
        case LayerObject(declares=(_, *_) as declares):
            return declares
        case LayerObject(wrapped=LayerObject() as inner):
            return _declaring(inner)
    return ()


def _declares(subject: Value | Applied) -> tuple[str, ...]:
    """The arguments by which a layer, or the layer that it wraps, declares an input."""
    return tuple(argument.name for argument in _declaring(subject))


def _with_codes(models: list[ModelOverview], findings: list[Diagnostic]) -> list[ModelOverview]:
    """The models with each finding at the smallest call that it stands in."""
    spans = {model.span for model in models} | {row.span for model in models for row in model.rows}
    codes: dict[Span, dict[str, None]] = {}
    for finding in findings:
        around = [span for span in spans if span.holds(finding.start)]
        if around:
            codes.setdefault(min(around, key=lambda span: span.end - span.start), {})[finding.code] = None
    return [
        replace(
            model,
            codes=tuple(codes.get(model.span, ())),
            rows=tuple(replace(row, codes=tuple(codes.get(row.span, ()))) for row in model.rows),
        )
        for model in models
    ]
