"""The lines after the findings: how many there are, how many can be fixed, which were, and counts by rule."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from kerasfix.diagnostics import Applicability, allowed
from kerasfix.report.terminal import safe
from kerasfix.rules import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style


def counts(results: Sequence[FileResult], style: Style, no_praise: bool = False) -> str:
    """How many findings there are, and what `--fix` would do about them; `no_praise` if none left is no success."""
    remaining = sum(len(result.diagnostics) for result in results)
    fixed = sum(count for result in results for _, count in result.applied)
    if not remaining and not fixed:
        return "" if no_praise else style.paint("All checks passed!", fg="green") + "\n"
    said = f" ({fixed} fixed, {remaining} remaining)" if fixed else ""
    return f"Found {_errors(fixed + remaining)}{said}.\n{_fixable(results, style)}"


def would_fix(results: Sequence[FileResult]) -> str:
    """What `--diff` says after the diff."""
    return f"Would fix {_errors(sum(count for result in results for _, count in result.applied))}.\n"


def _errors(count: int) -> str:
    return f"{count} error{'' if count == 1 else 's'}"


def _fixable(results: Sequence[FileResult], style: Style) -> str:
    fixes = [diagnostic.fix for result in results for diagnostic in result.diagnostics if diagnostic.fix]
    open_to = sum(allowed(fix, style.unsafe_fixes) for fix in fixes)
    hidden = 0 if style.unsafe_fixes else sum(fix.applicability is Applicability.UNSAFE for fix in fixes)
    more = f"{hidden} hidden fix{'' if hidden == 1 else 'es'} can be enabled with the `--unsafe-fixes` option"
    mark = style.paint("*", fg="cyan")
    if open_to:
        return f"[{mark}] {open_to} fixable with the `--fix` option{f' ({more})' if hidden else ''}.\n"
    return f"No fixes available ({more}).\n" if hidden else ""


def fixes(results: Sequence[FileResult], style: Style) -> str:
    """What `--show-fixes` adds: the fixes that were made, by file and rule."""
    changed = [result for result in results if result.applied]
    if not changed:
        return ""
    total = sum(count for result in changed for _, count in result.applied)
    lines = [f"Fixed {_errors(total)}:"]
    for result in changed:
        lines.append(f"- {style.paint(safe(result.path), bold=True)}:")
        for code, count in result.applied:
            rule = registry.find(code)
            name = f" ({rule.name})" if rule is not None else ""
            lines.append(f"    {count} × {style.paint(code, fg='red', bold=True)}{name}")
    return "\n".join(lines) + "\n\n"


def verification(results: Sequence[FileResult]) -> str:
    """What `--verify` adds: each model that is not proven to be the same, with the reason, and a count of all."""
    from kerasfix.verify.verifier import Verdict, summary

    lines = []
    for path, found in ((result.path, found) for result in results for found in result.verification):
        if found.verdict in (Verdict.DIFFERENT, Verdict.NOT_VERIFIABLE):
            place = f"{path}:{found.place}"
            lines.append(safe(f"{place}: {found.model}: {found.verdict.value}: {found.reason}"))
        for title, outline in (("before", found.before), ("after", found.after)):
            if outline:
                lines += [f"  {title}:", *(f"    {safe(line)}" for line in outline.splitlines())]
    lines.append(summary([found for result in results for found in result.verification]))
    return "\n".join(lines) + "\n"


def statistics(results: Sequence[FileResult], style: Style, as_json: bool) -> str:
    """What `--statistics` shows in place of the findings: how many there are of each code, most of them
    first."""
    found = [diagnostic for result in results for diagnostic in result.diagnostics]
    numbers = Counter(diagnostic.code for diagnostic in found)
    names = {diagnostic.code: diagnostic.name for diagnostic in found}
    fixable = Counter(diagnostic.code for diagnostic in found if allowed(diagnostic.fix, style.unsafe_fixes))
    order = sorted(numbers, key=lambda code: (-numbers[code], code))
    if as_json:
        records = [
            {"code": code, "name": names[code], "count": numbers[code], "fixable": fixable[code]} for code in order
        ]
        return json.dumps(records, indent=2) + "\n"
    digits = max((len(str(number)) for number in numbers.values()), default=0)
    return "".join(
        f"{numbers[code]:{digits}}\t{style.paint(code, fg='red', bold=True)}\t"
        f"{'[*]' if fixable[code] else '[ ]'} {names[code]}\n"
        for code in order
    )
