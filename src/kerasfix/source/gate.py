"""The cheap questions that come before the analysis: can this file have a finding at all?

Building a LibCST tree costs ten times what `ast` does, and `ast` a hundred times what a search for a few
words does. Most files use no Keras, and most of those that do never name an argument that a rule looks for.
Both gates only ever say no when no rule could have a finding.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasfix.source.document import Document, Location

if TYPE_CHECKING:
    from collections.abc import Iterable

KERAS = (b"keras", b"tensorflow")
"""A name of Keras resolves only through an import in the same file, and every such import has one of these
words."""

_FEEDS = frozenset({"fit", "fit_generator", "evaluate", "evaluate_generator", "predict", "predict_generator", "flow"})
"""Methods whose keywords feed data and declare nothing; `fit(batch_size=32)` is in nearly every file."""

UNPARSABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that a string can hold and a Python program cannot."""
_PYTHON_2 = re.compile(
    r"^\s*(?:print\s+[\w\"'(%]|print\s*>>|exec\s+[\w\"']|raise\s+[\w.]+\s*,|except\s+[^:]+,\s*\w+\s*:)|<>"
    r"|(?<![\w.])0[0-7]+\b|\bur[\"']"
)


@dataclass(frozen=True, slots=True)
class NotPython:
    """Why and where `ast` gave up; the text is Python's own, with a hint where the file is Python 2."""

    message: str
    location: Location


def is_of_interest(raw: bytes) -> bool:
    """Before gate 1, which needs the rules: whether a file mentions Keras, or a code that it could suppress."""
    lowered = raw.lower()
    return any(word in lowered for word in (*KERAS, b"kfx"))


def passes_words(raw: bytes, words: Iterable[str]) -> bool:
    """Gate 1: the file mentions Keras, and one of the words that the rules look for."""
    return any(word in raw for word in KERAS) and any(word.encode() in raw for word in words)


def passes_syntax(tree: ast.AST, keywords: frozenset[str], names: frozenset[str]) -> bool:
    """Gate 2: Keras is imported, and a call has one of `keywords` (written out, or as a string beside a `**`), or a
    name is mentioned."""
    imports = mentions = unpacks = quotes = False
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=function, keywords=arguments):
                if not (isinstance(function, ast.Attribute) and function.attr in _FEEDS):
                    mentions = mentions or any(argument.arg in keywords for argument in arguments)
                    unpacks = unpacks or any(argument.arg is None for argument in arguments)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                mentions = mentions or name in names
            case ast.alias(name=name):
                imports = imports or _is_of_keras(name)
                mentions = mentions or (node.asname is not None and name.rpartition(".")[2] in names)
            case ast.ImportFrom(module=str(module)):
                imports = imports or _is_of_keras(module)
            case ast.Constant(value=str(text)):
                quotes = quotes or text in keywords
        if imports and (mentions or (unpacks and quotes)):
            return True
    return False


def _is_of_keras(module: str) -> bool:
    return "keras" in module or "tensorflow" in module


@functools.lru_cache(maxsize=1)
def parse(text: str) -> ast.Module | NotPython:
    """The syntax tree of a file, the last one remembered. Its warnings (an invalid escape, say) are not ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        if (character := UNPARSABLE.search(text)) is not None:  # only a text that never was a file has one
            message = f"no Python program can hold {character[0]!r}"
            return NotPython(message, Document("", text).location(character.start()))
        if not isinstance(error, SyntaxError):
            return NotPython(str(error), Location(1, 0))
        row = error.lineno or 1
        return NotPython(_explain(error), Location(row, max((error.offset or 1) - 1, 0)))
    except (RecursionError, MemoryError) as error:
        return NotPython(f"nested too deeply for Python's parser ({type(error).__name__})", Location(1, 0))


def _explain(error: SyntaxError) -> str:
    message = error.msg
    old = (
        "Missing parentheses in call to 'print'" in message
        or "multiple exception types must be parenthesized" in message
        or _PYTHON_2.search(error.text or "")
    )
    return f"{message} (this looks like Python 2, which kerasfix does not read)" if old else message
