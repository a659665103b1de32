"""A file is replaced wholly or not at all, and stays the same kind of thing."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kerasfix.fixes.writing import FileChangedError, write_atomically, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD, NEW = b"\xef\xbb\xbfold\r\n", b"\xef\xbb\xbfnew\r\n"

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_bytes(OLD)
    return path


def assert_untouched(path: Path, content: bytes = OLD) -> None:
    assert path.read_bytes() == content
    assert [child.name for child in path.parent.iterdir()] == [path.name]


def test_the_content_is_replaced_and_nothing_else_is_left(path: Path) -> None:
    write_atomically(path, NEW, OLD)
    assert_untouched(path, NEW)


@posix
@pytest.mark.parametrize("mode", [0o755, 0o600, 0o644, 0o664])
def test_the_mode_is_kept(path: Path, mode: int) -> None:
    path.chmod(mode)
    write_atomically(path, NEW, OLD)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_the_owner_is_kept_where_that_is_permitted(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, 1234, 1234)
    owner = path.stat().st_uid
    write_atomically(path, NEW, OLD)
    assert path.stat().st_uid == owner


@posix
def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    link, chain = tmp_path / "links" / "link.py", tmp_path / "links" / "chain.py"
    link.symlink_to("../model.py")
    chain.symlink_to(link)
    write_atomically(chain, NEW, OLD)
    assert chain.is_symlink() and os.fspath(link.readlink()) == "../model.py"
    assert not path.is_symlink() and path.read_bytes() == NEW


def test_a_changed_file_is_left_alone(path: Path) -> None:
    path.write_bytes(b"somebody's work")
    with pytest.raises(FileChangedError, match=r"model\.py: changed since it was read") as caught:
        write_atomically(path, NEW, OLD)
    assert caught.value.path == path
    assert_untouched(path, b"somebody's work")


def test_a_file_that_changes_meanwhile_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: path.write_bytes(b"somebody's work"))
    with pytest.raises(FileChangedError):
        write_atomically(path, NEW, OLD)
    assert_untouched(path, b"somebody's work")


def test_a_deleted_file_is_not_brought_back(tmp_path: Path) -> None:
    with pytest.raises(FileChangedError):
        write_atomically(tmp_path / "gone.py", NEW, OLD)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_everything_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)
    with pytest.raises(type(error)):
        write_atomically(path, NEW, OLD)
    assert_untouched(path)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        write_atomically(tmp_path, NEW, OLD)


@pytest.fixture
def file_of_nobody() -> Iterator[Path]:
    """A file that a test may take rights from; root, who has all rights, becomes somebody else meanwhile."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "model.py"
        path.write_bytes(OLD)
        root = os.geteuid() == 0
        if root:
            os.chown(directory, 65534, 65534)
            os.chown(path, 65534, 65534)
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            path.parent.chmod(0o755)


@posix
def test_a_read_only_directory_is_an_error(file_of_nobody: Path) -> None:
    file_of_nobody.parent.chmod(0o555)
    with pytest.raises(PermissionError):
        write_atomically(file_of_nobody, NEW, OLD)
    assert_untouched(file_of_nobody)


@posix
def test_a_read_only_file_is_an_error(file_of_nobody: Path) -> None:
    file_of_nobody.chmod(0o444)
    with pytest.raises(PermissionError):
        write_atomically(file_of_nobody, NEW, OLD)
    assert_untouched(file_of_nobody)


class TestWhole:
    """Files of kerasfix's own, which need not be there before."""

    def test_a_new_file_and_an_old_one(self, path: Path, tmp_path: Path) -> None:
        write_whole(path, NEW)
        assert_untouched(path, NEW)
        path.unlink()
        write_whole(path, OLD)
        assert_untouched(path, OLD)

    @posix
    def test_permissions(self, path: Path, tmp_path: Path) -> None:
        path.chmod(0o604)
        write_whole(path, NEW)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
        mask = os.umask(0o027)
        try:
            write_whole(tmp_path / "new", NEW)
        finally:
            os.umask(mask)
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640

    @posix
    def test_a_link_stays_one(self, path: Path, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(path)
        write_whole(link, NEW)
        assert link.is_symlink() and path.read_bytes() == NEW

    @posix
    def test_what_is_no_file_is_written_to(self) -> None:
        write_whole(Path(os.devnull), NEW)
        assert not Path(os.devnull).is_file()

    def test_a_failure_leaves_the_old_one(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(self: Path, target: Path) -> None:
            raise OSError("no")

        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="no"):
            write_whole(path, NEW)
        assert_untouched(path)
