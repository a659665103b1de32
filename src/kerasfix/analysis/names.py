"""Names: the frames that they live in, what they hold, and what they may hold at another time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfix.analysis import keras_api
from kerasfix.analysis.objects import Frame, Tensor
from kerasfix.analysis.state import Effort, State
from kerasfix.analysis.values import UNBOUND, Choice, Reference, Symbol, Value, if_bound, options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kerasfix.analysis.objects import Spelling
    from kerasfix.analysis.values import ImportSite


class Names:
    """The state of the program, and the names in it."""

    def __init__(self, is_bound_anywhere: Callable[[str], bool]) -> None:
        self.is_bound_anywhere = is_bound_anywhere
        """Whether any scope of the file gives a name a meaning other than Keras's."""
        self.brought: list[tuple[frozenset[str], str, tuple[ImportSite, ...], Spelling]] = []
        """The imports by which fixes may bring in an input: packages, what is brought, where, and how it is spelled."""
        self.module_frame = Frame()
        self.frame = self.module_frame
        self.effort = Effort()
        self.state: State | None = State(self.effort)
        """None where the program cannot get: behind a `return`, `raise`, `break` or `continue`."""
        self.named_classes: dict[str, None] = {}
        """Names, in any frame, that have held a class or module of an import."""
        self.named_tensors: dict[str, None] = {}
        """Names that have held a tensor."""
        self.rebound: dict[Frame, dict[str, list[Value]]] = {}
        """Everything that names held which held more than one value: what a function run at another time may find."""

    @property
    def alive(self) -> State:
        """The state, where the program can get."""
        if self.state is None:
            self.state = State(self.effort)  # an expression is never evaluated in dead code; keep going if one is
        return self.state

    def lookup(self, name: str) -> Value:
        """What a name holds; a `Symbol` of its own for a builtin or a name that nothing binds."""
        bound = self.bound(name)
        if bound is not None:
            return bound
        stars = [star for star in self._stars() if name in keras_api.star_names(star)]
        if stars:  # other modules have in some releases only what these always have
            layers = [star for star in stars if star.endswith(("keras", "keras.layers"))]
            return Reference(f"{(layers or stars)[0]}.{name}")
        return Symbol(("name", name))

    def bound(self, name: str) -> Value | None:
        """What a name holds if a statement of the file has bound it."""
        frame = self.frame_of(name)
        return if_bound(self.alive.names[frame, name]) if frame is not None else None

    def held(self, name: str) -> Value:
        """What a name holds, `UNBOUND` among the options where it may not be bound."""
        frame = self.frame_of(name)
        return self.alive.names[frame, name] if frame is not None else self.lookup(name)

    def frame_of(self, name: str) -> Frame | None:
        """The frame in which a name that is read here is found."""
        names = self.alive.names
        for frame in self.frame.enclosing():
            home = frame.redirected.get(name, frame)
            if (home, name) in names:
                return home
        return None

    def unbind(self, name: str) -> None:
        """What `del name` does."""
        home = self.frame.redirected.get(name, self.frame)
        earlier = self.alive.names.pop((home, name), None)
        if earlier is not None:
            self.rebound.setdefault(home, {}).setdefault(name, [earlier]).append(UNBOUND)

    def capture(self) -> None:
        """Keep the names of the frames around: what is defined here may read them later."""
        for frame in self.frame.enclosing():
            frame.captured = True

    def _stars(self) -> list[str]:
        """The modules imported with `*`."""
        return [star for frame in self.frame.enclosing() for star in frame.stars]

    def visible_classes(self) -> Iterator[tuple[str, Value]]:
        """The names that can be read here and may be a class or module of an import, with what they hold."""
        for name in self.named_classes:
            frame = self.frame_of(name)
            if frame is not None:
                yield name, self.alive.names[frame, name]

    def bind(self, name: str, value: Value) -> None:
        """Let a name of this frame hold a value."""
        frame = self.frame.redirected.get(name, self.frame)
        names = self.alive.names
        earlier = names.get((frame, name))
        if earlier is not None and earlier != value:
            self.rebound.setdefault(frame, {}).setdefault(name, [earlier]).append(value)
        self.bind_in(frame, name, value)

    def bind_in(self, frame: Frame, name: str, value: Value) -> None:
        """Let a name of any frame hold a value; that it held another one is not noted."""
        self.alive.names[frame, name] = value
        if isinstance(value, Reference | Choice):
            self.named_classes[name] = None
        elif isinstance(value, Tensor):
            self.named_tensors[name] = None

    def stays(self, frame: object, name: str, value: Value) -> bool:
        """Whether a name that held `value` at one time never holds anything else."""
        held = self.rebound.get(frame, {}).get(name, ()) if isinstance(frame, Frame) else ()
        every = {option for other in held for option in options(other)}
        return every <= {UNBOUND, *options(value)}
