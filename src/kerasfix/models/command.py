"""What `kerasfix models` does: files, their models, the report, the exit status."""

from __future__ import annotations

import shutil
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from kerasfix import request
from kerasfix.analysis import keras_api
from kerasfix.engine import check_document, describe, room_to_work
from kerasfix.models.overview import tables_of
from kerasfix.report.terminal import safe
from kerasfix.request import Request
from kerasfix.rules import registry
from kerasfix.source import gate
from kerasfix.source.discovery import Discovery, discover
from kerasfix.source.document import OtherLanguageError, SourceError, read_bytes
from kerasfix.source.reading import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kerasfix.config import Settings
    from kerasfix.diagnostics import Diagnostic
    from kerasfix.models.table import ModelOverview
    from kerasfix.report.style import Style
    from kerasfix.source.document import Document
    from kerasfix.verify.session import Session

FAILURE = 2
_WORDS = registry.MODEL_DOES_NOT_BUILD.names
MANY = 20
"""More files than this show a bar on a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsCommand(Request):
    """The options of `kerasfix models` as they were given."""

    build: bool = False
    diagram: str | None = None


@dataclass(frozen=True, slots=True)
class FileModels:
    """The models of one file as it is and, where that is asked for and differs, as its fixes leave it."""

    models: tuple[ModelOverview, ...] = ()
    fixed: tuple[ModelOverview, ...] | None = None
    errors: tuple[str, ...] = ()


def show_models(command: ModelsCommand) -> int:
    """Find the models and report them as the command says; the exit status.

    Raises:
        ConfigError: the configuration cannot be used, or there is no Keras to build with.
    """
    settings = request.load(command)
    with (
        request.cache(command, settings) as cache,
        request.keras_session(cache) if command.build else nullcontext() as session,
    ):
        found, results = _results(command, settings, session)
    problems = [*found.problems, *(error for result in results for error in result.errors)]
    for problem in problems:
        click.echo(safe(f"error: {problem}"), err=True)
    if not (found.files or problems or command.from_stdin):
        click.echo("warning: no Python files or notebooks found", err=True)
    style = request.style(command, settings)
    request.write_report(command, _text(command, results, style), style)
    return FAILURE if problems else 0


def _results(command: ModelsCommand, settings: Settings, session: Session | None) -> tuple[Discovery, list[FileModels]]:
    if command.from_stdin:
        path, raw, excluded = request.read_stdin(command, settings)
        return Discovery(), [] if excluded else [_of_bytes(raw, path, command, settings, session)]
    found = discover(command.paths, request.left_out(settings))
    results = (_of_file(path, command, settings, session) for path in found.files)
    return found, list(_watched(results, len(found.files)))


def _watched(results: Iterable[FileModels], total: int) -> Iterator[FileModels]:
    """A bar on the terminal while there is enough to wait for."""
    if total <= MANY or not sys.stderr.isatty():
        yield from results
        return
    with click.progressbar(results, length=total, label="Looking for models", file=sys.stderr) as bar:
        yield from bar


def _of_file(path: Path, command: ModelsCommand, settings: Settings, session: Session | None) -> FileModels:
    try:
        return _of_bytes(read_bytes(path), path, command, settings, session)
    except SourceError as error:
        return FileModels(errors=(f"{path}: {error}",))


def _of_bytes(
    raw: bytes, path: Path, command: ModelsCommand, settings: Settings, session: Session | None
) -> FileModels:
    words = _WORDS | keras_api.applications()
    if not gate.passes_words(raw, words):
        return FileModels()
    from kerasfix.analysis.parsing import UnreadableError
    from kerasfix.verify.session import WorkerError

    try:
        document = document_of(raw, str(path))
        parsed = gate.parse(document.program)
        if isinstance(parsed, gate.NotPython):
            return FileModels(errors=(_not_python(document, parsed),))
        if not gate.passes_syntax(parsed, frozenset(), words):
            return FileModels()
        return _of_document(document, command, settings, session)
    except SourceError as error:
        return FileModels(errors=(f"{path}: {error}",))
    except OtherLanguageError:
        return FileModels()
    except WorkerError:
        raise
    except UnreadableError as error:
        return FileModels(errors=(f"{path}: {error}",))
    except Exception as error:
        return FileModels(errors=(f"{path}: its models could not be read: {describe(error)}",))


def _of_document(document: Document, command: ModelsCommand, settings: Settings, session: Session | None) -> FileModels:
    findings = check_document(document, settings)
    models = _models(document, findings, settings, session)
    fixed = None
    if command.diagram is not None and models and any(finding.fix for finding in findings):
        from kerasfix.repair import fix_document

        repaired = fix_document(document, settings, findings)
        if repaired.document.text != document.text:
            fixed = _models(repaired.document, repaired.remaining, settings, session)
    failure = next((one.message for one in findings if one.code == registry.INTERNAL_ERROR.code), "")
    errors = [_not_python(document, one) for one in document.failures]
    if failure:
        errors.append(f"{document.path}: {failure}")
    return FileModels(tuple(models), None if fixed is None else tuple(fixed), tuple(errors))


def _not_python(document: Document, problem: gate.NotPython) -> str:
    return f"{document.path}:{document.place(document.offset(problem.location))}: {problem.message}"


def _models(
    document: Document, findings: Iterable[Diagnostic], settings: Settings, session: Session | None
) -> list[ModelOverview]:
    """The models of a document, as real Keras builds them where it is to be asked."""
    from kerasfix.analysis.gathering import analyse

    with room_to_work():
        program = analyse(document.program, document.cells)
    models = tables_of(program, document, findings)
    if session is None:
        return models
    from kerasfix.models.building import built

    return built(models, program, document, settings.rule_target, session)


def _text(command: ModelsCommand, results: list[FileModels], style: Style) -> str:
    models = [model for result in results for model in result.models]
    if command.diagram is not None:
        from kerasfix.models.changes import compared
        from kerasfix.report import mermaid, svg

        comparisons = [one for result in results for one in compared(result.models, result.fixed)]
        return mermaid.render(comparisons) if command.diagram == "mermaid" else svg.render(comparisons)
    if command.output_format == "json":
        from kerasfix.report import models_json

        return models_json.render(models)
    from kerasfix.report import models_text

    columns = shutil.get_terminal_size().columns if style.terminal else None
    return models_text.render(models, style, columns)
