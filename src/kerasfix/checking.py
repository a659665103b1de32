"""What `kerasfix check` does: settings, files, results, report, exit status."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from kerasfix import batch, request
from kerasfix.batch import FileResult, Mode
from kerasfix.config import ConfigError
from kerasfix.engine import Reached
from kerasfix.findings_cache import Findings
from kerasfix.report import summary
from kerasfix.report.formats import FOR_READERS, renderer
from kerasfix.report.terminal import safe
from kerasfix.request import Request, flat
from kerasfix.rules import registry
from kerasfix.rules.selection import Selection
from kerasfix.source.discovery import Discovery, discover
from kerasfix.source.document import SourceError
from kerasfix.target import InputStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kerasfix.cache import Cache
    from kerasfix.config import Settings
    from kerasfix.report.style import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Request):
    """The options of `kerasfix check` as they were given; None where the settings decide.

    With `fix`, what comes from stdin goes to stdout, fixed, and all else to stderr.
    """

    fix: bool = False
    diff: bool = False
    verify: bool = False
    show_fixes: bool | None = None
    select: tuple[tuple[str, ...], ...] = ()
    ignore: tuple[tuple[str, ...], ...] = ()
    extend_select: tuple[tuple[str, ...], ...] = ()
    per_file_ignores: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = ()
    input_style: str | None = None
    jobs: int | None = None
    statistics: bool = False
    exit_zero: bool = False
    exit_non_zero_on_fix: bool = False
    add_noqa: bool = False
    baseline: Path | None = None
    write_baseline: Path | None = None
    quiet: bool = False
    verbose: bool = False

    @property
    def mode(self) -> Mode:
        """What is to be done with the fixes."""
        if self.diff:
            return Mode.PREVIEW
        if self.add_noqa:
            return Mode.NOQA
        return Mode.WRITE if self.fix else Mode.CHECK

    @property
    def reading_mode(self) -> Mode:
        """The same for the time before the fixes are proven."""
        return Mode.PREVIEW if self.verify and self.fix else self.mode


def check_paths(command: Command) -> int:
    """Check, fix and report as the command says; the exit status.

    Raises:
        ConfigError: the configuration cannot be used, or the report or baseline not be written.
    """
    if command.from_stdin and command.add_noqa:
        raise ConfigError("stdin (-) is no file that comments could be added to")
    began = time.perf_counter()
    settings = overlay(request.load(command), command)
    if command.write_baseline is None and settings.baseline is not None:
        from kerasfix import baseline

        settings = baseline.with_known(settings)
    if command.from_stdin:
        with request.cache(command, settings) as cache:
            found, results = Discovery(), _check_stdin(command, settings, cache)  # which proves them before it writes
    else:
        found = discover(command.paths, request.left_out(settings))
        watch = _progress if sys.stderr.isatty() and not command.quiet else None
        with request.cache(command, settings) as cache:
            results = batch.run(found.files, settings, command.reading_mode, command.jobs, watch, Findings(cache))
            if command.verify:
                results = _proven(command, settings, results, cache)
    if command.write_baseline is not None:
        from kerasfix import baseline

        results, count = baseline.write(command.write_baseline, results)
        _say(command, f"Wrote {count} finding{'' if count == 1 else 's'} to {command.write_baseline}.")
    if command.add_noqa:
        _tell_of_comments(command, results)
    problems = [*found.problems, *(f"{result.path}: {result.error}" for result in results if result.error)]
    for problem in problems:
        click.echo(safe(f"error: {problem}"), err=True)
    if not (found.files or problems or command.from_stdin or command.quiet):
        click.echo("warning: no Python files or notebooks found", err=True)
    _report(command, settings, results, bool(problems))
    if command.verbose:
        _tell(settings, results, time.perf_counter() - began)
    return _status(command, results, bool(problems))


def overlay(settings: Settings, command: Command) -> Settings:
    """The settings under what the options of `kerasfix check` alone say."""
    said = Selection(
        select=flat(command.select) if command.select else None,
        ignore=flat(command.ignore),
        extend_select=flat(command.extend_select),
    )
    changes: dict[str, Any] = {
        "show_fixes": command.show_fixes,
        "input_style": None if command.input_style is None else InputStyle(command.input_style),
        "output_format": command.output_format,
        "baseline": None if command.baseline is None else command.baseline.absolute(),
    }
    return replace(
        settings,
        selections=(*settings.selections, said),
        per_file_ignores=(*settings.per_file_ignores, *flat(command.per_file_ignores)),
        **{name: value for name, value in changes.items() if value is not None},
    )


def _progress(results: Iterable[FileResult], total: int) -> Iterator[FileResult]:
    """A bar on the terminal while there is enough to wait for."""
    if total <= batch.MANY:
        yield from results
        return
    with click.progressbar(results, length=total, label="Checking", file=sys.stderr) as bar:
        yield from bar


def _verifying(results: Iterable[FileResult], total: int) -> Iterator[FileResult]:
    """A bar on the terminal while models are built."""
    with click.progressbar(results, length=total, label="Building models", file=sys.stderr) as bar:
        yield from bar


def _proven(command: Command, settings: Settings, results: list[FileResult], cache: Cache | None) -> list[FileResult]:
    """The results after real Keras has built the models, before and after the fixes; those that hold are written."""
    from kerasfix.proving import prove

    fix = command.reading_mode is Mode.PREVIEW
    write = command.mode is Mode.WRITE and not command.from_stdin
    watch = _verifying if sys.stderr.isatty() and not command.quiet else None
    with request.keras_session(cache) as session:
        return prove(results, settings, session, fix=fix, write=write, watch=watch)


def _check_stdin(command: Command, settings: Settings, cache: Cache | None) -> list[FileResult]:
    """Check what stdin holds; with `--fix`, write it to stdout, fixed as far as it can be."""
    path, raw, excluded = request.read_stdin(command, settings)
    if excluded:
        result = FileResult(str(path))
    else:
        result = batch.check_content(raw, str(path), settings, command.reading_mode)
        if command.verify:
            (result,) = _proven(command, settings, [result], cache)
    if command.mode is Mode.WRITE:
        if result.before is not None and result.document is not None:
            try:
                raw = result.document.to_bytes()
            except SourceError as error:
                result = FileResult(str(path), error=str(error))
        sys.stdout.buffer.write(raw)
    return [result]


def _report(command: Command, settings: Settings, results: list[FileResult], failed: bool) -> None:
    to_stderr = command.from_stdin and command.mode is Mode.WRITE
    style = request.style(command, settings, to_stderr=to_stderr)
    request.write_report(command, _text(command, settings, results, style, failed), style, to_stderr=to_stderr)


def _text(command: Command, settings: Settings, results: list[FileResult], style: Style, failed: bool) -> str:
    name = settings.output_format
    for_readers = name in FOR_READERS
    if command.mode is Mode.PREVIEW:
        if not command.quiet:
            click.echo(summary.would_fix(results), nl=False, err=True)
            if command.verify:
                click.echo(summary.verification(results), nl=False, err=True)
        from kerasfix.report import diff

        return diff.render(results, style)
    if command.statistics:
        text = summary.statistics(results, style, as_json=name == "json")
    elif command.verify and name == "json":
        from kerasfix.report import json_format

        text = json_format.render_verified(results)
    else:
        if name == "sarif":
            _warn_of_limits(results)
        text = renderer(name)(results, style)
    if not for_readers:
        return text
    if settings.show_fixes:
        text += summary.fixes(results, style)
    if command.verify and command.fix:
        text += summary.verification(results)
    adopting = command.add_noqa or command.write_baseline is not None
    return text if command.quiet else text + summary.counts(results, style, failed or adopting)


def _warn_of_limits(results: list[FileResult]) -> None:
    from kerasfix.report import sarif

    if warning := sarif.left_out(results):
        click.echo(f"warning: {warning}", err=True)


def _say(command: Command, text: str) -> None:
    if not command.quiet:
        click.echo(safe(text), err=True)


def _tell_of_comments(command: Command, results: list[FileResult]) -> None:
    """What `--add-noqa` did and could not do, on stderr."""
    for result in results:
        for reason in result.impossible:
            _say(command, f"warning: {result.path}:{reason}")
    count = sum(result.noqa for result in results)
    _say(command, f"Added {count} comment{'' if count == 1 else 's'}.")


def _tell(settings: Settings, results: list[FileResult], seconds: float) -> None:
    """What `-v` adds, on stderr."""
    parsed = sum(result.reached >= Reached.PARSED for result in results)
    analysed = sum(result.reached >= Reached.ANALYSED for result in results)
    for line in (
        f"settings: {settings.source or 'no [tool.kerasfix] found'}",
        f"target: {settings.target.value} ({settings.target_reason})",
        f"files: {len(results)} read, {parsed} with words of the rules, {analysed} with a call to look at",
        f"time: {seconds:.2f} s",
        *(f"skipped: {result.path}: {result.skipped}" for result in results if result.skipped),
        *(f"in the baseline, and no longer found: {entry}" for entry in _outdated(settings, results)),
    ):
        click.echo(safe(line), err=True)


def _outdated(settings: Settings, results: list[FileResult]) -> Iterator[str]:
    return iter(()) if settings.known is None else settings.known.outdated(results)


def _status(command: Command, results: list[FileResult], failed: bool) -> int:
    codes = {diagnostic.code for result in results for diagnostic in result.diagnostics}
    changed = any(result.applied for result in results)
    if failed or codes & registry.FAILURES:
        return 2
    if command.exit_zero:
        return 0
    if codes or (changed and (command.mode is Mode.PREVIEW or command.exit_non_zero_on_fix)):
        return 1
    return 0
