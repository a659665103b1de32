"""kerasfix in editors: findings while one types, fixes, and the pages of the rules, by the Language Server Protocol.

The event loop only speaks with the editor. What takes time is done in one worker thread, one thing after the other,
on a snapshot of what is open; a check that a newer text has overtaken is dropped. Nothing but the editor's text and the
project's configuration is read, and nothing is written: the editor makes the edits.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

import kerasfix
from kerasfix import baseline
from kerasfix.config import ConfigError, load_settings
from kerasfix.diagnostics import Applicability, allowed
from kerasfix.engine import check_document, describe, plan
from kerasfix.open_document import EditorWorkspace, OpenDocument, Part
from kerasfix.repair import fix_document
from kerasfix.report import rule_pages
from kerasfix.rules import registry
from kerasfix.source.noqa import comments_for
from kerasfix.source.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pygls.workspace import TextDocument

    from kerasfix.config import Settings
    from kerasfix.diagnostics import Diagnostic, Edit, Fix

PAUSE = 0.25
"""Seconds without a change after which a text is checked."""
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.kerasfix"
"""The kind of the action that editors can be told to run when a file is saved."""
CONFIGURATION = ("pyproject.toml", "setup.cfg", "setup.py", "requirements*.txt")
"""The files that settings and target are read from."""
_STACK = 64 * 1024 * 1024
"""Bytes of the worker's stack: a thread gets 512 kB on some systems, where the command line has 8 MB."""

_Result = TypeVar("_Result")


def serve() -> None:
    """Serve one editor over stdin and stdout, until it says that it is done."""
    threading.stack_size(_STACK)
    server = Server()
    for method, handler in _HANDLERS.items():
        server.feature(method, _OPTIONS.get(method))(handler)
    server.start_io()


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a document as it was at one moment."""

    opened: OpenDocument
    settings: Settings
    found: tuple[Diagnostic, ...]


def check(opened: OpenDocument, file: Path | None, folder: Path) -> Checked:
    """Check a document by the configuration of its directory, or of the folder if it is no `file` yet.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    settings = load_settings(folder if file is None else file.parent)
    root = folder if settings.source is None else settings.root
    left_out = file is not None and Patterns((*settings.exclude, *settings.extend_exclude), root).match(file)
    if left_out or not plan(settings.codes_for(opened.path)).may_concern(opened.searchable):
        return Checked(opened, settings, ())
    settings = baseline.with_known(settings)
    return Checked(opened, settings, tuple(check_document(opened.document, settings)))


class Server(LanguageServer):
    """The state of one session: what is open, as pygls keeps it, and the latest check of each document."""

    def __init__(self) -> None:
        kind = types.NotebookDocumentFilterNotebookType("jupyter-notebook")
        selector = types.NotebookDocumentFilterWithNotebook(kind)  # with all cells, so that they can be counted
        notebooks = types.NotebookDocumentSyncOptions([selector], save=True)
        super().__init__("kerasfix", kerasfix.__version__, notebook_document_sync=notebooks)
        self._worker = ThreadPoolExecutor(1, "kerasfix")
        self._checks: dict[str, asyncio.Task[Checked | None]] = {}
        self._published: dict[str, set[str]] = {}
        self._problems: dict[str, str] = {}

    def can(self, capability: str) -> bool:
        """Whether the editor says that it can do something."""
        return bool(get_capability(self.client_capabilities, capability, False))

    def schedule(self, uri: str, pause: float = 0.0) -> None:
        """Check a document, or the notebook that it is a cell of, after a pause, in place of any check before."""
        uri = self._whole(uri)
        self._forget_check(uri)
        self._checks[uri] = asyncio.get_running_loop().create_task(self._check(uri, pause))

    def schedule_all(self) -> None:
        """Check everything that is open again."""
        for uri in list(self._checks):
            self.schedule(uri, PAUSE)

    def close(self, uri: str) -> None:
        """Forget a file or notebook."""
        self._forget_check(uri)
        self._problems.pop(uri, None)
        self._publish(uri, {}, {})

    async def checked(self, uri: str) -> Checked | None:
        """What is found in a document as it is now, as soon as that is known."""
        uri = self._whole(uri)
        while (task := self._checks.get(uri)) is not None:
            await asyncio.wait([task])
            if self._checks.get(uri) is task:
                return task.result()
        return None

    async def work(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        """What the function returns, called in the worker."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, function, *arguments)

    def stop(self) -> None:
        """Begin nothing new."""
        for task in self._checks.values():
            task.cancel()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _forget_check(self, uri: str) -> None:
        task = self._checks.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _check(self, uri: str, pause: float) -> Checked | None:
        await asyncio.sleep(pause)
        opened = self._opened(uri)
        if opened is None:
            self._publish(uri, {}, {})
            return None
        path = to_fs_path(uri)
        file = None if path is None else Path(path)
        result = None
        try:
            result = await self.work(check, opened, file, self._folder(file))
        except ConfigError as error:
            self._complain(uri, str(error))
        except Exception as error:
            self._complain(uri, f"kerasfix failed on {opened.path}: {describe(error)}")
        else:
            self._problems.pop(uri, None)
        related = self.can("text_document.publish_diagnostics.related_information")
        found = opened.diagnostics(() if result is None else result.found, related=related)
        self._publish(uri, found, {part.uri: part.version for part in opened.parts})
        return result

    def _complain(self, uri: str, problem: str) -> None:
        """Tell of a problem once, however many documents and changes it holds for."""
        if problem not in self._problems.values():
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, problem))
        self._problems[uri] = problem

    def _publish(self, uri: str, found: dict[str, list[types.Diagnostic]], versions: dict[str, int | None]) -> None:
        """Show findings by text document, and none any more in those that had an entry before."""
        gone = self._published.pop(uri, set()) - found.keys()
        for part, diagnostics in [*found.items(), *((part, []) for part in sorted(gone))]:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(part, diagnostics, versions.get(part))
            )
        if found:
            self._published[uri] = set(found)

    def _whole(self, uri: str) -> str:
        notebook = self.workspace.get_notebook_document(cell_uri=uri)
        return uri if notebook is None else notebook.uri

    def _opened(self, uri: str) -> OpenDocument | None:
        """A snapshot of a file or notebook, None if it is not open or no Python."""
        notebook = self.workspace.get_notebook_document(notebook_uri=uri)
        texts = [uri] if notebook is None else [cell.document for cell in notebook.cells]
        parts = tuple(_part(text, self.workspace.get_text_document(text)) for text in texts)
        if not any(part.python for part in parts):
            return None
        return OpenDocument(to_fs_path(uri) or uri, parts, notebook is not None, self.workspace.position_codec)

    def _folder(self, file: Path | None) -> Path:
        """The folder of the workspace that a file is in; the first one for a text that is no file."""
        paths = [to_fs_path(folder.uri) for folder in self.workspace.folders.values()]
        folders = [Path(path) for path in (*paths, self.workspace.root_path) if path]
        if file is None:
            return next(iter(folders), Path.cwd())
        return next((folder for folder in folders if file.is_relative_to(folder)), file.parent)


def _part(uri: str, document: TextDocument) -> Part:
    if document.version is None:  # it is not open
        return Part(uri, None, "", python=False)
    return Part(uri, document.version, document.source, document.language_id == "python")


# --- what is asked and told --------------------------------------------------------------------------------------


def _initialize(server: Server, params: types.InitializeParams) -> None:
    of_pygls = server.workspace
    server.protocol._workspace = EditorWorkspace(
        of_pygls.root_uri,
        types.TextDocumentSyncKind.Incremental,
        params.workspace_folders,
        of_pygls.position_encoding,
    )


def _initialized(server: Server, params: types.InitializedParams) -> None:
    if server.can("workspace.did_change_watched_files.dynamic_registration"):
        watchers = [types.FileSystemWatcher(f"**/{name}") for name in CONFIGURATION]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        watch = types.Registration("configuration", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        server.client_register_capability(types.RegistrationParams([watch]))


def _did_open(server: Server, params: types.DidOpenTextDocumentParams | types.DidSaveTextDocumentParams) -> None:
    server.schedule(params.text_document.uri)


def _did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    server.schedule(params.text_document.uri, PAUSE)


def _did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    server.close(params.text_document.uri)


def _did_open_notebook(
    server: Server, params: types.DidOpenNotebookDocumentParams | types.DidSaveNotebookDocumentParams
) -> None:
    server.schedule(params.notebook_document.uri)


def _did_change_notebook(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    server.schedule(params.notebook_document.uri, PAUSE)


def _did_close_notebook(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    server.close(params.notebook_document.uri)


def _did_change_configuration(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    server.schedule_all()


def _shutdown(server: Server, params: None) -> None:
    server.stop()


async def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    uri = params.text_document.uri
    checked = await server.checked(uri)
    here = [] if checked is None else list(_touching(checked, uri, types.Range(params.position, params.position)))
    rules = dict.fromkeys(filter(None, (registry.find(diagnostic.code) for diagnostic in here)))
    if checked is None or not rules:
        return None
    text = rule_pages.as_text(list(rules))
    formats = get_capability(server.client_capabilities, "text_document.hover.content_format") or ()
    kind = types.MarkupKind.Markdown if types.MarkupKind.Markdown in formats else types.MarkupKind.PlainText
    place = checked.opened.location(here[0].start, here[0].end).range
    return types.Hover(types.MarkupContent(kind, text), place)


async def _code_action(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    checked = await server.checked(uri)
    if checked is None or not checked.found:
        return []
    only = params.context.only
    versioned = server.can("workspace.workspace_edit.document_changes")
    actions: list[types.CodeAction] = []
    if _is_wanted(types.CodeActionKind.QuickFix, only):
        here = list(_touching(checked, uri, params.range))
        actions += await server.work(_quick_fixes, checked, here, versioned)
    if _is_wanted(FIX_ALL, only) and any(allowed(found.fix, checked.settings.unsafe_fixes) for found in checked.found):
        action = types.CodeAction("Fix all that kerasfix can fix", FIX_ALL, data=uri)
        resolves = get_capability(server.client_capabilities, "text_document.code_action.resolve_support.properties")
        actions.append(action if "edit" in (resolves or ()) else await _resolve(server, action))
    return actions


async def _resolve(server: Server, action: types.CodeAction) -> types.CodeAction:
    """Work out what only one action needs, once it is chosen."""
    checked = await server.checked(str(action.data))
    if checked is not None:
        edits = await server.work(_fix_all, checked)
        versioned = server.can("workspace.workspace_edit.document_changes")
        action.edit = checked.opened.workspace_edit(edits, versioned=versioned)
    return action


def _touching(checked: Checked, uri: str, place: types.Range) -> Iterator[Diagnostic]:
    start, end = checked.opened.offset(uri, place.start), checked.opened.offset(uri, place.end)
    if start is not None and end is not None:
        yield from (found for found in checked.found if found.start <= end and start <= found.end)


def _is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether an action of this kind is asked for: `source` asks for `source.fixAll` too."""
    return only is None or any((kind + ".").startswith(wanted + ".") for wanted in only)


def _quick_fixes(checked: Checked, here: list[Diagnostic], versioned: bool) -> list[types.CodeAction]:
    """The fixes of these findings, then the comments that would suppress them, one for each line."""
    document = checked.opened.document
    by_fix: dict[Fix, list[Diagnostic]] = {}
    by_row: dict[int, list[Diagnostic]] = {}
    for found in here:
        by_row.setdefault(document.location(found.start).row, []).append(found)
        if found.fix is not None and found.fix.applicability is not Applicability.DISPLAY:
            by_fix.setdefault(found.fix, []).append(found)
    actions = []
    for fix, mended in by_fix.items():
        action = _quick_fix(checked, mended, fix.message, fix.edits, versioned)
        if fix.applicability is Applicability.SAFE:
            action.is_preferred = True
        else:
            action.title += " (unsafe fix)"
        actions.append(action)
    for edit in comments_for(document, here).edits:
        ignored = [found for found in by_row[document.location(edit.start).row] if found.code in edit.content]
        codes = ", ".join(sorted({found.code for found in ignored}))
        actions.append(_quick_fix(checked, ignored, f"Ignore {codes} on this line", [edit], versioned))
    return actions


def _quick_fix(
    checked: Checked, mended: Sequence[Diagnostic], title: str, edits: Sequence[Edit], versioned: bool
) -> types.CodeAction:
    return types.CodeAction(
        title,
        types.CodeActionKind.QuickFix,
        diagnostics=[checked.opened.diagnostic(found, related=False) for found in mended],
        edit=checked.opened.workspace_edit(edits, versioned=versioned),
    )


def _fix_all(checked: Checked) -> list[Edit]:
    fixed = fix_document(checked.opened.document, checked.settings, checked.found)
    return list(checked.opened.edits_to(fixed.document))


_OPTIONS = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        [types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=True
    ),
}
_HANDLERS: dict[str, Callable[..., Any]] = {
    types.INITIALIZE: _initialize,
    types.INITIALIZED: _initialized,
    types.TEXT_DOCUMENT_DID_OPEN: _did_open,
    types.TEXT_DOCUMENT_DID_SAVE: _did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: _did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: _did_close,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: _did_open_notebook,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: _did_open_notebook,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: _did_change_notebook,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: _did_close_notebook,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: _did_change_configuration,
    types.TEXT_DOCUMENT_HOVER: _hover,
    types.TEXT_DOCUMENT_CODE_ACTION: _code_action,
    types.CODE_ACTION_RESOLVE: _resolve,
    types.SHUTDOWN: _shutdown,
}
