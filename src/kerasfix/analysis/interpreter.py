"""Walks a module's statements in the order in which they run, forks at branches and joins behind them.

Functions of the file are followed where they are called; afterwards each of them is also tried out with unknown
arguments, so that nothing is missed that only another file calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from kerasfix.analysis.expressions import LONGEST_UNROLLED
from kerasfix.analysis.objects import (
    ClassObject,
    Frame,
    FunctionalObject,
    FunctionObject,
    LayerObject,
    ListObject,
    SequentialObject,
)
from kerasfix.analysis.slots import bounded
from kerasfix.analysis.state import Content, State, join_states
from kerasfix.analysis.tensor_operations import TensorOperations
from kerasfix.analysis.values import ImportSite, Reference, Symbol, Unknown, Value, if_bound, join_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DEEPEST_LOOPS = 5
"""Loops nested deeper are gone through once, with nothing known of what may change in them."""
_MOST_UNROLLED = 400
"""Iterations of loops over known lists followed one by one in a file."""


class Interpreter(TensorOperations):
    """One `visit_` method for each kind of statement."""

    def __init__(self, is_bound_anywhere: Callable[[str], bool] = lambda name: False) -> None:
        super().__init__(is_bound_anywhere)
        self.pending: list[FunctionObject | ClassObject] = []
        """Functions and classes that are still to be tried out with unknown arguments."""
        self.loops: list[tuple[list[State], list[State]]] = []
        """For each loop around: the states at its `break`s and at its `continue`s."""
        self.handled: list[list[State]] = []
        """For each `try` around: the states in which its body ends early."""
        self.unrolling_left = _MOST_UNROLLED
        self.finished: dict[SequentialObject, Content] = {}
        """What each Sequential holds in the end."""
        self.trainable: dict[Value, Value] = {}
        """What was assigned to the attribute of that name of layers and models."""

    def run_module(self, statements: Sequence[cst.BaseStatement], cell: int | None = None) -> None:
        """Interpret the statements of a file, or of the next cell of a notebook."""
        self.cell = cell
        self._execute_all(statements)

    def end_module(self) -> None:
        """Interpret what a file defines and does not call."""
        self.cell = None
        self._keep()
        self._try_out_pending()

    def _keep(self) -> None:
        """Keep what the models hold here, and which of their parts are frozen: what is seen first counts."""
        for subject, content in self.alive.contents.items():
            if isinstance(subject, SequentialObject):
                known = self.finished.get(subject)
                if known is None or not known.slots:
                    self.finished[subject] = content
        for (owner, name), value in self.alive.attributes.items():
            if name == "trainable" and isinstance(owner, LayerObject | SequentialObject | FunctionalObject):
                self.trainable.setdefault(owner, value)

    # --- suites ------------------------------------------------------------------------------------------------

    def execute_body(self, body: cst.BaseSuite) -> None:
        self._execute_all(body.body)

    def _execute_all(self, statements: Sequence[cst.CSTNode]) -> None:
        for statement in statements:
            if self.state is None:
                return
            if isinstance(statement, cst.SimpleStatementLine):
                self._execute_all(statement.body)
            else:
                if isinstance(statement, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                    self.statement = statement
                self.dispatch(statement)
                if self.ended:
                    self.state, self.ended = None, False

    # --- simple statements -------------------------------------------------------------------------------------

    def visit_Expr(self, node: cst.Expr) -> None:
        self.value(node.value)

    def visit_Assign(self, node: cst.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target.target, value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value))

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        before, added = self.value(node.target), self.value(node.value)
        if isinstance(node.operator, cst.AddAssign) and isinstance(before, ListObject):
            content = self.alive.contents.get(before, Content())
            self.alive.contents[before] = Content(bounded(content.slots + self.slots_of(added)))
        else:
            operation = type(node.operator).__name__.removesuffix("Assign")
            self.assign(node.target, self.operated(node, operation, before, added))

    def visit_Return(self, node: cst.Return) -> None:
        value = self.value(node.value) if node.value is not None else self.nothing
        self._may_raise()
        if self.returns and not self.ended:
            self.returns[-1].append((value, self.alive))
        self.state = None

    def visit_Raise(self, node: cst.Raise) -> None:
        if node.exc is not None:
            self.value(node.exc)
        self._may_raise()
        self.state = None

    def visit_Break(self, node: cst.Break) -> None:
        self._leave_loop(0)

    def visit_Continue(self, node: cst.Continue) -> None:
        self._leave_loop(1)

    def _may_raise(self) -> None:
        """An exception may be raised here, and be handled by the `try` around: this is what then holds."""
        if self.handled:
            self.handled[-1].append(self.alive.fork())

    def _leave_loop(self, way: int) -> None:
        self._may_raise()
        if self.loops:
            self.loops[-1][way].append(self.alive)
        self.state = None

    def visit_Global(self, node: cst.Global) -> None:
        for item in node.names:
            if self.frame is not self.module_frame:
                self.frame.redirected[item.name.value] = self.module_frame

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        for item in node.names:
            for frame in list(self.frame.enclosing())[1:]:
                if (frame, item.name.value) in self.alive.names:
                    self.frame.redirected[item.name.value] = frame
                    break

    def visit_Del(self, node: cst.Del) -> None:
        self._delete(node.target)

    def _delete(self, target: cst.BaseExpression) -> None:
        match target:
            case cst.Name(value=name):
                self.unbind(name)
            case cst.Subscript():
                self.delete_element(target)
            case cst.Tuple() | cst.List():
                for element in target.elements:
                    self._delete(element.value)

    # --- imports -----------------------------------------------------------------------------------------------

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            dotted = _dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                name = alias.asname.name.value
            else:
                name = dotted = dotted.partition(".")[0]
            self.bind(name, Reference(dotted, (ImportSite(node, name, self.frame),)))

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = "." * len(node.relative) + (_dotted(node.module) if node.module is not None else "")
        if isinstance(node.names, cst.ImportStar):
            self.frame.stars.append(module)
            return
        for alias in node.names:
            original = _dotted(alias.name)
            name = original
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                name = alias.asname.name.value
            self.bind(name, Reference(f"{module}.{original}", (ImportSite(node, name, self.frame),)))

    # --- branches ----------------------------------------------------------------------------------------------

    def visit_If(self, node: cst.If) -> None:
        truth = self.truth(self.value(node.test))
        before = self.alive.fork()
        if truth is not False:
            self.execute_body(node.body)
        after = self.state if truth is not False else None
        self.state = before if truth is not True else None
        if self.state is not None and isinstance(node.orelse, cst.If):
            self.visit_If(node.orelse)
        elif self.state is not None and node.orelse is not None:
            self.execute_body(node.orelse.body)
        self.meet(after)

    def visit_Match(self, node: cst.Match) -> None:
        self.value(node.subject)
        before = self.alive
        ends: list[State | None] = [] if _is_irrefutable(node.cases[-1]) else [before.fork()]
        for case in node.cases:
            self.state = before.fork()
            for name in _captured(case.pattern):
                self.bind(name, Unknown("what a pattern matches"))
            if case.guard is not None:
                self.value(case.guard)
            self.execute_body(case.body)
            ends.append(self.state)
        self.state = join_states(ends)

    def visit_Try(self, node: cst.Try | cst.TryStar) -> None:
        before = self.alive.fork()
        self.handled.append([])
        self.execute_body(node.body)
        after = self.state
        raised = join_states((before, after.fork() if after is not None else None, *self.handled.pop()))
        ends: list[State | None] = []
        for handler in node.handlers:
            self.state = raised.fork() if raised is not None else None
            if handler.name is not None and isinstance(handler.name.name, cst.Name):
                self.bind(handler.name.name.value, Unknown("an exception"))
            self.execute_body(handler.body)
            ends.append(self.state)
        self.state = after
        if node.orelse is not None and self.state is not None:
            self.execute_body(node.orelse.body)
        self.state = join_states((self.state, *ends))
        if node.finalbody is not None:
            ended = self.state is None
            self.state = raised if ended else self.state
            self.execute_body(node.finalbody.body)
            self.state = None if ended else self.state

    visit_TryStar = visit_Try

    def visit_With(self, node: cst.With) -> None:
        for item in node.items:
            value = self.value(item.item)
            if item.asname is not None:
                self.assign(item.asname.name, value)
        self.execute_body(node.body)

    # --- loops -------------------------------------------------------------------------------------------------

    def visit_For(self, node: cst.For) -> None:
        iterable = self.value(node.iter)
        known = self.elements_of(iterable)
        if known is not None and len(known) <= min(LONGEST_UNROLLED, self.unrolling_left):
            self.unrolling_left -= len(known)
            self._unroll(node, known)
        else:
            self._loop(lambda: self.assign(node.target, self._another_element(iterable)), node)

    def visit_While(self, node: cst.While) -> None:
        self._loop(lambda: self.dispatch(node.test), node)

    def _another_element(self, iterable: Value) -> Value:
        """One of the elements, which need not be the one of the iteration before."""
        if self.is_list(iterable):
            return self.any_element(iterable)
        return Symbol(("element", self.freeze(iterable), object()))

    def _unroll(self, node: cst.For, elements: Sequence[Value]) -> None:
        breaks: list[State] = []
        for element in elements:
            if self.state is None:
                break
            continues: list[State] = []
            self.loops.append((breaks, continues))
            self.assign(node.target, element)
            self.execute_body(node.body)
            self.loops.pop()
            self.state = join_states((self.state, *continues))
        self._finish_loop(node, breaks)

    def _loop(self, enter: Callable[[], object], node: cst.For | cst.While) -> None:
        """Any number of iterations: run the body once to see what it changes, and once more from all that may be."""
        breaks: list[State] = []
        noted = len(self.events)
        deep = len(self.loops) >= _DEEPEST_LOOPS
        if deep:
            for subject in list(self.alive.contents):
                self.may_change(subject, "is changed in nested loops")
        for _ in range(1 if deep else 2):
            del self.events[noted:]
            before = self.alive.fork()
            continues: list[State] = []
            breaks = []
            self.loops.append((breaks, continues))
            enter()
            self.execute_body(node.body)
            self.loops.pop()
            self.state = join_states((before, self.state, *continues))
        self._finish_loop(node, breaks)

    def _finish_loop(self, node: cst.For | cst.While, breaks: Sequence[State]) -> None:
        if node.orelse is not None and self.state is not None:
            self.execute_body(node.orelse.body)
        self.state = join_states((self.state, *breaks))

    # --- definitions -------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        decorators = [_dotted(decorator.decorator) for decorator in node.decorators]
        for decorator in node.decorators:
            self.value(decorator.decorator)
        binds = {"staticmethod": "static", "classmethod": "class", "property": "property"}
        known = [binds[name] for name in decorators if name in binds]
        plain = len(known) == len(decorators) and node.asynchronous is None
        self.capture()
        function = FunctionObject(node, self.frame, self.defaults_of(node.params), plain, known[0] if known else "")
        self.bind(node.name.value, function)
        self._await_trial(function)

    def visit_Lambda(self, node: cst.Lambda) -> Value:
        function = super().visit_Lambda(node)
        if isinstance(function, FunctionObject):
            self._await_trial(function)
        return function

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self.value(decorator.decorator)
        bases = tuple(self.value(base.value) for base in node.bases)
        self.capture()
        outer, self.frame = self.frame, Frame(self.frame, is_class=True)
        class_frame = self.frame
        waiting, self.pending = self.pending, []
        self.execute_body(node.body)
        self.frame, self.pending = outer, waiting
        own = [(name, if_bound(value)) for (frame, name), value in self.alive.names.items() if frame is class_frame]
        members = {name: value for name, value in own if value is not None}
        class_ = ClassObject(node, outer, bases, members)
        class_frame.class_ = class_
        self.bind(node.name.value, class_)
        self._await_trial(class_)

    # --- trials ------------------------------------------------------------------------------------------------

    def _await_trial(self, definition: FunctionObject | ClassObject) -> None:
        if not self.inlined:
            self.pending.append(definition)

    def _try_out_pending(self) -> None:
        """Try out what has been defined here, each from the state that holds now."""
        pending, self.pending = self.pending, []
        state, frame, statement, trial = self.state or State(self.effort), self.frame, self.statement, self.trial
        self.trial = True
        for definition in pending:
            self.state = state.fork()
            if isinstance(definition, ClassObject):
                self._try_class(definition)
            else:
                self._try_function(definition, None)
        self.state, self.frame, self.statement, self.trial = state, frame, statement, trial

    def _try_class(self, class_: ClassObject) -> None:
        instance = self.new_instance(class_.node, class_)
        methods = [value for value in class_.members.values() if isinstance(value, FunctionObject)]
        constructors = [method for method in methods if class_.members.get("__init__") is method]
        for method in constructors:
            self._try_function(method, instance)
        ready = self.alive
        for method in methods:
            if method not in constructors:
                self.state = ready.fork()
                self._try_function(method, instance)

    def _try_function(self, function: FunctionObject, receiver: Value | None) -> None:
        frame = Frame(function.frame)
        self._widen(function.frame)
        parameters = function.node.params
        names = [parameter.name.value for parameter in (*parameters.posonly_params, *parameters.params)]
        for name in (*names, *(parameter.name.value for parameter in parameters.kwonly_params)):
            self.alive.names[frame, name] = Symbol(("parameter", frame, name))
        if isinstance(parameters.star_arg, cst.Param):
            self.alive.names[frame, parameters.star_arg.name.value] = Unknown("*args")
        if parameters.star_kwarg is not None:
            self.alive.names[frame, parameters.star_kwarg.name.value] = Unknown("**kwargs")
        if receiver is not None and names and function.binds not in ("static", "class"):
            self.alive.names[frame, names[0]] = receiver
            frame.class_, frame.receiver = function.frame.class_, receiver
        outer, self.pending = self.pending, []
        self.execute_function(function, frame)
        self._keep()
        self.ended = False
        inner_frame, self.frame = self.frame, frame
        self._try_out_pending()
        self.frame, self.pending = inner_frame, outer

    def _widen(self, frame: Frame) -> None:
        """Let the names that a function finds around it hold anything that they ever hold: it may run at any time."""
        for enclosing in frame.enclosing():
            for name, values in self.rebound.get(enclosing, {}).items():
                if (enclosing, name) in self.alive.names:
                    self.alive.names[enclosing, name] = join_values(values)


def _dotted(node: cst.CSTNode) -> str:
    match node:
        case cst.Name():
            return node.value
        case cst.Attribute():
            return f"{_dotted(node.value)}.{node.attr.value}"
    return ""


def _is_irrefutable(case: cst.MatchCase) -> bool:
    """Whether a case matches anything: `case _` or `case name`."""
    return isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None


def _captured(pattern: cst.CSTNode) -> list[str]:
    """The names that a match pattern binds."""
    names = [name for child in pattern.children for name in _captured(child)]
    bound = getattr(pattern, "name", None)
    if isinstance(pattern, cst.MatchAs | cst.MatchStar) and isinstance(bound, cst.Name):
        names.append(bound.value)
    return names
