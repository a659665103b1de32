"""What happens to lists and dicts: elements are set and deleted, methods are called, builtins go through them.

Where it is not known which element is meant, the list may hold any of its elements, in any order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis.expressions import LONGEST_UNROLLED, Expressions
from kerasfix.analysis.machine import place_of
from kerasfix.analysis.objects import ListObject, SequentialObject
from kerasfix.analysis.slots import Entry, bounded, certain_values, in_any_order
from kerasfix.analysis.state import Content
from kerasfix.analysis.values import Constant, Items, Unknown, Value, join_values, options

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import libcst as cst

    from kerasfix.analysis.slots import Fork, Slots


class Lists(Expressions):
    """Lists and dicts, and what changes them."""

    # --- elements ----------------------------------------------------------------------------------------------

    def assign_element(self, target: cst.Subscript, value: Value) -> None:
        owner, index = self.value(target.value), self.index(target)
        for option in options(owner):
            content = self.alive.contents.get(option)
            if content is None or isinstance(option, SequentialObject):
                key: Hashable = ("item", index) if isinstance(index, Constant) else "**"
                self.alive.attributes[option, key] = value
            else:
                self.alive.contents[option] = Content(self._with_element(content.slots, index, value))

    def _with_element(self, slots: Slots, index: Value, value: Value) -> Slots:
        place = place_of(index)
        known = certain_values(slots)
        added = self.slots_of(value) if isinstance(index, Items) else (Entry(value),)
        changed: Slots | None = None
        if isinstance(place, int):
            changed = _edited(slots, lambda found: found.__setitem__(place, Entry(value)))
        elif isinstance(place, slice):
            changed = _edited(slots, lambda found: found.__setitem__(place, added))
        elif known is not None and not isinstance(index, Items):
            changed = tuple(Entry(join_values((old, value))) for old in known)
        return in_any_order((*slots, *added)) if changed is None else bounded(changed)

    def delete_element(self, target: cst.Subscript) -> None:
        """What `del list[index]` does; a dict is not known any more."""
        owner, place = self.value(target.value), place_of(self.index(target))
        for option in options(owner):
            content = self.alive.contents.get(option)
            if isinstance(option, ListObject) and content is None:
                self.alive.attributes[option, "**"] = Unknown("a dict with something deleted")
            elif isinstance(option, ListObject) and content is not None:
                left = _edited(content.slots, lambda found: found.__delitem__(place)) if place is not None else None
                self.alive.contents[option] = Content(in_any_order(content.slots) if left is None else left)

    # --- methods -----------------------------------------------------------------------------------------------

    def call_list_method(self, owner: ListObject, name: str, values: Sequence[Value]) -> Value:
        """Call a method of a list or dict with positional arguments."""
        content = self.alive.contents.get(owner)
        if content is None:
            return self._call_dict_method(owner, name, values)
        if name == "copy":
            return self.list_of(content.slots)
        slots, result = self._after_method(content.slots, name, values)
        if slots is None:
            return self.derived("method", Constant(name), owner, *values)
        self.alive.contents[owner] = Content(bounded(slots))
        return result

    def _after_method(self, slots: Slots, name: str, values: Sequence[Value]) -> tuple[Slots | None, Value]:
        """What the list then holds, None if the method does not change it, and what the method returns."""
        nothing: Value = Constant(None)
        match name, values:
            case "append", [value]:
                return (*slots, Entry(value)), nothing
            case "extend", [value]:
                return slots + self.slots_of(value), nothing
            case "insert", [Constant(value=0), value]:
                return (Entry(value), *slots), nothing
            case "insert", [Constant(value=int(place)), value]:
                changed = _edited(slots, lambda found: found.insert(place, Entry(value)))
                return changed if changed is not None else in_any_order((*slots, Entry(value))), nothing
            case "insert", [_, value]:
                return in_any_order((*slots, Entry(value))), nothing
            case "pop", ([] | [Constant(value=int())]):
                where = values[0].value if values and isinstance(values[0], Constant) else -1
                known = certain_values(slots)
                if known is None or not isinstance(where, int) or not -len(known) <= where < len(known):
                    return in_any_order(slots), Unknown("pop()")
                where %= len(known)
                return (*slots[:where], *slots[where + 1 :]), known[where]
            case "reverse", []:
                changed = _edited(slots, list.reverse)
                return changed if changed is not None else in_any_order(slots), nothing
            case "clear", []:
                return (), nothing
            case (("pop" | "remove" | "sort"), _):
                return in_any_order(slots), Unknown(f"{name}()") if name == "pop" else nothing
        return None, nothing

    def _call_dict_method(self, owner: ListObject, name: str, values: Sequence[Value]) -> Value:
        if name == "update" and len(values) == 1:
            self.copy_dict(values[0], owner)
            return Constant(None)
        if name in ("get", "pop") and values:
            key = (owner, ("item", values[0]))
            if key in self.alive.attributes:
                return self.alive.attributes[key]
        return Unknown(f"what .{name}() of a dict gives")

    # --- builtins ----------------------------------------------------------------------------------------------

    def freeze_data(self, value: Value) -> Value:
        """`freeze` for what a model is made of or given: a dict becomes `Items` of kind `dict`, which holds pairs."""
        if not isinstance(value, ListObject) or value in self.alive.contents:
            return self.freeze(value)
        pairs = []
        for (owner, key), held in self.alive.attributes.items():
            if owner is value:
                if not (isinstance(key, tuple) and key[0] == "item"):
                    return Unknown("a dict of which something is not known")
                pairs.append(Items((key[1], self.freeze(held))))
        return Items(tuple(pairs), "dict")

    def unrolled(self, name: str, values: Sequence[Value]) -> Value | None:
        """`enumerate`, `zip` or `reversed` of known lists, and a short `range` of known numbers."""
        if name == "range":
            return _counted(values)
        lists = [self.elements_of(value) for value in values]
        known = [elements for elements in lists if elements is not None]
        if not lists or len(known) != len(lists):
            return None
        if name == "zip":
            return Items(tuple(Items(pair) for pair in zip(*known, strict=False)))
        if name == "enumerate":
            return Items(tuple(Items((Constant(place), value)) for place, value in enumerate(known[0])))
        return Items(tuple(reversed(known[0])))


def _counted(values: Sequence[Value]) -> Value | None:
    """The numbers of a `range`; None if they are not known, or are none: what is in a loop is never left out."""
    numbers = [value.value for value in values if isinstance(value, Constant) and type(value.value) is int]
    if not 1 <= len(values) <= 3 or len(numbers) != len(values) or numbers[2:] == [0]:
        return None
    counted = range(*numbers)
    return Items(tuple(map(Constant, counted)), "range") if counted[:1] and not counted[LONGEST_UNROLLED:] else None


def _edited(slots: Slots, edit: Callable[[list[Entry | Fork]], object]) -> Slots | None:
    """The slots after an edit of the list, None where it is not sure which element stands where."""
    if certain_values(slots) is None:
        return None
    found = list(slots)
    try:
        edit(found)
    except (IndexError, ValueError):
        return None
    return tuple(found)
