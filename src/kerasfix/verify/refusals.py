"""Models that real Keras refuses as they are written: what KFX901 reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.diagnostics import Diagnostic, Severity
from kerasfix.engine import room_to_work
from kerasfix.rules.registry import MODEL_DOES_NOT_BUILD
from kerasfix.source import gate
from kerasfix.source.expected_errors import where_errors_are_expected
from kerasfix.verify.session import called
from kerasfix.verify.stand_ins import StandIns, attempts, has_stand_ins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.source.document import Document
    from kerasfix.target import Target
    from kerasfix.verify.plan import Plan
    from kerasfix.verify.session import Keras, Session

LONGEST_MESSAGE = 400


def refused_models(
    document: Document, found: Sequence[Diagnostic], target: Target, session: Session
) -> list[Diagnostic]:
    """A finding for each model that Keras refuses and nothing else explains; `found` are the other findings."""
    from kerasfix.analysis.gathering import analyse
    from kerasfix.verify.plan import plan_models

    keras: Keras = "keras3" if target.keras3 else "keras2"
    tree = gate.parse(document.program)
    words = MODEL_DOES_NOT_BUILD.names
    if (
        session.versions[keras] is None
        or isinstance(tree, gate.NotPython)
        or not gate.passes_syntax(tree, frozenset(), words)
    ):
        return []
    with room_to_work():
        models = plan_models(analyse(document.program, document.cells))
    places = [one.start for one in found] + [other.start for one in found for other in one.related]
    expected = where_errors_are_expected(document, tree)
    refusals: dict[tuple[int, int], str] = {}
    for plan in (plan for model in models for plan in model.plans):
        refused = _refusal(plan, keras, session)
        if refused is not None:
            (start, end), message = refused
            explained = any(start <= place < end for place in places)
            if not explained and not any(first <= start < last for first, last in expected):
                refusals.setdefault((start, end), message)
    name = called(keras, session.versions)
    rule = MODEL_DOES_NOT_BUILD
    return [
        Diagnostic(rule.code, rule.name, f"{name} refuses this model: {message}", Severity.ERROR, start, end)
        for (start, end), message in sorted(refusals.items())
    ]


def _refusal(plan: Plan, keras: Keras, session: Session) -> tuple[tuple[int, int], str] | None:
    """Where Keras refuses a plan in which nothing is supposed or left open, and what it says."""
    if plan.problem or plan.chosen or has_stand_ins(plan):
        return None
    answers = []
    for attempt in attempts([plan]):
        (answer,) = session.build(keras, [StandIns([plan], attempt).request(plan)])
        if "error" not in answer:
            return None
        answers.append(answer)
    message = answers[0]["error"]
    shortened = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE].rstrip()}..."
    return plan.places[answers[0]["step"]], shortened
