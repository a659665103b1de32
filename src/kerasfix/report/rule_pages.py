"""What `kerasfix rule` shows of a rule: its documentation, as text or as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kerasfix.config import did_you_mean
from kerasfix.rules import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.rules.registry import Rule

_FIXES = {
    "always": "A fix is always available.",
    "sometimes": "A fix is sometimes available.",
    "never": "",
}


def as_text(rules: Sequence[Rule]) -> str:
    """The pages of these rules, one after the other, in Markdown."""
    return "\n\n\n".join(_page(rule) for rule in rules)


def as_json(rules: Sequence[Rule], single: bool) -> str:
    """The rules as data: one object, or a list of them."""
    records = [_record(rule) for rule in rules]
    return json.dumps(records[0] if single else records, indent=2)


def unknown(code: str) -> str:
    """What to say of a code that is no rule's."""
    names = [name for rule in registry.every_code() for name in (rule.code, rule.name)]
    near = did_you_mean(code.upper(), names) or did_you_mean(code.lower(), names)
    return f"unknown rule {code!r}{near}"


def _page(rule: Rule) -> str:
    state = "" if rule.default else "Off by default; select it by its code."
    notes = " ".join(filter(None, [_FIXES[rule.fixable], state]))
    return "\n\n".join(filter(None, [f"# {rule.name} ({rule.code})", notes, rule.documentation.strip()]))


def _record(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "default": rule.default,
        "fix": rule.fixable,
        "explanation": rule.documentation,
    }
