"""One warm session with real Keras for all tests of this directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kerasfix.verify.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def keras() -> Iterator[Session]:
    """Real Keras 3 and tf_keras."""
    with Session() as session:
        yield session
