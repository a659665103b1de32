"""From what a file holds to the document that it is: a notebook by its name, or else Python source."""

from __future__ import annotations

from kerasfix.source.document import Document

NOTEBOOK = ".ipynb"


def document_of(raw: bytes, path: str) -> Document:
    """The document of a file's content, shown as `path`.

    Raises:
        SourceError: it cannot be read as Python source, or as a notebook.
        OtherLanguageError: it is a notebook in another language.
    """
    if path.endswith(NOTEBOOK):
        from kerasfix.source.notebook import Notebook

        return Notebook.from_bytes(raw, path)
    return Document.from_bytes(raw, path)


def document_of_text(text: str, path: str) -> Document:
    """The same of a file's text."""
    if path.endswith(NOTEBOOK):
        from kerasfix.source.notebook import Notebook

        return Notebook.from_text(text, path)
    return Document(path, text)
