from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from kerasfix.verify.answers import Answers, remove

if TYPE_CHECKING:
    from pathlib import Path

PLAN: dict[str, Any] = {"steps": [{"make": "keras.layers.Dense", "arguments": [["units", 3]]}]}
ANSWER: dict[str, Any] = {"record": {"name": "sequential"}, "warnings": []}


def kept(directory: Path) -> Path:
    """The one file with an answer."""
    (path,) = directory.rglob("*.json")
    return path


def test_an_answer_is_there_for_the_next_run(tmp_path: Path) -> None:
    first = Answers(tmp_path / "cache")
    key = first.key("keras 3.0.0", PLAN)
    assert first.get(key) is None
    first.put(key, ANSWER)
    second = Answers(tmp_path / "cache")
    assert second.get(second.key("keras 3.0.0", PLAN)) == ANSWER
    assert (tmp_path / "cache/.gitignore").read_text() == "*\n"


def test_without_a_directory_it_is_kept_for_this_run(tmp_path: Path) -> None:
    answers = Answers(None)
    answers.put(answers.key("keras 3.0.0", PLAN), ANSWER)
    assert answers.get(answers.key("keras 3.0.0", PLAN)) == ANSWER


def test_the_key_depends_on_all_that_the_answer_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasfix.verify import answers

    store = Answers(None)
    other = {"steps": [{"make": "keras.layers.Dense", "arguments": [["units", 4]]}]}
    keys = {store.key("keras 3.0.0", PLAN), store.key("keras 3.0.1", PLAN), store.key("keras 3.0.0", other)}
    monkeypatch.setattr(answers, "code_version", lambda: "another")
    assert len({*keys, store.key("keras 3.0.0", PLAN)}) == 4


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"record"', b"{}", b"\xff", b"[" * 10_000])
def test_a_broken_file_counts_as_absent_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    first = Answers(tmp_path)
    key = first.key("keras 3.0.0", PLAN)
    first.put(key, ANSWER)
    kept(tmp_path).write_bytes(content)
    second = Answers(tmp_path)
    assert second.get(key) is None
    second.put(key, ANSWER)
    assert json.loads(kept(tmp_path).read_text()) == ANSWER


def test_many_runs_write_at_once(tmp_path: Path) -> None:
    def run(number: int) -> Any:
        answers = Answers(tmp_path / "cache")
        key = answers.key("keras 3.0.0", PLAN)
        answers.put(key, ANSWER)
        return Answers(tmp_path / "cache").get(key), answers.problem

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(100))) == [(ANSWER, "")] * 100
    assert kept(tmp_path)


class TestRemove:
    def test_what_it_made(self, tmp_path: Path) -> None:
        answers = Answers(tmp_path / "cache")
        answers.put(answers.key("keras 3.0.0", PLAN), ANSWER)
        assert remove(tmp_path / "cache")
        assert list(tmp_path.iterdir()) == []

    def test_nothing_that_it_did_not_make(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        (tmp_path / "other/CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
        assert not remove(tmp_path / "other")
        assert not remove(tmp_path / "absent")
        assert (tmp_path / "other/CACHEDIR.TAG").exists()

    def test_not_through_a_link(self, tmp_path: Path) -> None:
        answers = Answers(tmp_path / "cache")
        answers.put(answers.key("keras 3.0.0", PLAN), ANSWER)
        (tmp_path / "link").symlink_to(tmp_path / "cache")
        assert not remove(tmp_path / "link")
        assert kept(tmp_path / "cache")
