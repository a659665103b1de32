"""The cache: what is in it may be anything, and what is around it is none of its business."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kerasfix.cache import Cache, remove

if TYPE_CHECKING:
    from pathlib import Path

NAME = "ab" * 32
ENTRY: dict[str, object] = {"found": [1, "two"]}


def kept(directory: Path) -> Path:
    """The one file with an entry."""
    (path,) = directory.rglob("*.json")
    return path


def test_an_entry_is_there_for_the_next_run(tmp_path: Path) -> None:
    directory = tmp_path / "deep/cache"
    assert Cache(directory).get("findings", NAME) is None
    assert not directory.exists()
    Cache(directory).put("findings", NAME, ENTRY)
    assert Cache(directory).get("findings", NAME) == ENTRY
    assert Cache(directory).get("models", NAME) is None
    assert (directory / ".gitignore").read_text() == "*\n"
    assert (directory / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"found"', b"\xff", b"[" * 10_000, b"\0"])
def test_a_broken_file_counts_as_absent_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    Cache(tmp_path).put("findings", NAME, ENTRY)
    kept(tmp_path).write_bytes(content)
    assert Cache(tmp_path).get("findings", NAME) is None
    Cache(tmp_path).put("findings", NAME, ENTRY)
    assert json.loads(kept(tmp_path).read_text()) == ENTRY


def test_many_runs_write_at_once(tmp_path: Path) -> None:
    def run(number: int) -> object:
        directory = tmp_path / f"cache{number % 10}"
        cache = Cache(directory)
        cache.put("findings", NAME, ENTRY)
        return Cache(directory).get("findings", NAME), cache.problem

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(run, range(200))) == [(ENTRY, "")] * 200
    assert len(list(tmp_path.rglob("*.json"))) == 10
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {".gitignore", "CACHEDIR.TAG", f"{NAME[2:]}.json"}, "no copy stays behind"


class TestPlacesThatAreNoCache:
    """Nothing is written there, and the reason is told."""

    def check(self, directory: Path, reason: str) -> None:
        cache = Cache(directory)
        cache.put("findings", NAME, ENTRY)
        assert cache.problem == f"{directory}: nothing is kept for the next run: {reason}"
        assert cache.get("findings", NAME) is None

    def test_a_directory_of_the_user(self, tmp_path: Path) -> None:
        (tmp_path / ".gitignore").write_text("secret\n")
        (tmp_path / "train.py").write_text("")
        self.check(tmp_path, "this is no cache of kerasfix's")
        assert (tmp_path / ".gitignore").read_text() == "secret\n"
        assert len(list(tmp_path.iterdir())) == 2

    def test_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
        self.check(tmp_path / "cache", "this is no cache of kerasfix's")
        assert not list((tmp_path / "elsewhere").iterdir())

    def test_a_link_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "cache").symlink_to(tmp_path / "absent")
        self.check(tmp_path / "cache", "file exists")
        assert not (tmp_path / "absent").exists()

    @pytest.mark.parametrize("link", ["findings", "findings/ab"])
    def test_a_cache_with_a_link_in_it(self, tmp_path: Path, link: str) -> None:
        (tmp_path / "elsewhere").mkdir()
        directory = tmp_path / "cache"
        Cache(directory).put("models", NAME, ENTRY)
        (directory / link).parent.mkdir(exist_ok=True)
        (directory / link).symlink_to(tmp_path / "elsewhere")
        self.check(directory, "a link in it leads elsewhere")
        assert not list((tmp_path / "elsewhere").iterdir())

    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("mine")
        self.check(tmp_path / "cache", "file exists")
        self.check(tmp_path / "cache/below", "not a directory")
        assert (tmp_path / "cache").read_text() == "mine"


class TestRemove:
    def test_what_it_made(self, tmp_path: Path) -> None:
        Cache(tmp_path / "cache").put("findings", NAME, ENTRY)
        assert remove(tmp_path / "cache")
        assert list(tmp_path.iterdir()) == []

    def test_nothing_that_it_did_not_make(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        (tmp_path / "other/CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
        assert not remove(tmp_path / "other")
        assert not remove(tmp_path / "absent")
        assert (tmp_path / "other/CACHEDIR.TAG").exists()

    def test_not_through_a_link(self, tmp_path: Path) -> None:
        Cache(tmp_path / "cache").put("findings", NAME, ENTRY)
        (tmp_path / "link").symlink_to(tmp_path / "cache")
        assert not remove(tmp_path / "link")
        assert kept(tmp_path / "cache")
