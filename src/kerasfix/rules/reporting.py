"""How a rule reports: the diagnostic at a node, its severity for the target, and the reason why a fix is not safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.shapes import in_words
from kerasfix.diagnostics import Applicability, Diagnostic, Fix, Related, Severity
from kerasfix.source.expected_errors import expected_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import libcst as cst

    from kerasfix.analysis.keras_api import Version
    from kerasfix.analysis.program import Layer, Program, Standing
    from kerasfix.analysis.values import Shape
    from kerasfix.rules.registry import Rule
    from kerasfix.target import Target

REFUSED_KEYWORDS = frozenset({"batch_input_shape", "batch_shape", "batch_size", "input_length"})
"""Declaring keywords that every Keras 3 refuses on a layer, but for Embedding's `input_length`, which 3.2 ignores."""


def report(
    rule: Rule,
    program: Program,
    node: cst.CSTNode,
    message: str,
    severity: Severity,
    fix: Fix | None = None,
    doubt: str = "",
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    """A finding of `rule` at `node`; `doubt` says why its fix is not safe, or why it has none."""
    start, end = program.positions.span(node)
    if doubt and fix is None:
        message = f"{message}; no fix: {doubt}"
    elif doubt and fix is not None and fix.applicability is not Applicability.SAFE:
        fix = Fix(f"{fix.message} ({fix.applicability.value}: {doubt})", fix.applicability, fix.edits)
    return Diagnostic(rule.code, rule.name, message, severity, start, end, fix, related)


def places(program: Program, *notes: tuple[cst.CSTNode | None, str]) -> tuple[Related, ...]:
    """Other places that a finding has to do with, and what is there; one that is not known is left out."""
    return tuple(Related(*program.positions.span(node), what) for node, what in notes if node is not None)


def error_is_expected(program: Program, *nodes: cst.CSTNode) -> bool:
    """Whether one of these places is where the program may mean to have an error: there a refusal is no finding."""
    bodies = expected_in(program.text)
    starts = [program.positions.span(node)[0] for node in nodes] if bodies else ()
    return any(first <= start < last for first, last in bodies for start in starts)


def refusing(target: Target, refuses: Callable[[Version], bool]) -> str:
    """Who of the target's Keras refuses something: `every Keras`, `Keras 3`, or nothing where none does."""
    two, three = target.keras2 and refuses("keras2"), target.keras3 and refuses("keras3")
    if two and three:
        return "every Keras"
    return "Keras 2" if two else "Keras 3" if three else ""


def declaring(program: Program, standing: Standing) -> Iterator[Layer]:
    """The layers that declare an input and stand so."""
    return (layer for layer in program.layers if layer.made.declares and layer.standing is standing)


def written(shape: Shape) -> str:
    """A shape as Keras writes it, `?` for a size that is not known."""
    if shape.dims is None:
        return "a shape that is not known"
    return in_words([dim if dim is None or isinstance(dim, int) else "?" for dim in shape.dims])


def severity_of(layer: Layer, target: Target) -> Severity:
    """An error where the target is Keras 3 and refuses the arguments, a warning where it warns of or ignores them."""
    return Severity.ERROR if target.keras3 and is_refused(layer) else Severity.WARNING


def is_refused(layer: Layer) -> bool:
    """Whether Keras 3 raises for the declaring arguments of a layer (Keras 3: `Layer.__init__`)."""
    made = layer.made
    names = {argument.name for argument in made.declares}
    refused = names & REFUSED_KEYWORDS
    if made.name == "Embedding":
        refused -= {"input_length"}
    recurrent = made.api is not None and made.api.recurrent and "input_dim" in names
    rejects = made.api is not None and made.api.keras3_input_shape == "rejects"
    return bool(refused) or recurrent or rejects or {"input_shape", "input_dim"} <= names


def arguments_of(layer: Layer) -> str:
    """The declaring arguments of a layer, in words."""
    names = [f"`{argument.name}`" for argument in layer.made.declares]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
