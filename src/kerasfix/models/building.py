"""Asks real Keras for the models of a program: their shapes and parameters, or what it raises."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kerasfix.engine import room_to_work
from kerasfix.models.table import Build, LayerRow, ModelOverview, Span
from kerasfix.verify.plan import plan_models
from kerasfix.verify.session import called, in_order
from kerasfix.verify.stand_ins import StandIns, attempts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.analysis.program import Program
    from kerasfix.models.sizes import Sizes
    from kerasfix.source.document import Document
    from kerasfix.target import Target
    from kerasfix.verify.plan import Plan
    from kerasfix.verify.records import Dimensions, LayerRecord, ModelRecord
    from kerasfix.verify.session import Keras, Session

_STYLES = re.compile(r"\x1b\[[\d;]*m")
"""Bold and the like, which Keras puts into its messages."""


def built(
    models: Sequence[ModelOverview], program: Program, document: Document, target: Target, session: Session
) -> list[ModelOverview]:
    """The models with what real Keras says of each: Keras 3, and tf_keras of what that refuses, or the reverse.

    Raises:
        kerasfix.verify.session.WorkerError: Keras cannot be started.
    """
    with room_to_work():
        planned = {model.start: model.plans for model in plan_models(program)}
    builder = _Builder(document, session, in_order(session.versions, target))
    return [
        builder.model(model, [plan for plan in planned.get(model.span.start, ()) if plan.time == model.time])
        for model in models
    ]


class _Builder:
    """Builds models of one document."""

    def __init__(self, document: Document, session: Session, kerases: list[Keras]) -> None:
        self.document = document
        self.session = session
        self.kerases = kerases

    def model(self, model: ModelOverview, plans: Sequence[Plan]) -> ModelOverview:
        """The model as Keras builds it, on the first way through the program on which it does."""
        problems: dict[str, None] = {}
        refusals: dict[str, None] = {}
        for plan in plans:
            if plan.problem:
                problems[plan.problem] = None
                continue
            refused, found = self._plan(model, plan)
            refusals.update(dict.fromkeys(refused))
            if found is not None:
                assert found.build is not None
                others = [f"on another way: {text}" for text in refusals if text not in refused]
                notes = (*found.build.notes, *others)
                return replace(found, build=replace(found.build, refusals=tuple(refused), notes=notes))
        problem = "; ".join(problems) if problems or refusals else "no way to make it is known"
        return replace(model, build=Build(refusals=tuple(refusals), problem=problem))

    def _plan(self, model: ModelOverview, plan: Plan) -> tuple[list[str], ModelOverview | None]:
        """What each Keras that was asked raises, and the model as another one builds it."""
        refusals: list[str] = []
        for keras in self.kerases:
            first = ""
            for attempt in attempts([plan]):
                stand_ins = StandIns([plan], attempt)
                (answer,) = self.session.build(keras, [stand_ins.request(plan)])
                if "record" in answer:
                    numbers = tuple(sorted(stand_ins.numbers().items()))
                    build = Build(self._called(keras), stand_ins=numbers, notes=plan.assumptions)
                    return refusals, _as_built(model, plan, answer["record"], build)
                first = first or self._refusal(keras, plan, answer, stand_ins)
            refusals.append(first)
        return refusals, None

    def _called(self, keras: Keras) -> str:
        return called(keras, self.session.versions)

    def _refusal(self, keras: Keras, plan: Plan, answer: dict[str, Any], stand_ins: StandIns) -> str:
        if "failure" in answer:
            return f"{self._called(keras)}: {answer['failure']}"
        line = self.document.place(plan.places[answer["step"]][0]).line
        numbers = ", ".join(f"{name} = {number}" for name, number in sorted(stand_ins.numbers().items()))
        tried = f" (with {numbers})" if numbers else ""
        return f"{self._called(keras)} refuses {line}{tried}: {_STYLES.sub('', answer['error'])}"


def _as_built(model: ModelOverview, plan: Plan, record: ModelRecord, build: Build) -> ModelOverview:
    """The table with the shapes and parameters of a record; its layers are Keras's own where none were known."""
    if record["inputs"] is None:
        return replace(model, build=replace(build, unbuilt=True))
    if not model.rows:
        rows, left = _own_rows(model, record), 0
    else:
        told = [_told(row, record, found) for row, found in zip(model.rows, _found(model, plan, record), strict=True)]
        rows = [row if other is None else other for row, other in zip(model.rows, told, strict=True)]
        left = told.count(None)
    if left:
        what = f"{left} of {len(rows)} rows are not layers of what was built, and are shown as the program has them"
        build = replace(build, notes=(*build.notes, what))
    parameters = record["parameters"] if all(row.parameters is not None for row in rows) else None
    return replace(model, rows=tuple(rows), parameters=parameters, build=build)


def _found(model: ModelOverview, plan: Plan, record: ModelRecord) -> Iterator[tuple[LayerRecord, int] | None]:
    """For each row the layer that it stands for, and which of the layer's calls; None where that is not sure.

    Of one call in the source, as many rows as layers that it made stand for these, in order. Where there is one such
    layer, further rows that share it are its further calls.
    """
    layers = {layer["step"]: layer for layer in record["layers"] if layer["depth"] == 0}
    for step, layer in layers.items():
        if step is not None and "stand in" in plan.steps[step]:
            layers[step] = {**layer, "parameters": None}
    made: dict[Span, list[LayerRecord]] = {}
    for step, place in enumerate(plan.places):
        if step in layers:
            made.setdefault(Span(*place), []).append(layers[step])
    of_their_own = Counter(row.span for row in model.rows if not row.shared)
    used: Counter[tuple[Span, bool]] = Counter()
    for row in model.rows:
        found = made.get(row.span, [])
        used[row.span, row.shared] += 1
        if len(found) != of_their_own[row.span] or (row.shared and len(found) > 1):
            yield None
        elif row.shared:
            yield found[0], used[row.span, True]
        else:
            yield found[used[row.span, False] - 1], 0


def _told(row: LayerRow, record: ModelRecord, found: tuple[LayerRecord, int] | None) -> LayerRow | None:
    """A row with what a record tells of it, None if that is nothing."""
    if found is not None:
        layer, call = found
        return _with_call(replace(row, parameters=layer["parameters"]), layer, call)
    inputs = record["inputs"] or []
    if row.kind in ("Input", "InputLayer") and len(inputs) == 1:  # a Sequential does not have it among its layers
        return replace(row, leaving=_shapes([inputs[0]["shape"]]))
    return None


def _with_call(row: LayerRow, layer: LayerRecord, call: int) -> LayerRow:
    """A row with the shapes of one call of a layer."""
    if call >= len(layer["calls"]):
        return row
    shapes = layer["calls"][call]
    arriving = [] if layer["kind"] == "InputLayer" else shapes["arriving"]
    return replace(row, arriving=_shapes(arriving), leaving=_shapes(shapes["leaving"]))


def _own_rows(model: ModelOverview, record: ModelRecord) -> list[LayerRow]:
    """The layers that a record has, of a model that Keras makes itself."""
    layers = [layer for layer in record["layers"] if layer["depth"] == 0]
    places = {layer["name"]: place for place, layer in enumerate(layers)}
    rows = []
    for place, layer in enumerate(layers):
        names = layer["calls"][0]["sources"] if layer["calls"] else []
        sources = tuple(dict.fromkeys(places[name] for name in names if places.get(name, place) < place))
        parameters = layer["parameters"]
        row = LayerRow(
            layer["kind"], layer["name"], "", (), (), parameters, (), model.span, model.place, sources=sources
        )
        rows.append(_with_call(row, layer, 0))
    return rows


def _shapes(shapes: Sequence[Dimensions]) -> tuple[Sizes, ...]:
    return tuple(map(tuple, shapes))
