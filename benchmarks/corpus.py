"""A corpus: folders that hold one repository each, and their Python files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def repositories(folders: Iterable[Path]) -> Iterator[Path]:
    """The repositories that the arguments stand for.

    A folder that holds only folders (and an index) is a corpus, any other one is a repository.
    """
    for folder in folders:
        files = [path for path in folder.iterdir() if path.suffix in {".py", ".ipynb"}]
        inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        if (folder / "INDEX.tsv").exists() or (not files and all("__" in path.name for path in inner)):
            yield from inner
        else:
            yield folder


def python_files(repository: Path) -> list[Path]:
    """Its `.py` files, sorted; links are not followed."""
    return sorted(path for path in repository.rglob("*.py") if path.is_file() and not path.is_symlink())
