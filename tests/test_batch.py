from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SAFE, text_rule

from kerasfix import batch
from kerasfix.batch import Mode, worker_count
from kerasfix.config import Settings
from kerasfix.engine import Reached
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kerasfix.diagnostics import Diagnostic

BAD = "import keras\nDense(8, input_shape=4)\n"
GOOD = BAD.replace("input_shape=", "shape=")

forking = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="the pretended rules live in this process"
)


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pretended: object) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_checking_writes_nothing_and_previewing_neither() -> None:
    path = write("a.py", BAD)
    checked = batch.check_file(path, Settings(), Mode.CHECK)
    assert [diagnostic.code for diagnostic in checked.diagnostics] == ["KFX101"]
    seen = batch.check_file(path, Settings(), Mode.PREVIEW)
    assert seen.before is not None and seen.document is not None
    assert (seen.before.text, seen.document.text) == (BAD, GOOD)
    assert path.read_text() == BAD


@pytest.mark.parametrize(
    "raw",
    [
        BAD.encode(),
        BAD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + BAD.encode().rstrip(),
        b"# coding: latin-1\n# \xe9\xff\n" + BAD.encode(),
    ],
)
def test_fixing_keeps_every_other_byte(raw: bytes) -> None:
    path = write("a.py", raw)
    path.chmod(0o755)
    result = batch.check_file(path, Settings(), Mode.WRITE)
    assert result.applied == (("KFX101", 1),)
    assert path.read_bytes() == raw.replace(b"input_shape=", b"shape=")
    assert path.stat().st_mode & 0o777 == 0o755


def test_a_file_that_changed_meanwhile_is_not_touched(use_rules: Callable[..., None]) -> None:
    path = write("a.py", BAD)

    def check(program: Any, target: Any) -> Iterator[Diagnostic]:
        path.write_text("mine\n")
        return SAFE.check(program, target)

    use_rules(replace(SAFE, check=check))
    result = batch.check_file(path, Settings(), Mode.WRITE)
    assert result.error == "it changed while it was checked; it is not fixed"
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["KFX101"]
    assert path.read_text() == "mine\n"


def test_an_encoding_that_loses_bytes_is_not_written() -> None:
    raw = b"# coding: utf-7\n# +AGE-\n" + BAD.replace("\n", "\n").encode().replace(b"=", b"+AD0-")
    path = write("a.py", raw)
    result = batch.check_file(path, Settings(), Mode.WRITE)
    assert result.error == "not all of its bytes come back from utf-7; it is not fixed"
    assert path.read_bytes() == raw


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_told() -> None:
    path = write("a.py", BAD)
    path.chmod(0o444)
    assert (
        batch.check_file(path, Settings(), Mode.WRITE).error == "cannot be written: permission denied; it is not fixed"
    )


def test_a_file_that_cannot_be_decoded_or_read_is_told() -> None:
    assert batch.check_file(write("a.py", b"# keras \xff\n"), Settings(), Mode.CHECK).error is not None
    (missing,) = batch.run([Path("missing.py")], Settings(), Mode.CHECK)
    assert missing.error == "no such file or directory"


def test_an_undecodable_file_without_keras_is_none_of_our_business() -> None:
    (result,) = batch.run([write("a.py", b"# \xff\n")], Settings(), Mode.CHECK)
    assert (result.error, result.reached) == (None, Reached.READ)


def test_an_error_of_our_own_stays_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("kerasfix.source.suppressions.filter_diagnostics", fail)
    result = batch.check_text(Document("a.py", BAD), Settings(), Mode.CHECK)
    assert result.error is not None
    assert result.error.startswith("kerasfix failed on this file: ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("files", "jobs", "workers"),
    [(3, 8, 1), (5, 8, 5), (20, None, 1), (20, 4, 4), (1000, None, os.cpu_count() or 1), (1000, 1, 1)],
)
def test_processes_are_started_where_they_pay(files: int, jobs: int | None, workers: int) -> None:
    assert worker_count(files, jobs) == workers


@forking
def test_processes_give_what_one_gives_in_the_same_order() -> None:
    paths = [write(f"{number:02}.py", BAD * (number % 3)) for number in range(30)]
    alone = batch.run(paths, Settings(), Mode.CHECK, jobs=1)
    assert batch.run(paths, Settings(), Mode.CHECK, jobs=3) == alone
    assert [result.path for result in alone] == [str(path) for path in paths]


@forking
def test_a_process_that_dies_takes_one_file_with_it(use_rules: Callable[..., None]) -> None:
    def check(program: Any, target: Any) -> Iterator[Diagnostic]:
        if "deadly" in program:
            time.sleep(0.2)  # the other processes get to work
            os._exit(1)
        return SAFE.check(program, target)

    use_rules(replace(text_rule("KFX101", ""), check=check))
    paths = [write(f"{number:02}.py", BAD + ("# deadly\n" if number == 17 else "")) for number in range(40)]
    results = batch.run(paths, Settings(), Mode.CHECK, jobs=2)
    assert [result.path for result in results if result.error] == ["17.py"]
    assert results[17].error == "the process that checked this file died"
    assert sum(len(result.diagnostics) for result in results) == 39
