"""What a fix changes in the models of a file: models and layers before and after it, matched with each other."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from kerasfix.models.table import LayerRow, ModelOverview


class Mark(enum.Enum):
    """What becomes of a layer."""

    SAME = "same"
    CHANGED = "changed"
    """Its arguments, shapes, parameters or findings are others."""
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Side:
    """A model before or after a fix, with a mark for each of its rows."""

    model: ModelOverview
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model before and after a fix; one side alone where no fix touches it, or where it is on no other side."""

    before: Side | None
    after: Side | None

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that there are."""
        return tuple(side for side in (self.before, self.after) if side is not None)


def compared(models: Sequence[ModelOverview], fixed: Sequence[ModelOverview] | None) -> list[Comparison]:
    """The models of a file with what its fixes make of them; `fixed` is None where they change nothing."""
    if fixed is None:
        return [_unchanged(model) for model in models]
    places = _aligned([_identity(model) for model in models], [_identity(model) for model in fixed])
    return [_pair(None if i is None else models[i], None if j is None else fixed[j]) for i, j in places]


def _identity(model: ModelOverview) -> Hashable:
    return (model.kind, model.name, model.function, model.variant)


def _unchanged(model: ModelOverview) -> Comparison:
    return Comparison(Side(model, (Mark.SAME,) * len(model.rows)), None)


def _pair(before: ModelOverview | None, after: ModelOverview | None) -> Comparison:
    if before is None or after is None:
        return Comparison(
            None if before is None else Side(before, (Mark.REMOVED,) * len(before.rows)),
            None if after is None else Side(after, (Mark.ADDED,) * len(after.rows)),
        )
    old, new = ([(row.kind, row.name, row.detail) for row in model.rows] for model in (before, after))
    old_marks, new_marks = [Mark.REMOVED] * len(old), [Mark.ADDED] * len(new)
    for i, j in _aligned(old, new):
        if i is not None and j is not None:
            same = _shown(before.rows[i]) == _shown(after.rows[j])
            old_marks[i] = new_marks[j] = Mark.SAME if same else Mark.CHANGED
    if set(old_marks) | set(new_marks) <= {Mark.SAME}:
        return _unchanged(before)
    return Comparison(Side(before, tuple(old_marks)), Side(after, tuple(new_marks)))


def _shown(row: LayerRow) -> Hashable:
    return (row.arriving, row.leaving, row.parameters, row.declares, row.presence, row.ways, row.codes)


def _aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int | None, int | None]]:
    """The places of what is the same on both sides, and of what is on one side only, in order."""
    found: list[tuple[int | None, int | None]] = []
    for _, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[i:i_end] == new[j:j_end]:
            found += zip(range(i, i_end), range(j, j_end), strict=True)
        else:
            found += [(place, None) for place in range(i, i_end)]
            found += [(None, place) for place in range(j, j_end)]
    return found
