"""Real-looking notebooks, before and after.

`fixtures/notebooks/NAME.in.ipynb` is a notebook, `NAME.out.ipynb` what `kerasfix check --fix` leaves of it, byte for
byte, and `NAME.diagnostics.json` the findings in the first; cells, rows and columns count from 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

import kerasfix
from kerasfix.config import Settings
from kerasfix.source.notebook import Notebook
from kerasfix.verify.verifier import Verdict, verify_documents

if TYPE_CHECKING:
    from kerasfix.verify.session import Session

FIXTURES = Path(__file__).parent.parent / "fixtures" / "notebooks"
NAMES = sorted(path.name.removesuffix(".in.ipynb") for path in FIXTURES.glob("*.in.ipynb"))


def read(name: str, suffix: str) -> Notebook:
    path = FIXTURES / f"{name}{suffix}"
    return Notebook.from_bytes(path.read_bytes(), path.name)


def test_every_fixture_is_whole() -> None:
    suffixes = (".in.ipynb", ".out.ipynb", ".diagnostics.json")
    assert NAMES
    assert {path.name for path in FIXTURES.iterdir()} == {f"{name}{suffix}" for name in NAMES for suffix in suffixes}


@pytest.mark.parametrize("name", NAMES)
class TestFixture:
    def test_findings(self, name: str) -> None:
        document = read(name, ".in.ipynb")
        found = []
        for diagnostic in kerasfix.check(document.content, document.path):
            place = document.place(diagnostic.start)
            fix = diagnostic.fix.applicability.value if diagnostic.fix is not None else None
            found.append(
                {
                    "code": diagnostic.code,
                    "cell": place.cell,
                    "row": place.row,
                    "column": place.column + 1,
                    "applicability": fix,
                }
            )
        assert found == json.loads((FIXTURES / f"{name}.diagnostics.json").read_text(encoding="utf-8"))

    def test_fix(self, name: str) -> None:
        before, after = read(name, ".in.ipynb"), read(name, ".out.ipynb")
        fixed = kerasfix.fix(before.content, before.path)
        assert fixed.document.to_bytes() == after.raw
        assert kerasfix.fix(fixed.text, before.path).text == fixed.text
        nbformat.validate(nbformat.reads(fixed.text, as_version=nbformat.NO_CONVERT))

    @pytest.mark.keras
    def test_the_models_stay_what_they_are(self, name: str, real_keras: Session) -> None:
        before, after = read(name, ".in.ipynb"), read(name, ".out.ipynb")
        verdicts = {one.verdict for one in verify_documents(before, after, real_keras, Settings().rule_target)}
        assert verdicts and verdicts <= {Verdict.IDENTICAL, Verdict.NOW_BUILDS}
