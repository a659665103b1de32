"""Where branches of a graph meet, and the Sequentials that are branches over one input.

Branches meet in a layer or function that is given several tensors, and among the outputs of one model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.analysis.connections import is_own
from kerasfix.analysis.events import Rank, Role
from kerasfix.analysis.flow import best_of
from kerasfix.analysis.objects import InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.program import upstream
from kerasfix.analysis.slots import Position, every_value
from kerasfix.analysis.values import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from kerasfix.analysis.events import Placement, Read
    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Value


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A Sequential that is called once, on the tensor of an `Input`, and used for nothing else."""

    model: SequentialObject
    entry: Placement
    """How its first layer, which declares the shape again, is put into it."""
    input: InputObject
    shared: Tensor
    """The tensor of that input, which it is called on."""


def joins(program: Program) -> Iterator[tuple[Tensor, ...]]:
    """For each place where tensors meet: those tensors and everything that they are computed from."""
    for placement in program.placements:
        if placement.role is Role.CALLED and len(placement.given) > 1:
            yield upstream(placement.given)
    for tensor in program.merged:
        yield upstream(tensor.inputs)
    for model in program.models:
        for made in model.objects:
            yield upstream(made.outputs)


def is_plain(made: InputObject | LayerObject) -> bool:
    """Whether an input, or what a layer declares of one, is of numbers of the default dtype, and nothing special."""
    if isinstance(made, LayerObject):
        implied = made.api.input_dtype("keras2") if made.api is not None else None
        return made.is_keras and not made.unpacks and implied is None and "dtype" not in made.arguments
    dtype = made.arguments.get("dtype")
    known = {"shape", "batch_shape", "batch_size", "name", "dtype", "input_shape", "batch_input_shape"}
    return not made.unpacks and made.arguments.keys() <= known and (dtype is None or dtype.value == Constant("float32"))


# --- branches that are called ----------------------------------------------------------------------------------


def repeating_branches(program: Program) -> dict[cst.CSTNode, list[Branch]]:
    """The first layers, by their calls, that declare an input which their Sequential shares with another one."""
    candidates = {branch.model: branch for branch in _branches(program)}
    joined: dict[SequentialObject, Branch] = {}
    for tensors in joins(program) if len(candidates) > 1 else ():
        by_input: dict[Tensor, list[Branch]] = {}
        for tensor in tensors:
            branch = candidates.get(tensor.source) if isinstance(tensor.source, SequentialObject) else None
            if branch is not None and tensor.inputs == (branch.shared,):
                by_input.setdefault(branch.shared, []).append(branch)
        for branches in by_input.values():
            if len(branches) > 1:
                joined.update({branch.model: branch for branch in branches})
    found: dict[cst.CSTNode, list[Branch]] = {}
    unsure: set[cst.CSTNode] = set()
    for placement in _first_layers(program):
        layer = placement.subject
        assert isinstance(layer, LayerObject) and isinstance(placement.holder, SequentialObject)
        if placement.holder in joined:
            found.setdefault(layer.node, []).append(joined[placement.holder])
        else:
            unsure.add(layer.node)
    return {node: branches for node, branches in found.items() if node not in unsure}


def _branches(program: Program) -> Iterator[Branch]:
    calls: dict[object, list[Placement]] = {}
    elsewhere: set[object] = {given.model for given in program.given if given.method != "__call__"}
    elsewhere |= {feed.model for feed in program.feeds}
    for placement in program.placements:
        if placement.role is Role.CALLED:
            calls.setdefault(placement.subject, []).append(placement)
        elif isinstance(placement.subject, SequentialObject):
            elsewhere.add(placement.subject)
    for placement in _first_layers(program):
        model = placement.holder
        called = calls.get(model, ())
        if not isinstance(model, SequentialObject) or model in elsewhere or len(called) != 1:
            continue
        match called[0].given:
            case (Tensor(source=InputObject() as made, applied=None) as shared,):
                yield Branch(model, placement, made, shared)


def _first_layers(program: Program) -> Iterator[Placement]:
    """How layers that declare an input become the first of a Sequential."""
    for placement in best_of(program.placements):
        first = placement.role is Role.ENTRY and placement.position is Position.FIRST
        if first and isinstance(placement.subject, LayerObject) and placement.subject.declares:
            yield placement


# --- branches that are joined by their attributes --------------------------------------------------------------


def joined_reads(program: Program) -> dict[cst.Attribute, list[Read]]:
    """Reads of `.input` and `.output` of Sequentials that were never called, whose outputs are joined with others'."""
    joined: set[object] = set()
    for tensors in joins(program) if any(isinstance(read.owner, SequentialObject) for read in program.reads) else ():
        owners = {tensor.source for tensor in tensors if is_own(tensor, "output")}
        joined |= owners if len(owners) > 1 else set()
    called = {placement.subject for placement in program.placements if placement.role is Role.CALLED}
    found: dict[cst.Attribute, list[Read]] = {}
    for read in program.reads:
        if read.name in ("input", "output"):
            found.setdefault(read.node, []).append(read)

    def is_joined(read: Read) -> bool:
        at_another_time = read.rank is Rank.TRIAL and read.owner in called
        return read.owner in joined and not read.called and not at_another_time

    return {node: reads for node, reads in found.items() if all(map(is_joined, reads))}


@dataclass(frozen=True, slots=True, eq=False)
class OwnInput:
    """The input that a Sequential has by itself, of which everything that is in it is known."""

    branch: SequentialObject
    entry: Placement
    """How what declares it is put first into the Sequential."""
    made: InputObject | LayerObject
    """What declares it."""


def own_input(program: Program, value: Value) -> OwnInput | None:
    """The input of a Sequential that a tensor is, read from `.input` or `.inputs[0]`; None where that is not sure.

    Of a Sequential that was called, `.input` is what it was called on in Keras 3, and its own in Keras 2.
    """
    if not isinstance(value, Tensor) or not is_own(value, "input") or not isinstance(value.source, SequentialObject):
        return None
    branch = value.source
    if not _is_known(program, branch):
        return None
    roles = {placement.role for placement in program.placements if placement.subject is branch}
    if value.place is None and not roles <= {Role.ESCAPED, Role.BUILT}:
        return None
    held = [placement for placement in best_of(program.placements) if placement.holder is branch]
    first = [placement for placement in held if placement.role is Role.ENTRY and placement.position is Position.FIRST]
    match [placement.subject for placement in first]:
        case [Tensor(source=InputObject() as made, applied=None)] | [InputObject() as made]:
            return OwnInput(branch, first[0], made)
        case [LayerObject() as layer] if layer.declares:
            return OwnInput(branch, first[0], layer)
    return None


def _is_known(program: Program, value: Value) -> bool:
    """Whether a part of a Sequential, and everything that is in it, is known."""
    match value:
        case SequentialObject():
            content = program.contents.get(value)
            return content is not None and all(_is_known(program, each) for each in every_value(content.slots))
        case LayerObject(wrapped=inner):
            return inner is None or _is_known(program, inner)
    return isinstance(value, Tensor | InputObject)
