from __future__ import annotations

import pytest

from kerasfix.source.expected_errors import expected_in


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("a = 1\n", []),
        ("try:\n    a = 1\nexcept ValueError:\n    b = 2\n", ["    a = 1"]),
        ("try:\n    a = 1\nfinally:\n    b = 2\n", []),
        ("with pytest.raises(ValueError):\n    a = 1\n    b = 2\nc = 3\n", ["    a = 1\n    b = 2"]),
        ("with open(p) as f:\n    a = 1\n", []),
        ("@pytest.mark.skip\ndef test():\n    a = 1\n", ["    a = 1"]),
        ("@cached\ndef test():\n    a = 1\n", []),
    ],
)
def test_where_errors_are_expected(text: str, bodies: list[str]) -> None:
    assert [text[start:end] for start, end in expected_in(text)] == bodies
