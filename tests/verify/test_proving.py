"""What `--verify` does with the verdicts: it writes, holds back, and never fails with a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from kerasfix import batch, proving
from kerasfix.batch import Mode
from kerasfix.config import Settings
from kerasfix.diagnostics import Applicability
from kerasfix.rules.selection import Selection
from kerasfix.source.document import Place
from kerasfix.verify.session import WorkerError
from kerasfix.verify.verifier import Verdict, Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kerasfix.batch import FileResult
    from kerasfix.source.document import Document
    from kerasfix.verify.session import Session

OLD = "from keras import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(4, input_shape=(6,))])\n"
CLEAN = "import keras\n"
FIXES_ALONE = Settings(selections=(Selection(ignore=("KFX901",)),))


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[FileResult]]:
    """Proves the fixes of `a.py`, which has some, and `b.py`, which has none, with these verdicts or this error."""
    (tmp_path / "a.py").write_text(OLD, encoding="utf-8")
    (tmp_path / "b.py").write_text(CLEAN, encoding="utf-8")

    def run(*verdicts: Verdict | BaseException, write: bool = True) -> list[FileResult]:
        def verify(before: Document, after: Document, *rest: object) -> list[Verification]:
            assert (before.text, "Input(" in after.text) == (OLD, True)
            for verdict in verdicts:
                if isinstance(verdict, BaseException):
                    raise verdict
            return [Verification("Sequential", Place(3, 4), cast("Verdict", verdict)) for verdict in verdicts]

        monkeypatch.setattr(proving, "verify_documents", verify)
        results = batch.run([tmp_path / "a.py", tmp_path / "b.py"], Settings(), Mode.PREVIEW)
        return proving.prove(results, FIXES_ALONE, cast("Session", None), fix=True, write=write)

    return run


@pytest.mark.parametrize(
    "verdicts",
    [[Verdict.IDENTICAL], [Verdict.NOW_BUILDS, Verdict.IDENTICAL], [Verdict.NOT_VERIFIABLE], []],
    ids=lambda verdicts: ", ".join(verdict.value for verdict in verdicts) or "none",
)
def test_fixes_that_hold_are_written(verdicts: list[Verdict], prove: Callable[..., list[FileResult]]) -> None:
    fixed, clean = prove(*verdicts)
    assert fixed.document is not None and fixed.error is None
    assert Path(fixed.path).read_text(encoding="utf-8") == fixed.document.text != OLD
    assert [one.verdict for one in fixed.verification] == verdicts
    assert fixed.applied == (("KFX101", 1),) and fixed.diagnostics == ()
    assert Path(clean.path).read_text(encoding="utf-8") == CLEAN and clean.verification == ()


def test_a_file_with_one_different_model_stays_as_it_was(prove: Callable[..., list[FileResult]]) -> None:
    fixed, _ = prove(Verdict.IDENTICAL, Verdict.DIFFERENT)
    assert Path(fixed.path).read_text(encoding="utf-8") == OLD
    assert fixed.document is not None and fixed.document.text == OLD
    assert fixed.before is None and fixed.applied == () and fixed.error is None
    (diagnostic,) = fixed.diagnostics
    assert diagnostic.fix is None
    assert diagnostic.message.endswith("; its fix was withdrawn, real Keras builds another model with it")


def test_a_preview_writes_nothing(prove: Callable[..., list[FileResult]]) -> None:
    fixed, _ = prove(Verdict.IDENTICAL, write=False)
    assert Path(fixed.path).read_text(encoding="utf-8") == OLD
    assert fixed.applied == (("KFX101", 1),)


@pytest.mark.parametrize("error", [ValueError("a\nb"), RecursionError(), MemoryError()], ids=repr)
def test_a_failure_of_the_verifier_is_an_error_of_the_file(
    error: Exception, prove: Callable[..., list[FileResult]]
) -> None:
    fixed, clean = prove(error)
    assert fixed.error is not None and clean.error is None
    assert fixed.error.startswith(f"its fixes could not be verified, and are not made: {type(error).__name__}")
    assert "\n" not in fixed.error
    assert Path(fixed.path).read_text(encoding="utf-8") == OLD


@pytest.mark.parametrize("error", [WorkerError("no Keras"), KeyboardInterrupt()], ids=repr)
def test_what_concerns_all_files_ends_the_run(
    error: BaseException, prove: Callable[..., list[FileResult]], tmp_path: Path
) -> None:
    with pytest.raises(type(error)):
        prove(error)
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == OLD


def test_a_file_that_changed_meanwhile_is_left_alone(
    prove: Callable[..., list[FileResult]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = batch.write_fixed

    def late(target: Path, document: Document, fixed: Document) -> None:
        (tmp_path / "a.py").write_text("changed\n", encoding="utf-8")
        write(target, document, fixed)

    monkeypatch.setattr(batch, "write_fixed", late)
    fixed, _ = prove(Verdict.IDENTICAL)
    assert fixed.error == "it changed while it was checked; it is not fixed"
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "changed\n"


def test_fixes_that_were_not_asked_for_keep_their_offer(tmp_path: Path) -> None:
    # An unsafe fix beside a withdrawn safe one was never made, and so is not withdrawn.
    text = OLD + "n = Sequential([Dense(4, input_shape=(6,), dtype='float64')])\n"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    (result,) = batch.run([tmp_path / "a.py"], Settings(), Mode.PREVIEW)
    withdrawn = proving._withdrawn(result, Settings())
    assert [diagnostic.fix and diagnostic.fix.applicability for diagnostic in withdrawn.diagnostics] == [
        None,
        Applicability.UNSAFE,
    ]


def test_progress_is_watched(prove: Callable[..., list[FileResult]], tmp_path: Path) -> None:
    prove(Verdict.IDENTICAL, write=False)
    seen: list[tuple[str, int]] = []

    def watch(results: Iterable[FileResult], total: int) -> Iterable[FileResult]:
        for result in results:
            seen.append((Path(result.path).name, total))
            yield result

    results = batch.run([tmp_path / "a.py", tmp_path / "b.py"], Settings(), Mode.PREVIEW)
    proving.prove(results, FIXES_ALONE, cast("Session", None), fix=True, write=False, watch=watch)
    assert seen == [("a.py", 1)]
