"""Writes src/kerasfix/analysis/keras_api.json: what the installed Keras 3 and tf_keras say of themselves.

    CUDA_VISIBLE_DEVICES= TF_CPP_MIN_LOG_LEVEL=3 python scripts/generate_keras_api.py [--check]

Names and signatures are introspected here, the rest is measured by measure_keras_layers.py.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib.metadata
import inspect
import json
import sys
import types
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import keras
import keras.src.models.functional
import tf_keras
import tf_keras.src.engine.functional
from measure_keras_layers import KERAS, Arguments, accepted_ranks, implied_input_dtype, input_shape_effect

from kerasfix.analysis.keras_api import INPUT_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUT: Final = Path(__file__).parents[1] / "src/kerasfix/analysis/keras_api.json"
FIELDS: Final = (
    "kind",
    "paths",
    "own_meaning",
    "wrapped_parameter",
    "wrapped_rank_offset",
    "recurrent",
    "merge",
    *KERAS,
)
"""The keys of a record, in the order they are written."""

Record = dict[str, Any]

WRAPPED_PARAMETERS: Final = ("layer", "cell", "cells", "layers")
WRAPPED_RANK_OFFSETS: Final = {"TimeDistributed": 1, "Bidirectional": 0, "SpectralNormalization": 0}
"""How many axes more the wrapper's input has than the wrapped layer's (measured by the test of keras_api)."""

OWN_MEANING: Final = {
    "keras.Input": INPUT_KEYWORDS & {"batch_shape", "batch_size"},
    "keras.layers.InputLayer": INPUT_KEYWORDS - {"input_dim", "input_length"},
}
"""Where the names are no parameters but reach the constructor by `**kwargs`."""


def public_modules(library: Any) -> dict[str, list[str]]:
    """The public names of every public module, by path below the library."""
    found: dict[str, list[str]] = {}

    def walk(module: types.ModuleType, path: str) -> None:
        names = [name for name in dir(module) if not name.startswith("_") and name not in ("src", "protobuf")]
        for name in tuple(names):
            member = getattr(module, name)
            if isinstance(member, types.ModuleType):
                if member.__name__.startswith(f"{library.__name__}.") and ".src." not in member.__name__:
                    walk(member, f"{path}.{name}".lstrip("."))
                else:
                    names.remove(name)
        found[path] = names

    walk(library, "")
    return found


def public_objects(library: Any) -> Iterator[tuple[str, Any]]:
    """The layers, models and functions that a model is made of, by path below the library."""
    for path, names in public_modules(library).items():
        for name in names:
            member = getattr(_module(library, path), name)
            if path == "applications" and inspect.isfunction(member):
                yield f"applications.{name}", member
            elif path in ("", "models") and name in ("Input", "Layer", "Model", "Sequential"):
                yield f"{path}.{name}".lstrip("."), member
            elif path.startswith("layers") and (inspect.isfunction(member) or _is_layer(library, member)):
                yield f"{path}.{name}", member


def _module(library: Any, path: str) -> Any:
    module = library
    for name in filter(None, path.split(".")):
        module = getattr(module, name)
    return module


def _is_layer(library: Any, member: Any) -> bool:
    return inspect.isclass(member) and issubclass(member, library.layers.Layer)


def canonical_name(member: Any, paths: list[str]) -> str:
    """The path that names it: models and Input at the top, all else below `layers`, by its own name."""

    def preference(path: str) -> tuple[bool, int, bool, str]:
        last = path.rpartition(".")[2]
        at_the_top = "." not in path and last in ("Input", "Model", "Sequential")
        return (not at_the_top and "." not in path, path.count("."), last != member.__name__, path)

    return "keras." + min(paths, key=preference)


def signature_text(library: Any, member: Any) -> str:
    """Its parameters as Python writes them, `self` left out and `...` for a default that is no literal."""
    if member is keras.Model:
        member = keras.src.models.functional.Functional
    elif member is tf_keras.Model:
        member = tf_keras.src.engine.functional.Functional
    parameters = list(inspect.signature(member.__init__ if inspect.isclass(member) else member).parameters.values())
    written = []
    seen_star = False
    for parameter in parameters[inspect.isclass(member) :]:
        if parameter.kind is parameter.KEYWORD_ONLY and not seen_star:
            written.append("*")
        seen_star |= parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        written.append(_parameter_text(parameter))
    return ", ".join(written)


def _parameter_text(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    if parameter.default is parameter.empty:
        return parameter.name
    text = repr(parameter.default)
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError):
        text = "..."
    return f"{parameter.name}={text}"


def layer_facts(version: str, layer: Any, name: str, record: Record) -> Record:
    """What holds for a layer in one Keras, beside its signature."""
    facts: Record = {}
    if version == "keras3":
        own = "input_shape" in record.get("own_meaning", ())
        signature = record[version]["signature"]
        facts["input_shape"] = "declares" if own else input_shape_effect(layer, name, signature)
    if name == "InputLayer":
        return facts
    if dtype := implied_input_dtype(version, layer, name):
        facts["input_dtype"] = dtype
    if not record.get("merge") and record.get("kind") != "cell" and (ranks := accepted_ranks(version, layer, name)):
        facts["ndim"] = ranks
    return facts


def kind_facts(library: Any, member: Any, name: str) -> Record:
    """What a class or function is, as far as it is no plain layer."""
    layers = library.layers
    if inspect.isfunction(member):
        application = member.__module__.startswith(f"{library.__name__}.src.applications")
        facts: Record = {"kind": "application" if application else "function"}
        return facts | ({"merge": True} if ".merging." in member.__module__ else {})
    if issubclass(member, library.Model):
        return {"kind": "model"}
    facts = {}
    if "Cell" in name:
        facts["kind"] = "cell"
    elif issubclass(member, layers.Wrapper):
        facts["kind"] = "wrapper"
    if issubclass(member, layers.RNN):
        facts["recurrent"] = True
    if issubclass(member, layers.Add.__mro__[1]):
        facts["merge"] = True
    first = next(iter(list(inspect.signature(member.__init__).parameters)[1:]), "")
    if first in WRAPPED_PARAMETERS:
        facts["wrapped_parameter"] = first
    if name in WRAPPED_RANK_OFFSETS:
        facts["wrapped_rank_offset"] = WRAPPED_RANK_OFFSETS[name]
    return facts


def classes() -> dict[str, Record]:
    """Every record, by canonical name."""
    members: dict[str, dict[str, Any]] = {}
    records: dict[str, Record] = {}
    for version, library in KERAS.items():
        paths: dict[Any, list[str]] = {}
        for path, member in public_objects(library):
            paths.setdefault(member, []).append(path)
        for member, known_as in paths.items():
            canonical = canonical_name(member, known_as)
            members.setdefault(canonical, {})[version] = member
            record = records.setdefault(canonical, {})
            record |= kind_facts(library, member, canonical.rpartition(".")[2])
            others = {f"keras.{path}" for path in known_as} - {canonical} | set(record.get("paths", ()))
            if others:
                record["paths"] = sorted(others)
            record[version] = {"signature": signature_text(library, member)}
    for canonical, record in records.items():
        if own := own_meaning(canonical, record):
            record["own_meaning"] = sorted(own)
        if record.get("kind") not in ("function", "application", "model"):
            for version, member in members[canonical].items():
                record[version] |= layer_facts(version, member, canonical.rpartition(".")[2], record)
    return {name: {key: records[name][key] for key in FIELDS if key in records[name]} for name in sorted(records)}


def own_meaning(canonical: str, record: Record) -> frozenset[str]:
    """Its own parameters that are called like a declaration. `input_length` is one (tf_keras Embedding)."""
    words = (INPUT_KEYWORDS - {"input_length"}) | {"weights"}
    named = {
        parameter.partition("=")[0]
        for version in KERAS
        if version in record
        for parameter in record[version]["signature"].split(", ")
    }
    return words & named | OWN_MEANING.get(canonical, frozenset())


def base_keywords() -> dict[str, list[str]]:
    """The keywords that a bare `Layer` takes, its own parameters and those that it finds in `**kwargs`."""
    found = {}
    for version, library in KERAS.items():
        named = [p.name for p in inspect.signature(library.layers.Layer.__init__).parameters.values()]
        candidates: Arguments = dict.fromkeys((*INPUT_KEYWORDS, "dynamic", "implementation"), 1)
        candidates |= {
            "input_shape": (1,),
            "batch_input_shape": (1, 1),
            "weights": [],
            "activity_regularizer": None,
        }
        candidates |= {"autocast": True}
        accepted = {name for name, value in candidates.items() if _takes(library.layers.Layer, {name: value})}
        found[version] = sorted(accepted | set(named) - {"self", "kwargs"})
    return found


def _takes(layer: Any, keywords: Arguments) -> bool:
    try:
        layer(**keywords)
    except (TypeError, ValueError):
        return False
    return True


def generate() -> str:
    """The text of the data file: one record or module a line."""
    modules: dict[str, set[str]] = {}
    for library in KERAS.values():
        for path, names in public_modules(library).items():
            modules.setdefault(path, set()).update(names)
    tables: dict[str, dict[str, Any]] = {
        "generated_from": {name: importlib.metadata.version(name) for name in ("keras", "tf_keras")},
        "base_keywords": base_keywords(),
        "modules": {path: sorted(names) for path, names in sorted(modules.items())},
        "classes": classes(),
    }
    parts = []
    for table, entries in tables.items():
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
        parts.append(f"{json.dumps(table)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> int:
    """Writes the data, or with --check prints how what is written differs from what is installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and show the difference")
    check = parser.parse_args().check
    warnings.simplefilter("ignore")
    text = generate()
    if not check:
        OUTPUT.write_text(text, "utf-8")
        return 0
    written = OUTPUT.read_text("utf-8")
    difference = difflib.unified_diff(written.splitlines(), text.splitlines(), "written", "installed", n=0, lineterm="")
    print("\n".join(difference))
    return written != text


if __name__ == "__main__":
    sys.exit(main())
