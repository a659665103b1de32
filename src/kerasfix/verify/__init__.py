"""Proves fixes: the models of a program are built by real Keras as they were and as they are, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasfix.verify.session import Session
    from kerasfix.verify.verifier import Verification

__all__ = ["verify"]


def verify(before: str, after: str, session: Session | None = None) -> list[Verification]:
    """The verdicts on the models that differ between two texts of one module; neither text is ever executed.

    Without a `session` one is opened for this call alone, which takes the seconds that importing Keras takes.

    Raises:
        kerasfix.verify.session.WorkerError: no Keras is installed, or it cannot be started.
    """
    from kerasfix.source.document import Document
    from kerasfix.verify.session import Session
    from kerasfix.verify.verifier import verify_documents

    documents = Document("<before>", before), Document("<after>", after)
    if session is not None:
        return verify_documents(*documents, session)
    with Session() as own:
        return verify_documents(*documents, own)
