"""The language server in a process of its own, spoken to by a client over stdio as editors do."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

import kerasfix
from kerasfix.rules import registry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from pathlib import Path

PATIENCE = 60
"""Seconds that a busy machine is given for an answer."""
MODEL = """\
from keras.layers import Dense
from keras.models import Sequential

model = Sequential()
model.add(Dense(32, input_shape=(784,)))
model.add(Dense(10, input_shape=(32,)))
"""
FIXED = """\
from keras.layers import Dense, Input
from keras.models import Sequential

model = Sequential()
model.add(Input(shape=(784,)))
model.add(Dense(32))
model.add(Dense(10))
"""
UNSAFE = """\
import keras

model = keras.Sequential()
model.add(keras.layers.Dense(32, input_shape=(784,)))
model.add(keras.layers.Dense(10, input_shape=(784,)))
"""
DETACHED = "import keras\n\n\ndef head(model):\n    model.add(keras.layers.Dense(3, input_shape=(4,)))\n"


class Editor:
    """A client with what the server sent it."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.published: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.registered: list[types.Registration] = []
        self.capabilities = types.ServerCapabilities()
        self._news = asyncio.Event()

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self._news.set()

        def shown(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self._news.set()

        def registered(params: types.RegistrationParams) -> None:
            self.registered += params.registrations
            self._news.set()

        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        client.feature(types.WINDOW_SHOW_MESSAGE)(shown)
        client.feature(types.CLIENT_REGISTER_CAPABILITY)(registered)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for what the server has to send."""
        while not condition():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), PATIENCE)

    def latest(self, uri: str) -> types.PublishDiagnosticsParams | None:
        return next((params for params in reversed(self.published) if params.uri == uri), None)

    async def diagnostics(self, uri: str, version: int = 1) -> list[types.Diagnostic]:
        """What is published for this version."""
        await self.until(lambda: (found := self.latest(uri)) is not None and found.version == version)
        found = self.latest(uri)
        assert found is not None
        return list(found.diagnostics)

    def open(self, uri: str, text: str, language: str = "python") -> None:
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, uri: str, version: int, *changes: types.TextDocumentContentChangeEvent) -> None:
        document = types.VersionedTextDocumentIdentifier(version, uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, list(changes)))

    async def actions(self, uri: str, place: types.Range, *only: str) -> list[types.CodeAction]:
        context = types.CodeActionContext([], only=list(only) or None)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
        found = await self.client.text_document_code_action_async(params)
        return [action for action in found or () if isinstance(action, types.CodeAction)]

    async def hover(self, uri: str, line: int, character: int) -> types.Hover | None:
        place = types.Position(line, character)
        return await self.client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(uri), place))


def capabilities(**changes: Any) -> types.ClientCapabilities:
    """Those of an editor of today."""
    resolve = types.ClientCodeActionResolveOptions(properties=["edit"])
    text_document = types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True),
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
        code_action=types.CodeActionClientCapabilities(resolve_support=resolve),
    )
    workspace = types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    )
    sync = types.NotebookDocumentSyncClientCapabilities()
    notebooks = types.NotebookDocumentClientCapabilities(synchronization=sync)
    options: dict[str, Any] = {"text_document": text_document, "workspace": workspace, "notebook_document": notebooks}
    return types.ClientCapabilities(**(options | changes))


@asynccontextmanager
async def editor(folder: Path, able: types.ClientCapabilities | None = None) -> AsyncIterator[Editor]:
    """A session from its start to its end, which has to be clean."""
    client = LanguageClient("test", "1")
    it = Editor(client)
    await client.start_io(sys.executable, "-m", "kerasfix", "server", cwd=folder)
    process = client._server
    assert process is not None
    try:
        folders = [types.WorkspaceFolder(folder.as_uri(), folder.name)]
        params = types.InitializeParams(able or capabilities(), root_uri=folder.as_uri(), workspace_folders=folders)
        it.capabilities = (await client.initialize_async(params)).capabilities
        client.initialized(types.InitializedParams())
        yield it
        await client.shutdown_async(None)
        client.exit(None)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await client.stop()  # type: ignore[no-untyped-call]


def run(
    session: Callable[[Editor], Coroutine[Any, Any, None]], folder: Path, able: types.ClientCapabilities | None = None
) -> None:
    """Run a session in this folder."""

    async def whole() -> None:
        async with editor(folder, able) as it:
            await session(it)

    asyncio.run(whole())


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def underlined(text: str, place: types.Range, encoding: str = "utf-16-le") -> str:
    """What an editor underlines: its columns are units of the encoding."""
    assert place.start.line == place.end.line
    width = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    line = text.split("\n")[place.start.line].encode(encoding)
    return line[place.start.character * width : place.end.character * width].decode(encoding)


def edited(texts: dict[str, str], edit: types.WorkspaceEdit | None) -> dict[str, str]:
    """The texts once an editor that counts UTF-16 units has made the edit."""
    assert edit is not None
    changes: dict[str, Sequence[Any]] = dict(edit.changes or {})
    for document in edit.document_changes or ():
        assert isinstance(document, types.TextDocumentEdit)
        changes[document.text_document.uri] = document.edits
    result = dict(texts)
    for uri, edits in changes.items():
        lines = [line.encode("utf-16-le") for line in texts[uri].splitlines(keepends=True)]
        starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
        raw = b"".join(lines)
        for one in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            start = starts[one.range.start.line] + 2 * one.range.start.character
            end = starts[one.range.end.line] + 2 * one.range.end.character
            raw = raw[:start] + one.new_text.encode("utf-16-le") + raw[end:]
        result[uri] = raw.decode("utf-16-le")
    return result


class TestFindings:
    def test_they_come_when_a_file_is_opened_and_go_when_it_is_closed(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            first, second = await it.diagnostics(uri)
            assert (first.code, underlined(MODEL, first.range)) == ("KFX101", "input_shape=(784,)")
            assert (second.code, underlined(MODEL, second.range)) == ("KFX102", "input_shape=(32,)")
            assert first.source == "kerasfix"
            assert first.message == kerasfix.check(MODEL)[0].message
            assert first.severity is types.DiagnosticSeverity.Warning
            it.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
            await it.until(lambda: len(it.published) == 2)
            assert not it.published[-1].diagnostics

        run(session, tmp_path)

    def test_only_the_last_of_many_changes_is_checked(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, "")
            assert await it.diagnostics(uri) == []
            text = ""
            for version, letter in enumerate(MODEL, start=2):
                line, character = text.count("\n"), len(text.rpartition("\n")[2])
                it.change(
                    uri, version, types.TextDocumentContentChangePartial(span(line, character, character), letter)
                )
                text += letter
            last = len(MODEL) + 1
            assert [found.code for found in await it.diagnostics(uri, last)] == ["KFX101", "KFX102"]
            assert [params.version for params in it.published] == [1, last]

        run(session, tmp_path)

    @pytest.mark.parametrize("head_start", [0.0, 0.1])
    def test_a_check_that_a_change_has_overtaken_is_dropped(self, tmp_path: Path, head_start: float) -> None:
        models = "".join(f"m{number} = Sequential([Dense(3, input_dim={number})])\n" for number in range(1, 400))
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, f"from keras import Sequential\nfrom keras.layers import Dense\n{models}")
            await asyncio.sleep(head_start)
            it.change(uri, 2, types.TextDocumentContentChangeWholeDocument(MODEL))
            assert len(await it.diagnostics(uri, 2)) == 2
            assert [params.version for params in it.published] == [2]

        run(session, tmp_path)

    def test_a_save_is_checked_at_once(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            await it.diagnostics(uri)
            it.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
            await it.until(lambda: len(it.published) == 2)
            assert it.published[0] == it.published[1]

        run(session, tmp_path)

    def test_related_places(self, tmp_path: Path) -> None:
        text = (
            "import keras\n\nkeras.Sequential([\n    keras.Input(shape=(28, 28)),\n    keras.layers.Conv2D(8, 3),\n])\n"
        )
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, text)
            (found,) = await it.diagnostics(uri)
            assert found.code == "KFX210"
            (related,) = found.related_information or ()
            assert related.location.uri == uri
            assert underlined(text, related.location.range).startswith("keras.layers.Conv2D")

        run(session, tmp_path)
        plain = types.TextDocumentClientCapabilities()

        async def without(it: Editor) -> None:
            it.open(uri, text)
            (found,) = await it.diagnostics(uri)
            assert found.related_information is None

        run(without, tmp_path, capabilities(text_document=plain))

    @pytest.mark.parametrize(
        ("offered", "encoding"),
        [(None, "utf-16-le"), (["utf-16"], "utf-16-le"), (["utf-8", "utf-16"], "utf-8"), (["utf-32"], "utf-32-le")],
    )
    def test_columns_are_in_the_units_agreed_on(self, tmp_path: Path, offered: list[Any] | None, encoding: str) -> None:
        text = MODEL.replace("Dense(32, ", 'Dense(32, name="é模𝒳", ')
        uri = (tmp_path / "modèle.py").as_uri()
        general = types.GeneralClientCapabilities(position_encodings=offered)

        async def session(it: Editor) -> None:
            assert it.capabilities.position_encoding == encoding.removesuffix("-le")
            it.open(uri, text)
            first, _ = await it.diagnostics(uri)
            assert underlined(text, first.range, encoding) == "input_shape=(784,)"
            line, end = first.range.end.line, first.range.end.character
            assert await it.hover(uri, line, end) is not None
            assert await it.hover(uri, line, end + 1) is None
            width = {"utf-8": 4, "utf-16-le": 2, "utf-32-le": 1}[encoding]
            astral = text.split("\n")[line].index("𝒳")
            before = len(text.split("\n")[line][:astral].encode(encoding)) // {"utf-8": 1, "utf-16-le": 2}.get(
                encoding, 4
            )
            it.change(uri, 2, types.TextDocumentContentChangePartial(span(line, before, before + width), "x"))
            first, _ = await it.diagnostics(uri, 2)
            assert first.range.end.character == end - width + 1

        run(session, tmp_path, capabilities(general=general))

    @pytest.mark.parametrize("control", ["\f", "\u2028"])
    def test_lines_are_those_of_the_editor(self, tmp_path: Path, control: str) -> None:
        text = f'note = """{control}"""\n{MODEL}'
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, text)
            assert [found.range.start.line for found in await it.diagnostics(uri)] == [5, 6]
            it.change(uri, 2, types.TextDocumentContentChangePartial(span(5, 0, 5), "model"))
            found = await it.diagnostics(uri, 2)
            assert [underlined(text, one.range) for one in found] == ["input_shape=(784,)", "input_shape=(32,)"]

        run(session, tmp_path)

    def test_what_is_not_python_is_left_alone(self, tmp_path: Path) -> None:
        prose, model = (tmp_path / "model.md").as_uri(), (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(prose, MODEL, "markdown")
            it.open(model, MODEL)
            await it.diagnostics(model)
            assert {params.uri for params in it.published} == {model}

        run(session, tmp_path)

    def test_a_text_that_is_no_file_yet(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.kerasfix]\nignore = ["KFX102"]\n')

        async def session(it: Editor) -> None:
            it.open("untitled:Untitled-1", MODEL)
            (found,) = await it.diagnostics("untitled:Untitled-1")
            assert found.code == "KFX101"

        run(session, tmp_path)

    @pytest.mark.parametrize("text", ["input_shape\0", "(" * 500 + "input_shape", "input_shape = '\ud800'"])
    def test_the_server_outlives_what_it_cannot_read(self, tmp_path: Path, text: str) -> None:
        text = f"import keras\n{text}"
        broken, model = (tmp_path / "broken.py").as_uri(), (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(broken, text)
            it.open(model, MODEL)
            assert len(await it.diagnostics(model)) == 2
            assert it.messages or [found.code for found in await it.diagnostics(broken)] == ["KFX000"]

        run(session, tmp_path)


class TestActions:
    def test_a_safe_fix_is_preferred(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            found, _ = await it.diagnostics(uri)
            fix, ignore, fix_all = await it.actions(uri, found.range)
            assert fix.title == "Declare the input with an explicit `Input`"
            assert fix.is_preferred
            assert fix.kind == ignore.kind == types.CodeActionKind.QuickFix
            assert [(one.code, one.range) for one in fix.diagnostics or ()] == [("KFX101", found.range)]
            assert edited({uri: MODEL}, fix.edit)[uri] == FIXED.replace("10)", "10, input_shape=(32,))")
            assert fix.edit is not None
            (change,) = fix.edit.document_changes or ()
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == 1
            assert (fix_all.kind, fix_all.edit) == ("source.fixAll.kerasfix", None)
            whole = await it.client.code_action_resolve_async(fix_all)
            assert edited({uri: MODEL}, whole.edit)[uri] == FIXED

        run(session, tmp_path)

    def test_an_unsafe_fix_says_so(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, UNSAFE)
            _, found = await it.diagnostics(uri)
            assert found.code == "KFX103"
            fix, ignore = await it.actions(uri, found.range, types.CodeActionKind.QuickFix)
            assert fix.title.endswith(" (unsafe fix)")
            assert not fix.is_preferred
            assert edited({uri: UNSAFE}, fix.edit)[uri] == UNSAFE.replace("(10, input_shape=(784,))", "(10)")
            assert not ignore.is_preferred
            (fix_all,) = await it.actions(uri, found.range, types.CodeActionKind.SourceFixAll)
            whole = await it.client.code_action_resolve_async(fix_all)
            assert edited({uri: UNSAFE}, whole.edit)[uri] == kerasfix.fix(UNSAFE).text
            assert "input_shape=(784,)" in kerasfix.fix(UNSAFE).text

        run(session, tmp_path)

    def test_a_line_can_be_ignored(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, DETACHED)
            (found,) = await it.diagnostics(uri)
            (ignore,) = await it.actions(uri, found.range)
            assert ignore.title == "Ignore KFX107 on this line"
            text = edited({uri: DETACHED}, ignore.edit)[uri]
            assert text == DETACHED[:-1] + "  # noqa: KFX107\n"
            it.change(uri, 2, types.TextDocumentContentChangeWholeDocument(text))
            assert await it.diagnostics(uri, 2) == []
            assert await it.actions(uri, found.range) == []

        run(session, tmp_path)

    def test_what_findings_share_is_offered_once(self, tmp_path: Path) -> None:
        text = "import keras\n\nkeras.Sequential([keras.layers.Dense(8, input_shape=784)])\n"
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, text)
            found = await it.diagnostics(uri)
            assert [one.code for one in found] == ["KFX101", "KFX204"]
            fix, ignore = await it.actions(uri, found[0].range, types.CodeActionKind.QuickFix)
            assert [one.code for one in fix.diagnostics or ()] == ["KFX101", "KFX204"]
            assert ignore.title == "Ignore KFX101, KFX204 on this line"
            assert edited({uri: text}, ignore.edit)[uri] == text[:-1] + "  # noqa: KFX101, KFX204\n"

        run(session, tmp_path)

    def test_actions_for_a_whole_file_are_worked_out_at_once(self, tmp_path: Path) -> None:
        models = "".join(f"m{number} = Sequential([Dense(3, input_dim={number})])\n" for number in range(1, 301))
        text = f"from keras import Sequential\nfrom keras.layers import Dense\n{models}"
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, text)
            assert len(await it.diagnostics(uri)) == 300
            everywhere = types.Range(types.Position(0, 0), types.Position(302, 0))
            began = time.monotonic()
            actions = await it.actions(uri, everywhere, types.CodeActionKind.QuickFix)
            assert len(actions) == 600
            assert time.monotonic() - began < PATIENCE / 10

        run(session, tmp_path)

    def test_actions_are_those_of_the_text_as_it_is(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            it.change(uri, 2, types.TextDocumentContentChangePartial(span(0, 0, 0), "\n\n"))
            (fix, _, fix_all) = await it.actions(uri, span(6, 25, 25))
            assert edited({uri: "\n\n" + MODEL}, fix.edit)[uri] == "\n\n" + FIXED.replace(
                "10)", "10, input_shape=(32,))"
            )
            it.change(uri, 3, types.TextDocumentContentChangePartial(span(0, 0, 0), "\n"))
            whole = await it.client.code_action_resolve_async(fix_all)
            assert edited({uri: "\n\n\n" + MODEL}, whole.edit)[uri] == "\n\n\n" + FIXED

        run(session, tmp_path)

    def test_an_editor_that_can_do_less(self, tmp_path: Path) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            (fix_all,) = await it.actions(uri, span(0, 0, 0), "source")
            assert fix_all.edit is not None
            assert fix_all.edit.document_changes is None
            assert edited({uri: MODEL}, fix_all.edit)[uri] == FIXED
            found = await it.hover(uri, 4, 25)
            assert found is not None
            assert isinstance(found.contents, types.MarkupContent)
            assert found.contents.kind is types.MarkupKind.PlainText

        run(session, tmp_path, types.ClientCapabilities())

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_line_ends(self, tmp_path: Path, end: str) -> None:
        uri = (tmp_path / "model.py").as_uri()
        text = MODEL.replace("\n", end)

        async def session(it: Editor) -> None:
            it.open(uri, text)
            (fix_all,) = await it.actions(uri, span(0, 0, 0))
            whole = await it.client.code_action_resolve_async(fix_all)
            assert edited({uri: text}, whole.edit)[uri] == FIXED.replace("\n", end)

        run(session, tmp_path)


def test_hover_shows_the_page_of_the_rule(tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()

    async def session(it: Editor) -> None:
        it.open(uri, MODEL)
        (first, _) = await it.diagnostics(uri)
        assert await it.hover(uri, 0, 0) is None
        shown = await it.hover(uri, 4, 25)
        assert shown is not None
        assert shown.range == first.range
        assert isinstance(shown.contents, types.MarkupContent)
        assert shown.contents.kind is types.MarkupKind.Markdown
        rule = registry.find("KFX101")
        assert rule is not None
        assert shown.contents.value.startswith("# input-on-first-layer (KFX101)")
        assert rule.documentation.strip() in shown.contents.value

    run(session, tmp_path)


class TestConfiguration:
    def test_it_is_that_of_the_file_and_read_again_when_it_changes(self, tmp_path: Path) -> None:
        project = tmp_path / "project"
        project.mkdir()
        configuration = project / "pyproject.toml"
        configuration.write_text('[tool.kerasfix]\nignore = ["KFX101"]\n')
        uri = (project / "model.py").as_uri()

        async def session(it: Editor) -> None:
            await it.until(lambda: it.registered)
            (watch,) = it.registered
            assert watch.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            it.open(uri, MODEL)
            assert [found.code for found in await it.diagnostics(uri)] == ["KFX102"]
            configuration.write_text('[tool.kerasfix]\nignore = ["KFX102"]\n')
            event = types.FileEvent(configuration.as_uri(), types.FileChangeType.Changed)
            it.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
            await it.until(lambda: len(it.published) == 2)
            assert [found.code for found in await it.diagnostics(uri)] == ["KFX101"]

        run(session, tmp_path)

    def test_a_mistake_in_it_is_told_once_and_is_no_end(self, tmp_path: Path) -> None:
        configuration = tmp_path / "pyproject.toml"
        configuration.write_text('[tool.kerasfix]\nignores = ["KFX101"]\n')
        uri, other = (tmp_path / "model.py").as_uri(), (tmp_path / "other.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            it.open(other, MODEL)
            assert await it.diagnostics(uri) == await it.diagnostics(other) == []
            (message,) = it.messages
            assert message == f"{configuration.name}: tool.kerasfix.ignores: unknown key; did you mean 'ignore'?"
            assert await it.actions(uri, span(4, 25, 25)) == []
            configuration.write_text("[tool.kerasfix]\n")
            it.change(uri, 2, types.TextDocumentContentChangeWholeDocument(MODEL))
            assert len(await it.diagnostics(uri, 2)) == 2

        run(session, tmp_path)

    def test_excluded_files(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.kerasfix]\nextend-exclude = ["old"]\n')
        old, library, new = (
            (tmp_path / name).as_uri() for name in ("old/model.py", "venv/lib/model.py", "new/model.py")
        )

        async def session(it: Editor) -> None:
            for uri in (old, library, new):
                it.open(uri, MODEL)
            assert await it.diagnostics(old) == await it.diagnostics(library) == []
            assert len(await it.diagnostics(new)) == 2

        run(session, tmp_path)

    def test_excluded_by_default_in_a_folder_without_configuration(self, tmp_path: Path) -> None:
        uri = (tmp_path / "venv" / "lib" / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            assert await it.diagnostics(uri) == []

        run(session, tmp_path)

    def test_the_baseline(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.kerasfix]\nbaseline = "known.json"\n')
        (tmp_path / "model.py").write_text(MODEL)
        command = [sys.executable, "-m", "kerasfix", "check", "--write-baseline", "known.json", "model.py"]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, MODEL)
            assert await it.diagnostics(uri) == []
            it.change(
                uri, 2, types.TextDocumentContentChangeWholeDocument(MODEL + "model.add(Dense(3, input_dim=10))\n")
            )
            (found,) = await it.diagnostics(uri, 2)
            assert found.range.start.line == 6

        run(session, tmp_path)


class TestNotebooks:
    CELLS = (
        ("markdown", "# A model"),
        ("python", "%matplotlib inline\nfrom keras.layers import Dense\nfrom keras.models import Sequential"),
        ("shellscript", "echo Dense(input_shape=(3,))"),
        ("python", 'model = Sequential()\nmodel.add(Dense(32, name="𝒳", input_shape=(784,)))'),
    )

    def test_cells_are_one_program(self, tmp_path: Path) -> None:
        notebook = (tmp_path / "model.ipynb").as_uri()
        uris = [notebook.replace("file:", "vscode-notebook-cell:") + f"#W{number}" for number in range(5)]
        texts = {uri: text for uri, (_, text) in zip(uris, self.CELLS, strict=False)}

        async def session(it: Editor) -> None:
            sync = it.capabilities.notebook_document_sync
            assert isinstance(sync, types.NotebookDocumentSyncOptions)
            cells = [
                types.NotebookCell(_kind(language), uri) for uri, (language, _) in zip(uris, self.CELLS, strict=False)
            ]
            documents = [
                types.TextDocumentItem(uri, language, 1, text)
                for uri, (language, text) in zip(uris, self.CELLS, strict=False)
            ]
            opened = types.NotebookDocument(notebook, "jupyter-notebook", 1, cells)
            it.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(opened, documents))
            (found,) = await it.diagnostics(uris[3])
            assert (found.code, underlined(texts[uris[3]], found.range)) == ("KFX101", "input_shape=(784,)")
            assert await it.diagnostics(uris[1]) == []

            fix, ignore, fix_all = await it.actions(uris[3], found.range)
            fixed = edited(texts, fix.edit)
            assert fixed[uris[1]] == texts[uris[1]].replace("Dense\n", "Dense, Input\n")
            assert (
                fixed[uris[3]] == 'model = Sequential()\nmodel.add(Input(shape=(784,)))\nmodel.add(Dense(32, name="𝒳"))'
            )
            assert edited(texts, ignore.edit)[uris[3]] == texts[uris[3]] + "  # noqa: KFX101"
            whole = await it.client.code_action_resolve_async(fix_all)
            assert edited(texts, whole.edit) == fixed
            assert await it.hover(uris[3], 1, 40) is not None
            assert await it.hover(uris[0], 0, 0) is None

            # a cell is put in, and the one with the finding is changed
            new = types.TextDocumentItem(uris[4], "python", 1, "depth = 1")
            structure = types.NotebookDocumentCellChangeStructure(
                types.NotebookCellArrayChange(1, 0, [types.NotebookCell(types.NotebookCellKind.Code, uris[4])]), [new]
            )
            typed = types.NotebookDocumentCellContentChanges(
                types.VersionedTextDocumentIdentifier(2, uris[3]),
                [types.TextDocumentContentChangePartial(span(0, 0, 0), "# 𝒳\n")],
            )
            change = types.NotebookDocumentChangeEvent(
                cells=types.NotebookDocumentCellChanges(structure=structure, text_content=[typed])
            )
            version = types.VersionedNotebookDocumentIdentifier(2, notebook)
            it.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(version, change))
            (moved,) = await it.diagnostics(uris[3], 2)
            assert moved.range == span(2, found.range.start.character, found.range.end.character)

            # all that is Python is removed, and the finding with it
            removed = types.NotebookDocumentCellChangeStructure(
                types.NotebookCellArrayChange(1, 4, []),
                did_close=[types.TextDocumentIdentifier(uri) for uri in uris[1:]],
            )
            change = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(structure=removed))
            version = types.VersionedNotebookDocumentIdentifier(3, notebook)
            it.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(version, change))
            await it.until(lambda: (last := it.latest(uris[3])) is not None and not last.diagnostics)

        run(session, tmp_path)


def _kind(language: str) -> types.NotebookCellKind:
    return types.NotebookCellKind.Markup if language == "markdown" else types.NotebookCellKind.Code


class TestProcess:
    @pytest.mark.parametrize(("text", "needed"), [(MODEL, True), ("import torch\nDense(input_shape=(4,))\n", False)])
    def test_a_text_without_keras_costs_no_analysis(self, tmp_path: Path, text: str, needed: bool) -> None:
        uri = (tmp_path / "model.py").as_uri()

        async def session(it: Editor) -> None:
            it.open(uri, text)
            assert bool(await it.diagnostics(uri)) is needed
            process = it.client._server
            assert process is not None
            maps = await asyncio.to_thread(_read, f"/proc/{process.pid}/maps")
            assert ("libcst" in maps) is needed

        if sys.platform != "linux":
            pytest.skip("only Linux tells what a process has loaded")
        run(session, tmp_path)

    def test_without_pygls_it_says_what_to_install(self, tmp_path: Path) -> None:
        program = "import sys; sys.modules['pygls'] = None; from kerasfix.cli import main; main(['server'])"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "error: the language server needs pygls: pip install 'kerasfix[server]'\n"

    def test_the_other_commands_do_not_import_it(self, tmp_path: Path) -> None:
        program = (
            "import json, sys; from kerasfix.cli import main; main(['check', '.'], standalone_mode=False);"
            "print(json.dumps(sorted(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert not {"pygls", "lsprotocol", "asyncio"} & set(json.loads(done.stdout.splitlines()[-1]))

    def test_it_ends_with_its_editor(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "kerasfix", "server"],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, b"")


def _read(path: str) -> str:
    with open(path) as file:  # noqa: PTH123
        return file.read()
