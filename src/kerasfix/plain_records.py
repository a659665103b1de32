"""The findings in one text as plain data, whatever the text is: for engines that go through a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasfix.config import Settings
from kerasfix.engine import check_document, describe, internal_error, unreadable_source
from kerasfix.report.json_format import record
from kerasfix.source.document import Document, OtherLanguageError, SourceError
from kerasfix.source.reading import document_of, document_of_text

if TYPE_CHECKING:
    from kerasfix.diagnostics import Diagnostic


def records(content: str | bytes, path: str, settings: Settings | None = None) -> list[dict[str, Any]]:
    """A record for each finding in what a file of that name holds; never an exception."""
    document, found = _found(content, path, settings or Settings())
    return [{**record(document, diagnostic), "filename": path} for diagnostic in found]


def _found(content: str | bytes, path: str, settings: Settings) -> tuple[Document, list[Diagnostic]]:
    nothing = Document(path, "")
    try:
        document = document_of_text(content, path) if isinstance(content, str) else document_of(content, path)
        return document, check_document(document, settings)
    except OtherLanguageError:
        return nothing, []
    except SourceError as error:
        return nothing, [unreadable_source(str(error))]
    except Exception as error:
        return nothing, [internal_error(f"kerasfix failed on this file: {describe(error)}")]
