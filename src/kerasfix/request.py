"""What every command on files has in common: which files, under which settings, and where its report goes."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kerasfix.cache import DIRECTORY, Cache
from kerasfix.config import ConfigError, Settings, load_settings
from kerasfix.fixes.writing import write_whole
from kerasfix.report.style import Style
from kerasfix.report.terminal import safe
from kerasfix.source.discovery import Filter
from kerasfix.source.patterns import Patterns
from kerasfix.target import TargetKeras

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.verify.session import Session

STDIN = Path("-")

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options that every command on files has, as they were given; None where the settings decide."""

    paths: tuple[Path, ...]
    unsafe_fixes: bool | None = None
    target: str | None = None
    output_format: str | None = None
    output_file: Path | None = None
    stdin_filename: Path | None = None
    exclude: tuple[tuple[str, ...], ...] = ()
    extend_exclude: tuple[tuple[str, ...], ...] = ()
    force_exclude: bool | None = None
    respect_gitignore: bool | None = None
    config: Path | None = None
    isolated: bool = False
    no_cache: bool = False
    cache_dir: Path | None = None

    @property
    def from_stdin(self) -> bool:
        """Whether the text comes from stdin."""
        return self.paths == (STDIN,)


def load(request: Request) -> Settings:
    """The settings of the project that the paths belong to, under what the command line says.

    Raises:
        ConfigError: the configuration cannot be used, or the report has nowhere to go.
    """
    if STDIN in request.paths and not request.from_stdin:
        raise ConfigError("stdin (-) cannot be checked together with other paths")
    if request.output_file is not None and not request.output_file.parent.is_dir():
        raise ConfigError(f"{request.output_file}: no such directory: {request.output_file.parent}")
    return overlay(load_settings(_start(request), request.config, request.isolated), request)


def overlay(settings: Settings, request: Request) -> Settings:
    """The settings under what these options say."""
    changes: dict[str, Any] = {
        "unsafe_fixes": request.unsafe_fixes,
        "exclude": flat(request.exclude) if request.exclude else None,
        "force_exclude": request.force_exclude,
        "respect_gitignore": request.respect_gitignore,
    }
    settings = replace(
        settings,
        extend_exclude=(*settings.extend_exclude, *flat(request.extend_exclude)),
        **{name: value for name, value in changes.items() if value is not None},
    )
    if request.target is None:
        return settings
    return replace(settings, target=TargetKeras(request.target), target_reason="--target")


def flat(groups: Sequence[Sequence[_Item]]) -> tuple[_Item, ...]:
    """What an option that may be repeated was given."""
    return tuple(item for group in groups for item in group)


def _start(request: Request) -> Path:
    """The directory from which the configuration is looked for: the one that all paths are in."""
    paths = [request.stdin_filename or Path()] if request.from_stdin else list(request.paths)
    directories = [str(path if path.is_dir() else path.parent) for path in (path.absolute() for path in paths)]
    try:
        return Path(os.path.commonpath(directories))
    except ValueError:  # on different drives
        return Path.cwd()


def left_out(settings: Settings) -> Filter:
    """What is not looked at."""
    return Filter(
        settings.root,
        (*settings.exclude, *settings.extend_exclude),
        settings.force_exclude,
        settings.respect_gitignore,
    )


def read_stdin(request: Request, settings: Settings) -> tuple[Path, bytes, bool]:
    """What stdin holds, under the name it is given, and whether a file of that name is left out.

    Raises:
        ConfigError: there is no stdin.
    """
    if sys.stdin is None:  # the shell has closed it
        raise ConfigError("stdin (-) is closed")
    path = request.stdin_filename or STDIN
    leave_out = left_out(settings)
    excluded = leave_out.force_exclude and Patterns(leave_out.exclude, leave_out.root).match(path)
    return path, sys.stdin.buffer.read(), excluded


def style(request: Request, settings: Settings, *, to_stderr: bool = False) -> Style:
    """How the report is to look where it goes."""
    stream = sys.stderr if to_stderr else sys.stdout
    terminal = request.output_file is None and stream.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(terminal, colour, settings.unsafe_fixes)


def write_report(request: Request, text: str, style: Style, *, to_stderr: bool = False) -> None:
    """Write the report to where it goes.

    Raises:
        ConfigError: the file cannot be written.
    """
    if request.output_file is None:
        click.echo(text, nl=False, err=to_stderr, color=style.colour)
        return
    try:
        write_whole(request.output_file, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ConfigError(f"{request.output_file}: {(error.strerror or str(error)).lower()}") from error


@contextmanager
def cache(request: Request, settings: Settings) -> Iterator[Cache | None]:
    """The cache that the options name, None where they want none; in the end, why it could not be written is told."""
    if request.no_cache:
        yield None
        return
    found = Cache(request.cache_dir or settings.root / DIRECTORY)
    yield found
    if found.problem:
        click.echo(safe(f"warning: {found.problem}"), err=True)


@contextmanager
def keras_session(cache: Cache | None) -> Iterator[Session]:
    """Real Keras, with what it said in earlier runs.

    Raises:
        ConfigError: there is no Keras, or it cannot be started.
    """
    from kerasfix.verify.answers import Answers
    from kerasfix.verify.session import Session, WorkerError

    try:
        with Session(answers=Answers(cache)) as session:
            yield session
    except WorkerError as error:
        raise ConfigError(str(error)) from error
