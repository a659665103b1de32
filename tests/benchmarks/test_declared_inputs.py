"""How findings are held against the counted sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from declared_inputs import compare, count, general, innermost, main
from kerasfix_run import Finding, Run

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
from keras.layers import LSTM, Bidirectional, Dense
model.add(Bidirectional(LSTM(4, input_shape=(10, 3)), input_shape=(10, 3)))
model.add(Dense(4, input_dim=8))  # noqa
model.add(Dense(4, input_dim=8))
"""


def finding(path: Path, row: int, column: int, code: str = "KFX101", applicability: str | None = "safe") -> Finding:
    return Finding(code, "message", path, (row, column), (row, column + 5), applicability, "")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def test_a_site_is_reported_by_a_finding_in_its_own_call(program: Path) -> None:
    tally = count([program])
    assert [site.layer for _, site in tally.sites] == ["Bidirectional", "LSTM", "Dense", "Dense"]
    run = Run([finding(program, 2, 55), finding(program, 1, 1)], 1, "", 0.5)
    compare(tally, run)
    assert [(site.layer, site.start[0], reason) for _, site, reason in tally.missed] == [
        ("LSTM", 2, "the layer is argument of Bidirectional(...)"),
        ("Dense", 3, "suppressed by a comment"),
        ("Dense", 4, "the layer is .add(...)"),
    ]
    assert [extra.start for extra in tally.extra] == [(1, 1)]


def test_a_finding_in_a_nested_call_belongs_to_that(program: Path) -> None:
    sites = [site for _, site in count([program]).sites]
    inner = innermost(finding(program, 2, 25), sites)
    outer = innermost(finding(program, 2, 11), sites)
    assert inner is not None and inner.layer == "LSTM"
    assert outer is not None and outer.layer == "Bidirectional"
    assert innermost(finding(program, 1, 1), sites) is None


def test_other_rules_do_not_count_as_reporting(program: Path) -> None:
    tally = count([program])
    compare(tally, Run([finding(program, 4, 11, "KFX204")], 1, "", 0))
    assert len(tally.missed) == len(tally.sites)


def test_a_run_that_fails_is_told(program: Path) -> None:
    tally = count([program])
    compare(tally, Run([], 1, "Traceback (most recent call last):\n  ...", 0))
    assert tally.failures


def test_equal_reasons_count_as_one() -> None:
    assert general("layer 3 of `model` declares 'x'") == general("layer 12 of `net` declares 'y'")


def test_the_count_alone_needs_no_kerasfix(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count-only", str(program.parent)]) == 0
    printed = capsys.readouterr().out
    assert "4 sites" in printed
    assert "2 input_dim" in printed and "2 input_shape" in printed
