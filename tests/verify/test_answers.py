from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kerasfix.cache import Cache
from kerasfix.verify.answers import Answers

if TYPE_CHECKING:
    from pathlib import Path

PLAN: dict[str, Any] = {"steps": [{"make": "keras.layers.Dense", "arguments": [["units", 3]]}]}
ANSWER: dict[str, Any] = {"record": {"name": "sequential"}, "warnings": []}


def test_an_answer_is_there_for_the_next_run(tmp_path: Path) -> None:
    first = Answers(Cache(tmp_path / "cache"))
    key = first.key("keras 3.0.0", PLAN)
    assert first.get(key) is None
    first.put(key, ANSWER)
    second = Answers(Cache(tmp_path / "cache"))
    assert second.get(second.key("keras 3.0.0", PLAN)) == ANSWER


def test_without_a_directory_it_is_kept_for_this_run(tmp_path: Path) -> None:
    answers = Answers()
    answers.put(answers.key("keras 3.0.0", PLAN), ANSWER)
    assert answers.get(answers.key("keras 3.0.0", PLAN)) == ANSWER


def test_the_key_depends_on_all_that_the_answer_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix.verify import answers

    store = Answers()
    other = {"steps": [{"make": "keras.layers.Dense", "arguments": [["units", 4]]}]}
    keys = {store.key("keras 3.0.0", PLAN), store.key("keras 3.0.1", PLAN), store.key("keras 3.0.0", other)}
    monkeypatch.setattr(answers, "code_version", lambda: "another")
    assert len({*keys, store.key("keras 3.0.0", PLAN)}) == 4


@pytest.mark.parametrize("entry", [{}, {"records": 1}])
def test_what_is_no_answer_counts_as_absent(tmp_path: Path, entry: dict[str, object]) -> None:
    cache = Cache(tmp_path / "cache")
    key = Answers(cache).key("keras 3.0.0", PLAN)
    cache.put("models", key, entry)
    assert Answers(cache).get(key) is None
