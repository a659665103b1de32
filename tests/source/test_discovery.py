from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kerasfix.config import DEFAULT_EXCLUDE
from kerasfix.source.discovery import Discovery, Filter, discover


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")


def find(*paths: str, exclude: tuple[str, ...] = DEFAULT_EXCLUDE, **options: bool) -> Discovery:
    return discover([Path(path) for path in paths], Filter(Path.cwd(), exclude, **options))


def names(*paths: str, exclude: tuple[str, ...] = DEFAULT_EXCLUDE, **options: bool) -> list[str]:
    return [path.as_posix() for path in find(*paths, exclude=exclude, **options).files]


def test_a_directory_gives_its_python_files_in_order(tree: Path) -> None:
    make("b.py", "a/z.py", "a.py", "a/notes.txt", "a/stub.pyi", ".hidden/c.py")
    assert names(".") == [".hidden/c.py", "a/z.py", "a.py", "b.py"]


def test_a_named_file_is_taken_whatever_it_is_called(tree: Path) -> None:
    make("script", "build/x.py")
    assert names("script", "build/x.py") == ["build/x.py", "script"]


@pytest.mark.parametrize("directory", [".git", ".venv", "venv", "build", "node_modules", "site-packages"])
def test_what_is_not_the_users_code_is_left_out(tree: Path, directory: str) -> None:
    make(f"{directory}/x.py", f"src/{directory}/y.py", "src/z.py")
    assert names(".") == ["src/z.py"]


def test_a_named_directory_is_looked_into_even_if_it_is_excluded(tree: Path) -> None:
    make("build/lib/x.py", "build/lib/venv/y.py")
    assert names("build") == ["build/lib/x.py"]
    assert names("build/lib") == ["build/lib/x.py"]
    assert names("build", force_exclude=True) == []


def test_force_exclude_holds_for_named_files(tree: Path) -> None:
    make("legacy/a.py", "b.py")
    assert names("legacy/a.py", "b.py", exclude=("legacy",), force_exclude=True) == ["b.py"]


def test_patterns_are_relative_to_the_root(tree: Path) -> None:
    make("data/a.py", "src/data/b.py", "src/gen_x.py")
    assert names(".", exclude=("/data", "gen_*.py")) == ["src/data/b.py"]


def test_gitignore_counts_at_every_level(tree: Path) -> None:
    make(".git/HEAD", "out/a.py", "pkg/kept.py", "pkg/tmp/b.py", "pkg/c.py", "pkg/deep/d.py")
    Path(".gitignore").write_text("out/\nc.py\n", encoding="utf-8")
    Path("pkg/.gitignore").write_text("/tmp\n!c.py\n", encoding="utf-8")
    assert names(".") == ["pkg/c.py", "pkg/deep/d.py", "pkg/kept.py"]
    assert names(".", respect_gitignore=False) == [
        "out/a.py",
        "pkg/c.py",
        "pkg/deep/d.py",
        "pkg/kept.py",
        "pkg/tmp/b.py",
    ]


def test_gitignores_above_the_start_count_within_the_repository(tree: Path) -> None:
    make("outer/.git/HEAD", "outer/pkg/a.py", "outer/pkg/b.py")
    Path(".gitignore").write_text("b.py\n", encoding="utf-8")
    Path("outer/.gitignore").write_text("a.py\n", encoding="utf-8")
    assert names("outer/pkg") == ["outer/pkg/b.py"]


def test_a_repository_within_has_its_own_gitignores(tree: Path) -> None:
    make(".git/HEAD", "sub/.git/HEAD", "sub/a.py")
    Path(".gitignore").write_text("a.py\n", encoding="utf-8")
    assert names(".") == ["sub/a.py"]


def test_an_ignored_directory_that_is_named_is_looked_into(tree: Path) -> None:
    make(".git/HEAD", "out/a.py")
    Path(".gitignore").write_text("out/\n", encoding="utf-8")
    assert names("out") == ["out/a.py"]


def test_each_file_once_and_no_way_round_in_circles(tree: Path) -> None:
    make("src/a.py")
    Path("src/loop").symlink_to(tree / "src")
    Path("src/again.py").symlink_to(tree / "src" / "a.py")
    Path("src/nowhere.py").symlink_to(tree / "gone.py")
    assert names("src", "src/a.py", str(tree / "src")) == [str(tree / "src" / "a.py")]
    assert names("src", "src/a.py") == ["src/a.py"]


def test_what_cannot_be_looked_at_is_told_and_the_rest_is_found(tree: Path) -> None:
    make("a.py")
    result = find("missing", "a.py")
    assert [path.name for path in result.files] == ["a.py"]
    assert result.problems == ["missing: no such file or directory"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_directory_is_told(tree: Path) -> None:
    make("a.py", "locked/b.py")
    Path("locked").chmod(0)
    result = find(".")
    Path("locked").chmod(0o755)
    assert [path.name for path in result.files] == ["a.py"]
    assert result.problems == ["locked: permission denied"]
