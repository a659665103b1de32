"""Text that is fit for a terminal: nothing in a path or a line of source can move the cursor or hide other
text."""

from __future__ import annotations

import unicodedata

TAB = 4
_PICTURES = 0x2400
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset({"\u200d", "\ufe0f"})
"""Format characters that belong to ordinary text (emoji)."""


def safe(text: str) -> str:
    """The text with every control and direction character made visible; tabs stay."""
    return "".join(character if character == "\t" else _visible(character) for character in text)


def columns(text: str) -> str:
    """The text as it fills a terminal's columns: safe, and with its tabs as spaces."""
    shown = ""
    filled = 0
    for character in text:
        part = " " * (TAB - filled % TAB) if character == "\t" else _visible(character)
        shown += part
        filled += width(part)
    return shown


def width(text: str) -> int:
    """How many columns of a terminal a text without tabs takes."""
    return sum(_width(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN or character in _JOINERS:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(_PICTURES + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
