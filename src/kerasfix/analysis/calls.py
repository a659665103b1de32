"""What calls do: functions and classes of the file are followed, lists change, everything else is opaque."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.lists import Lists
from kerasfix.analysis.objects import (
    BoundMethod,
    ClassObject,
    Frame,
    FunctionObject,
    InstanceObject,
    ListObject,
    Method,
    SequentialObject,
    Super,
)
from kerasfix.analysis.slots import Entry, Presence
from kerasfix.analysis.spelling import one_reference
from kerasfix.analysis.state import Content, State, join_states
from kerasfix.analysis.values import Choice, Constant, Reference, Symbol, Unknown, Value, items_of, join_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEEPEST_INLINING = 5
MOST_INLINED_CALLS = 2000
MOST_EFFORT = 20_000_000
"""What the analysis of a file may cost, in entries of states that were copied or compared, before calls of local
functions are no longer followed: some seconds."""

PURE_BUILTINS = frozenset(
    [
        "abs",
        "bool",
        "divmod",
        "float",
        "frozenset",
        "int",
        "isinstance",
        "len",
        "max",
        "min",
        "pow",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "slice",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
        "enumerate",
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class CallArgument:
    """One evaluated argument: `star` is `""`, `"*"` or `"**"`, `keyword` is None for a positional one."""

    node: cst.Arg | None
    value: Value
    keyword: str | None = None
    star: str = ""


class Calls(Lists):
    """Calls of what the file itself defines, of lists, and of things unknown."""

    def __init__(self, is_bound_anywhere: Callable[[str], bool] = lambda name: False) -> None:
        super().__init__(is_bound_anywhere)
        self.returns: list[list[tuple[Value, State]]] = []
        """For each function that is being executed, what it returns and in which state."""
        self.calls_left = MOST_INLINED_CALLS

    def visit_Call(self, node: cst.Call) -> Value:
        parent = self._super(node)
        if parent is not None:
            return parent
        callee = self.value(node.func)
        arguments = [
            CallArgument(arg, self.value(arg.value), arg.keyword.value if arg.keyword else None, arg.star)
            for arg in node.args
        ]
        return self.call(node, callee, arguments)

    def _super(self, node: cst.Call) -> Value | None:
        """`super()` and `super(Class, self)` inside a method."""
        if not (isinstance(node.func, cst.Name) and node.func.value == "super"):
            return None
        for frame in self.frame.enclosing():
            if frame.class_ is not None and frame.receiver is not None:
                return Super(frame.class_, frame.receiver)
        return None

    def call(self, node: cst.Call, callee: Value, arguments: Sequence[CallArgument]) -> Value:
        """Call a value; each of several possible callees is called on its own way."""
        reference = one_reference(callee)
        if reference is not None:
            return self.call_reference(node, reference, arguments)
        match callee:
            case Choice():
                ways = [partial(self.call, node, option, arguments) for option in callee.options]
                return self.on_each_way(ways)
            case FunctionObject():
                return self.run(node, callee, arguments)
            case BoundMethod():
                return self.run(node, callee.function, [CallArgument(None, callee.owner), *arguments])
            case ClassObject():
                return self.instantiate(node, callee, arguments)
            case Method():
                return self.call_method(node, callee.owner, callee.name, arguments)
            case InstanceObject():
                return self._call_instance(node, callee, arguments)
            case Symbol(key=("name", str() as name)):
                return self._call_builtin(node, name, arguments)
        return self.opaque(node, arguments, "is passed to a function that kerasfix cannot follow")

    # --- functions of the file ---------------------------------------------------------------------------------

    def invoke(self, function: FunctionObject, arguments: Sequence[Value]) -> Value:
        return self.run(None, function, [CallArgument(None, value) for value in arguments])

    def run(self, node: cst.Call | None, function: FunctionObject, arguments: Sequence[CallArgument]) -> Value:
        """Execute the body of a function of the file with these arguments."""
        followed = (
            function.plain
            and len(self.inlined) < DEEPEST_INLINING
            and all(caller.node is not function.node for caller in self.inlined)
            and self.calls_left > 0
            and self.effort.spent < MOST_EFFORT
            and not _is_abstract(function.node)
        )
        if not followed:
            return self.opaque(node, arguments, "is passed to a function that kerasfix does not follow")
        self.calls_left -= 1
        frame = Frame(function.frame)
        self._bind_parameters(frame, function, arguments)
        self.inlined.append(function)
        try:
            return self.execute_function(function, frame)
        finally:
            self.inlined.pop()

    def execute_function(self, function: FunctionObject, frame: Frame) -> Value:
        """Run a body in `frame`; the state is then the one in which it returns."""
        outer_frame, self.frame = self.frame, frame
        outer_statement, before = self.statement, self.alive
        self.returns.append([])
        try:
            if isinstance(function.node, cst.Lambda):
                return self.value(function.node.body)
            self.execute_body(function.node.body)
            returned = self.returns[-1]
            if self.state is not None:
                returned.append((Constant(None), self.state))
            self.state = join_states(state for _, state in returned)
            if frame.yields:
                return Unknown("a generator")
            return join_values(value for value, _ in returned) if returned else Unknown("it never returns")
        finally:
            self.returns.pop()
            self.frame, self.statement = outer_frame, outer_statement
            if self.state is None:
                self.state, self.ended = before, True
            if not frame.captured:
                self.state.forget(frame)

    def execute_body(self, body: cst.BaseSuite) -> None:
        """Execute the statements of a suite."""
        raise NotImplementedError

    def spread_mapping(
        self, mapping: Value, every: Sequence[str], bound: dict[str, Value], named: dict[str, Value]
    ) -> bool:
        """Bind what `**mapping` passes; False if more may be in it than is known."""
        if not isinstance(mapping, ListObject) or mapping in self.alive.contents:
            return False
        certain = True
        for (owner, key), value in self.alive.attributes.items():
            if owner is not mapping:
                continue
            match key:
                case ("item", Constant(value=str(name))):
                    (bound if name in every else named)[name] = value
                case _:
                    certain = False
        return certain

    def _bind_parameters(self, frame: Frame, function: FunctionObject, arguments: Sequence[CallArgument]) -> None:
        parameters = function.node.params
        positional = [parameter.name.value for parameter in (*parameters.posonly_params, *parameters.params)]
        every = [*positional, *(parameter.name.value for parameter in parameters.kwonly_params)]
        bound, extra, named, certain = _match_arguments(self, positional, every, arguments)
        for name in every:
            fallback = function.defaults.get(name) if certain else None
            value = bound.get(name) or fallback or Unknown(f"the parameter {name}")
            self.bind_in(frame, name, value)
        if isinstance(parameters.star_arg, cst.Param):
            slots = tuple(Entry(value) for value in extra)
            if not certain:
                slots += (Entry(Unknown("*args"), Presence.MANY),)
            self.bind_in(frame, parameters.star_arg.name.value, self.list_of(slots))
        if parameters.star_kwarg is not None:
            mapping = ListObject(None)
            for name, value in named.items():
                self.alive.attributes[mapping, ("item", Constant(name))] = value
            if not certain:
                self.alive.attributes[mapping, "**"] = Unknown("**kwargs")
            self.bind_in(frame, parameters.star_kwarg.name.value, mapping)
        if function.frame.is_class and positional:
            frame.class_ = function.frame.class_
            frame.receiver = bound.get(positional[0])

    # --- classes of the file -----------------------------------------------------------------------------------

    def instantiate(self, node: cst.Call, class_: ClassObject, arguments: Sequence[CallArgument]) -> Value:
        """Call a class of the file."""
        instance = InstanceObject(class_)
        self.initialise(node, instance, class_, arguments)
        return instance

    def initialise(
        self, node: cst.Call, instance: Value, class_: ClassObject, arguments: Sequence[CallArgument]
    ) -> None:
        """Run `__init__` of a class of the file, if it has one."""
        constructor = self.member(class_, "__init__")
        if isinstance(constructor, FunctionObject):
            self.run(node, constructor, [CallArgument(None, instance), *arguments])
        else:
            self.escape_all(node, arguments, f"is passed to {class_.node.name.value}")

    def _call_instance(self, node: cst.Call, instance: InstanceObject, arguments: Sequence[CallArgument]) -> Value:
        for name in ("__call__", "call"):
            method = self.member(instance.class_, name)
            if isinstance(method, FunctionObject):
                return self.run(node, method, [CallArgument(None, instance), *arguments])
        return self.opaque(node, arguments, "is passed to an object that kerasfix cannot follow")

    # --- lists and builtins ------------------------------------------------------------------------------------

    def call_method(self, node: cst.Call, owner: Value, name: str, arguments: Sequence[CallArgument]) -> Value:
        """Call a method of an object that is no class of the file: here, of a list."""
        if isinstance(owner, ListObject):
            values = [argument.value for argument in arguments]
            if name != "sort" and any(argument.star or argument.keyword for argument in arguments):
                return self.opaque(node, [CallArgument(None, owner), *arguments], f"is changed by `.{name}()`")
            return self.call_list_method(owner, name, values)
        if isinstance(owner, InstanceObject | Super):
            receiver = owner.owner if isinstance(owner, Super) else owner
            arguments = [CallArgument(None, receiver), *arguments]
        return self.opaque(node, arguments, f"is passed to `.{name}()`")

    def _call_builtin(self, node: cst.Call, name: str, arguments: Sequence[CallArgument]) -> Value:
        values = [argument.value for argument in arguments]
        simple = not any(argument.star or argument.keyword for argument in arguments)
        if name in ("list", "tuple") and simple and len(values) <= 1:
            slots = self.slots_of(values[0]) if values else ()
            known = self.certain(slots)
            return items_of(known) if name == "tuple" and known is not None else self.new_list(node, slots)
        if name == "dict" and not values:
            return ListObject(node)
        if name == "len" and simple and len(values) == 1:
            known = self.elements_of(values[0])
            if known is not None:
                return Constant(len(known))
        if name in ("enumerate", "zip", "reversed", "range") and simple:
            unrolled = self.unrolled(name, values)
            if unrolled is not None:
                return unrolled
        if name in PURE_BUILTINS and simple:
            return self.derived(f"call {name}", *values)
        if name == "getattr" and simple and len(values) >= 2 and isinstance(values[1], Constant):
            return self.attribute(values[0], str(values[1].value))
        if name in ("print", "isinstance", "hasattr", "id", "repr", "str", "type"):
            return Unknown(f"what {name}() gives")
        return self.opaque(node, arguments, f"is passed to `{name}()`, which kerasfix cannot follow")

    # --- what cannot be followed -------------------------------------------------------------------------------

    def call_reference(self, node: cst.Call, callee: Reference, arguments: Sequence[CallArgument]) -> Value:
        """Call something imported."""
        raise NotImplementedError

    def opaque(self, node: cst.Call | None, arguments: Sequence[CallArgument], reason: str) -> Value:
        """A call of which nothing is known: whatever is given to it may change."""
        self.escape_all(node, arguments, reason)
        return Unknown(reason.replace("is passed to", "it comes from", 1))

    def escape_all(
        self, node: cst.Call | None, arguments: Sequence[CallArgument], reason: str, *, mutates: bool = True
    ) -> None:
        """Give all arguments away, to something that may change them or that is known not to."""
        for argument in arguments:
            self.escape(argument.value, node, reason, mutates=mutates)

    def escape(self, value: Value, node: cst.Call | None, reason: str, *, mutates: bool = True) -> None:
        """Note that a value goes where it cannot be followed, and that a list may come back changed."""
        if mutates:
            for part in self.parts_of(value):
                self.may_change(part, reason)

    def may_change(self, value: Value, reason: str) -> None:
        """A list, or a list in an attribute of an object of the file, may be changed where it cannot be followed."""
        match value:
            case ListObject() if value in self.alive.contents:
                slots = self.alive.contents[value].slots
                match slots:
                    case (*_, Entry(value=Unknown(), presence=Presence.MANY)):
                        self.alive.contents[value] = Content(slots)  # anything may be in it already
                    case _:
                        unknown = Entry(Unknown(f"the list {reason}"), Presence.MANY)
                        self.alive.contents[value] = Content((*slots, unknown))
            case ListObject():
                self.alive.attributes[value, "**"] = Unknown(reason)
            case InstanceObject():
                held = [held for (owner, _), held in self.alive.attributes.items() if owner is value]
                for inner in held:
                    if isinstance(inner, ListObject | SequentialObject):
                        self.may_change(inner, reason)
            case BoundMethod() | Method():
                self.may_change(value.owner, reason)


def _is_abstract(node: cst.FunctionDef | cst.Lambda) -> bool:
    """Whether a method is there to be overridden by another file: its body raises `NotImplementedError`."""
    last: cst.CSTNode = node.body.body[-1] if isinstance(node.body, cst.BaseSuite) else node
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    if not isinstance(last, cst.Raise) or len(node.body.children) > 3:
        return False
    raised = last.exc.func if isinstance(last.exc, cst.Call) else last.exc
    return isinstance(raised, cst.Name) and raised.value == "NotImplementedError"


def _match_arguments(
    machine: Calls, positional: Sequence[str], every: Sequence[str], arguments: Sequence[CallArgument]
) -> tuple[dict[str, Value], list[Value], dict[str, Value], bool]:
    """Python's matching of arguments to parameters: bound, for `*args`, for `**kwargs`, and whether all is sure."""
    bound: dict[str, Value] = {}
    extra: list[Value] = []
    named: dict[str, Value] = {}
    certain = True
    for argument in arguments:
        if argument.star == "**":
            certain = machine.spread_mapping(argument.value, every, bound, named) and certain
        elif argument.keyword is not None:
            (bound if argument.keyword in every else named)[argument.keyword] = argument.value
        else:
            values: Sequence[Value] | None = [argument.value]
            if argument.star:
                values = machine.elements_of(argument.value)
            if values is None:
                certain = False
                continue
            for value in values:
                free = [name for name in positional if name not in bound]
                if free:
                    bound[free[0]] = value
                else:
                    extra.append(value)
    return bound, extra, named, certain
