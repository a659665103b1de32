"""Where the input of a model is declared: by an `Input`, by an argument of a layer, by `build`, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.events import Role
from kerasfix.analysis.objects import FunctionalObject, InputObject, LayerObject, SequentialObject, Tensor
from kerasfix.analysis.slots import Entry, Presence
from kerasfix.models.sizes import UNKNOWN
from kerasfix.models.table import InputSource

if TYPE_CHECKING:
    from collections.abc import Callable

    import libcst as cst

    from kerasfix.analysis.program import Program
    from kerasfix.analysis.values import Value
    from kerasfix.models.flow import Model
    from kerasfix.source.document import Place

NOWHERE = InputSource("")
_BY_USE = {Role.BUILT: "build", Role.CALLED: "the call on a tensor", Role.ENTRY: "the model around it"}


class Inputs:
    """Finds where the models of one program declare their inputs; `place` tells the place of a node."""

    def __init__(self, program: Program, place: Callable[[cst.CSTNode], Place]) -> None:
        self._program = program
        self._place = place

    def of(self, model: Model) -> tuple[InputSource, ...]:
        """The declarations of a model's inputs."""
        if isinstance(model, FunctionalObject) and model.name != "keras.Model":
            return (self._of_application(model),)
        if isinstance(model, FunctionalObject):
            found = [self._of_tensor(value) for value in model.inputs]
            return tuple(dict.fromkeys(found)) or (InputSource(UNKNOWN),)
        return (self._of_sequential(model) or self._by_use(model),)

    def _of_application(self, model: FunctionalObject) -> InputSource:
        kind = model.name.rpartition(".")[2]
        given = next((name for name in ("input_tensor", "input_shape") if name in model.arguments), None)
        return InputSource(given, kind, self._place(model.node)) if given else InputSource("its own default")

    def _of_tensor(self, value: Value) -> InputSource:
        match value:
            case Tensor(applied=None, source=InputObject() as made):
                return self._by_input(made)
            case Tensor(source=SequentialObject() | FunctionalObject() as inner):
                return self.of(inner)[0]
        return InputSource(UNKNOWN)

    def _by_input(self, made: InputObject) -> InputSource:
        return InputSource(made.function, "", self._place(made.node))

    def _of_sequential(self, model: SequentialObject) -> InputSource | None:
        """The declaration by its first entry; None if that declares nothing."""
        content = self._program.contents.get(model)
        if content is None:
            return InputSource(UNKNOWN)
        first = content.slots[0] if content.slots else None
        if first is None:
            return None
        if isinstance(first, Entry) and first.presence is Presence.ONE:
            return self._of_first(first.value)
        return None if content.declared is None else InputSource(UNKNOWN)

    def _of_first(self, value: Value) -> InputSource | None:
        match value:
            case InputObject():
                return self._by_input(value)
            case Tensor():
                return self._of_tensor(value)
            case SequentialObject():
                return self._of_sequential(value)
            case FunctionalObject():
                return self.of(value)[0]
            case LayerObject(declares=(argument, *_)):
                return InputSource(argument.name, value.name, self._place(value.node))
            case LayerObject(name="Bidirectional", wrapped=LayerObject(declares=(argument, *_)) as inner):
                return InputSource(argument.name, inner.name, self._place(inner.node))
            case LayerObject():
                return None
        return InputSource(UNKNOWN)

    def _by_use(self, model: SequentialObject) -> InputSource:
        """The first use of a model that tells it its input."""
        for use in self._program.placements:
            if use.subject is model and use.role in _BY_USE and (use.arriving.dims or use.role is Role.BUILT):
                return InputSource(_BY_USE[use.role], "", self._place(use.node))
        return NOWHERE
