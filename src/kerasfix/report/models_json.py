"""The `json` format of `kerasfix models`: a list of models, each with its layers. Rows and columns count from 1.

A shape is a list of numbers, `null` for a size that may be any, and strings: an expression of the program, or `?`. A
shape of which not even the rank is known is `null`.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.models.table import Build, LayerRow, ModelOverview


def render(models: Sequence[ModelOverview]) -> str:
    """All models as one JSON list."""
    return json.dumps([record(model) for model in models], indent=2) + "\n"


def record(model: ModelOverview) -> dict[str, Any]:
    """One model as plain data."""
    return {
        "filename": model.path if model.path == "-" else os.path.abspath(model.path),  # noqa: PTH100
        "location": {"row": model.place.row, "column": model.place.column + 1},
        "cell": model.place.cell,
        "kind": model.kind,
        "name": model.name or None,
        "function": model.function or None,
        "variant": {"number": model.variant[0], "of": model.variant[1]},
        "inputs": [
            {
                "declared_by": source.by or None,
                "layer": source.layer or None,
                "row": source.place.row if source.place else None,
                "cell": source.place.cell if source.place else None,
            }
            for source in model.inputs
        ],
        "parameters": model.parameters,
        "codes": list(model.codes),
        "layers": [_layer(row) for row in model.rows],
        "outputs": list(model.outputs),
        "build": None if model.build is None else _build(model.build),
    }


def _layer(row: LayerRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name or None,
        "arguments": row.detail,
        "row": row.place.row if row.place else None,
        "cell": row.place.cell if row.place else None,
        "arriving": [None if shape is None else list(shape) for shape in row.arriving],
        "leaving": [None if shape is None else list(shape) for shape in row.leaving],
        "parameters": row.parameters,
        "shared": row.shared,
        "declares": list(row.declares),
        "presence": row.presence,
        "ways": [{"fork": way.fork, "number": way.number, "of": way.count} for way in row.ways],
        "sources": list(row.sources),
        "codes": list(row.codes),
    }


def _build(build: Build) -> dict[str, Any]:
    return {
        "keras": build.keras or None,
        "refusals": list(build.refusals),
        "problem": build.problem or None,
        "unbuilt": build.unbuilt,
        "stand_ins": dict(build.stand_ins),
        "notes": list(build.notes),
    }
