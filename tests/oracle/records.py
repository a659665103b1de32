"""What a worker tells of one program: the models that it built under one Keras, as plain data.

The worker writes these as JSON and the test process reads them, so every value is one that JSON can hold.
"""

from __future__ import annotations

from typing import TypeAlias, TypedDict

from kerasfix.verify.records import InputSpec, ModelRecord


class ScopeRecord(TypedDict):
    """The models made by the module itself, or by one call of one of its functions without arguments."""

    scope: str
    error: str | None
    warnings: list[str]
    models: list[ModelRecord]


class ProgramRecord(TypedDict):
    """Everything that one program built under one Keras."""

    scopes: list[ScopeRecord]


Feeds: TypeAlias = dict[str, list[list[InputSpec] | None]]
"""For each scope and each of its models: what to call the model on where it does not know its input."""


class Request(TypedDict):
    """One program for a worker; `seconds` is the limit for each scope."""

    source: str
    feeds: Feeds
    seconds: float
