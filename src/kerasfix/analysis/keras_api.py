"""What Keras 2 and Keras 3 call their things, and which arguments each of them takes.

The facts are data: `keras_api.json` is written by `scripts/generate_keras_api.py`, which introspects an
installed Keras 3 and tf_keras, and `keras_history.py` holds by hand what neither of them has any more.
Nothing here imports Keras; the data is read when it is first asked for.

Canonical names are public ones of `keras`: `keras.Input`, `keras.Sequential`, `keras.Model`,
`keras.layers.Dense`, `keras.applications.VGG16`, and for an alias the name of the class it stands for
(`keras.layers.MaxPooling2D`).
"""

from __future__ import annotations

import ast
import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from kerasfix.analysis import keras_history as history

if TYPE_CHECKING:
    from types import EllipsisType

Version: TypeAlias = Literal["keras1", "keras2", "keras3"]
"""keras1: Keras 1.2, kept for what is gone since; keras2: tf_keras, or Keras 2.3.1 for what that has not."""

Kind: TypeAlias = Literal["layer", "model", "function", "application", "cell", "wrapper"]
InputShapeEffect: TypeAlias = Literal["warns", "rejects", "swallows", "declares", "absent"]

VERSIONS: Final[tuple[Version, ...]] = ("keras1", "keras2", "keras3")

INPUT_KEYWORDS: Final = frozenset(
    {"input_shape", "input_dim", "batch_input_shape", "batch_shape", "batch_size", "input_length"}
)
"""The keywords by which a layer declares the model's input (tf_keras `Layer.__init__`; `input_length` on
Embedding and the RNN family; `batch_shape` is no Keras's, but written)."""


TENSOR_ARGUMENTS: Final = ("input_tensor", "tensor")
"""The arguments by which `InputLayer` and `Input` take a tensor that is there."""


class Required:
    """The default of a parameter that has none; `REQUIRED` is the only one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = Required()

Default: TypeAlias = "bool | int | float | str | tuple[Default, ...] | EllipsisType | Required | None"
"""A literal, `...` for a default that is none (a function, an object), or REQUIRED."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a constructor or function, `self` left out."""

    name: str
    default: Default = REQUIRED
    keyword_only: bool = False

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a constructor or function in one Keras, in order."""

    parameters: tuple[Parameter, ...]
    extra_positional: bool = False
    """It takes `*args`."""
    extra_keywords: bool = False
    """It takes `**kwargs`. For a layer, `base_keywords` tells what those may be."""

    @property
    def positional(self) -> tuple[str, ...]:
        """The names that a positional argument can bind, in order."""
        return tuple(p.name for p in self.parameters if not p.keyword_only)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(frozen=True, slots=True)
class KerasClass:
    """A public layer, model or function of Keras, under its canonical name."""

    name: str
    kind: Kind
    signatures: dict[Version, Signature] = field(hash=False)
    """By version; a version without the class is absent."""
    own_meaning: frozenset[str] = frozenset()
    """The names among `INPUT_KEYWORDS` and `weights` that are this class's own parameter and do *not*
    declare the input of a layer: Embedding's `input_dim` is its vocabulary, an application's
    `input_shape` its own."""
    wrapped_parameter: str | None = None
    """The parameter that holds the layer, cell or list it wraps: `layer`, `cell`, `cells`, `layers`."""
    wrapped_rank_offset: int | None = None
    """How many axes more its input has than the wrapped layer's: TimeDistributed 1, Bidirectional 0."""
    recurrent: bool = False
    """LSTM, GRU, SimpleRNN, RNN, ConvLSTM: `input_dim=d, input_length=n` means `(n, d)`."""
    merge: bool = False
    """It takes a list of tensors: Add, Concatenate, Dot, `add()`, ..."""
    keras3_input_shape: InputShapeEffect = "absent"
    """What Keras 3 does with `input_shape=` on it; "declares" where that is its own parameter."""
    ranks: dict[Version, tuple[int | None, int | None]] = field(default_factory=dict, hash=False)
    """By version, where it was measured; ask `ndim`."""
    input_dtypes: dict[Version, str] = field(default_factory=dict, hash=False)
    """By version, where it is not the float policy's; ask `input_dtype`."""

    def signature(self, version: Version) -> Signature | None:
        """Its signature in that Keras, None where that Keras has it not."""
        return self.signatures.get(version)

    def parameters(self, version: Version) -> tuple[Parameter, ...]:
        """Its parameters in that Keras, in order; none where that Keras has it not."""
        signature = self.signatures.get(version)
        return signature.parameters if signature else ()

    def ndim(self, version: Version = "keras3") -> tuple[int | None, int | None]:
        """The least and greatest rank of its input, batch included; None where no bound is known.

        A version that was not measured answers with another one's. For a wrapper it is what holds for
        every layer it may wrap; `wrapped_rank_offset` tells the rest.
        """
        for known in (version, *reversed(VERSIONS)):
            if known in self.ranks:
                return self.ranks[known]
        return (None, None)

    def input_dtype(self, version: Version) -> str | None:
        """The dtype of the input it implies as first layer, where that is not the float policy's."""
        return self.input_dtypes.get(version)


def canonical(dotted: str) -> tuple[str, str] | None:
    """The canonical name that a fully qualified spelling stands for, and the package it is spelled with.

    `tensorflow.keras.layers.Dense` is `("keras.layers.Dense", "tensorflow.keras")`. None for what is not
    Keras's, for a module, for a name below a class (`keras.Model.fit`), and for an unknown name in
    `keras`, `keras.layers` or `keras.engine`. Other names of Keras that are not known are passed through:
    `("keras.utils.whatever", ...)`.
    """
    split = _split(dotted)
    if split is None or not split[1]:
        return None
    package, path = split
    symbols = _symbols()
    known = symbols.paths.get(path)
    if known is not None:
        return known, package
    *modules, name = path.split(".")
    if not modules or not all(map(_is_module_name, modules)):
        return None
    home = modules[-1] if modules[0] == "legacy" else modules[0]
    if home == "layers":
        known = symbols.layers.get(name)
        return (known, package) if known else None
    if home in ("engine", "models") and name in history.CORE:
        return history.CORE[name], package
    if home == "engine" or home not in symbols.roots or path in symbols.modules:
        return None
    if home == "applications" and f"applications.{name}" in symbols.paths:
        return f"keras.applications.{name}", package
    if name in symbols.public.get(home, ()) and name not in symbols.public.get(".".join(modules), ()):
        return f"keras.{home}.{name}", package
    return f"keras.{path}", package


def canonical_module(dotted: str) -> tuple[str, str] | None:
    """The canonical name of a module of Keras and the package it is spelled with.

    `tensorflow.keras.layers` is `("keras.layers", "tensorflow.keras")`. Any lower-case path below
    `keras.layers`, `keras.engine` and `keras.legacy` counts as one, unless it is a public function's: their
    inner modules moved with every release.
    """
    split = _split(dotted)
    if split is None:
        return None
    package, path = split
    if not path:
        return "keras", package
    symbols = _symbols()
    inner = path.split(".")
    if path in symbols.modules or (
        inner[0] in ("layers", "engine", "legacy") and path not in symbols.paths and all(map(_is_module_name, inner))
    ):
        return f"keras.{path}", package
    return None


def is_module(dotted: str) -> bool:
    """Whether Keras is reached through that module: `tensorflow`, `tensorflow.keras`, `keras.layers.core`."""
    return any(root.startswith(f"{dotted}.") for root in history.PACKAGES) or canonical_module(dotted) is not None


@functools.cache
def star_names(module_dotted: str) -> frozenset[str]:
    """What `from module import *` brings in some Keras: the public names of both, and those of older ones.

    Empty for what is no module of Keras, and for the inner modules of the newer ones.
    """
    found = canonical_module(module_dotted)
    if found is None:
        return frozenset()
    path = found[0].removeprefix("keras").removeprefix(".")
    symbols = _symbols()
    known = {name for home, _, name in (public.rpartition(".") for public in symbols.paths) if home == path}
    return symbols.public.get(path, frozenset()) | history.MODULE_NAMES.get(path, frozenset()) | known


def has_public(module_dotted: str, name: str) -> bool:
    """Whether a module of Keras has a name in its documented interface, as some release has it today."""
    found = canonical_module(module_dotted)
    path = found[0].removeprefix("keras").removeprefix(".") if found is not None else ""
    return found is not None and name in _symbols().public.get(path, frozenset())


@functools.cache
def lookup(canonical_name: str) -> KerasClass | None:
    """The layer, model or function of that canonical name; None where nothing is known but the name."""
    generated = _data()["classes"].get(canonical_name, {})
    past = history.CLASSES.get(canonical_name, {})
    if not generated and not past:
        return None
    facts: dict[str, Any] = {**past, **generated}
    in_version: dict[Version, dict[str, Any]] = {v: facts[v] for v in VERSIONS if v in facts}
    return KerasClass(
        name=canonical_name,
        kind=facts.get("kind", "layer"),
        signatures={v: parse_signature(of["signature"]) for v, of in in_version.items()},
        own_meaning=frozenset(facts.get("own_meaning", ())),
        wrapped_parameter=facts.get("wrapped_parameter"),
        wrapped_rank_offset=facts.get("wrapped_rank_offset"),
        recurrent=facts.get("recurrent", False),
        merge=facts.get("merge", False),
        keras3_input_shape=facts.get("keras3", {}).get("input_shape", "absent"),
        ranks={v: (of["ndim"][0], of["ndim"][1]) for v, of in in_version.items() if "ndim" in of},
        input_dtypes={v: of["input_dtype"] for v, of in in_version.items() if "input_dtype" in of},
    )


@functools.cache
def applications() -> frozenset[str]:
    """The names of the ready-made models, as `VGG16`."""
    known = (*_data()["classes"].items(), *history.CLASSES.items())
    return frozenset(name.rpartition(".")[2] for name, facts in known if facts.get("kind") == "application")


def base_keywords(version: Version) -> frozenset[str]:
    """What the `**kwargs` of a layer may hold in that Keras: the keywords of its base `Layer`.

    In Keras 3 a layer takes one of `input_shape` and `input_dim`, not both.
    """
    return frozenset(_data()["base_keywords"].get(version, history.BASE_KEYWORDS))


def generated_from() -> dict[str, str]:
    """The release of each distribution that the data was generated from."""
    return dict(_data()["generated_from"])


def parse_signature(text: str) -> Signature:
    """Reads a signature as the data writes it: `units, activation=None, **kwargs`. Lists become tuples."""
    arguments = ast.parse(f"def f({text}): ...").body[0].args  # type: ignore[attr-defined]
    positional = [*arguments.posonlyargs, *arguments.args]
    required = [REQUIRED] * (len(positional) - len(arguments.defaults))
    defaults = [*required, *map(_default, arguments.defaults)]
    return Signature(
        parameters=(
            *(Parameter(arg.arg, default) for arg, default in zip(positional, defaults, strict=True)),
            *(
                Parameter(arg.arg, REQUIRED if node is None else _default(node), keyword_only=True)
                for arg, node in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            ),
        ),
        extra_positional=arguments.vararg is not None,
        extra_keywords=arguments.kwarg is not None,
    )


def _default(node: ast.expr) -> Default:
    value = ast.literal_eval(node)
    return tuple(value) if isinstance(value, list) else value


_FIRST_SEGMENTS: Final = frozenset(package.partition(".")[0] for package in history.PACKAGES)


class _Symbols(NamedTuple):
    """The names of Keras, paths without the leading `keras.`."""

    paths: dict[str, str]
    """Public path to canonical name, past ones too: `layers.Convolution2D` to `keras.layers.Conv2D`."""
    layers: dict[str, str]
    """The same by last name, for what lives in `keras.layers`, on whatever inner module it is found."""
    modules: frozenset[str]
    """Public modules, past ones too."""
    roots: frozenset[str]
    """Modules right below `keras`."""
    public: dict[str, frozenset[str]]
    """Public names by module."""


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return data


@functools.cache
def _symbols() -> _Symbols:
    data = _data()
    public = {path: frozenset(names) for path, names in data["modules"].items()}
    modules = history.MODULES | public.keys()
    paths = {
        f"{module}.{name}".lstrip("."): f"keras.{module}.{name}".replace("..", ".")
        for module in ("", "layers", "models")
        for name in public[module]
        if f"{module}.{name}".lstrip(".") not in modules
    }
    for name, facts in (*history.CLASSES.items(), *data["classes"].items()):
        for path in (name, *facts.get("paths", ())):
            paths[path.removeprefix("keras.")] = name
    paths |= {f"layers.{old}": paths[f"layers.{new}"] for old, new in history.ALIASES.items()}
    paths |= history.PATHS
    return _Symbols(
        paths=paths,
        layers={path.rpartition(".")[2]: name for path, name in paths.items() if path.startswith("layers.")},
        modules=modules,
        roots=frozenset(module.partition(".")[0] for module in modules),
        public=public,
    )


def _split(dotted: str) -> tuple[str, str] | None:
    """The package a name is spelled with, and the path below it."""
    if dotted.partition(".")[0] not in _FIRST_SEGMENTS:
        return None
    for package in history.PACKAGES:
        if dotted == package:
            return package, ""
        if dotted.startswith(f"{package}."):
            return package, dotted[len(package) + 1 :]
    return None


def _is_module_name(segment: str) -> bool:
    return segment == segment.lower()
