"""Runs the installed `kerasfix check` as its users do, and reads what it says."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AS_IT_IS = ("--isolated", "--no-cache", "--no-respect-gitignore", "--exclude", ".git")
"""A corpus is not a project: no configuration and no ignore file in it counts, no folder is left out. Every run is a
first one, and leaves no cache behind."""

TIME_LIMIT = 600
"""Seconds for one repository; one that takes longer counts as failed."""

TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding as the JSON report has it; places are 1-based, in characters."""

    code: str
    message: str
    path: Path
    start: tuple[int, int]
    end: tuple[int, int]
    applicability: str | None
    fix_message: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what it found, how it ended, and what it cost."""

    findings: list[Finding]
    exit_code: int
    errors: str
    cpu_seconds: float


def check(folder: Path, *options: str) -> Run:
    """`kerasfix check` over a folder, from within it."""
    command = [str(_executable()), "check", ".", "--output-format", "json", *AS_IT_IS, *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return Run([], TIMED_OUT, f"no end after {TIME_LIMIT} s", float(TIME_LIMIT))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    errors = done.stderr.decode("utf-8", "replace")
    try:
        report = json.loads(done.stdout or b"[]")
    except json.JSONDecodeError as error:
        report, errors = [], f"{errors}\nthe report is not JSON: {error}"
    records = report["diagnostics"] if isinstance(report, dict) else report
    return Run([_finding(record, folder) for record in records], done.returncode, errors, cpu)


def _executable() -> Path:
    beside = Path(sys.executable).with_name("kerasfix")
    return beside if beside.exists() else Path("kerasfix")


def _finding(record: dict[str, Any], folder: Path) -> Finding:
    fix = record["fix"] or {}
    return Finding(
        record["code"],
        record["message"],
        folder / record["filename"],
        (record["location"]["row"], record["location"]["column"]),
        (record["end_location"]["row"], record["end_location"]["column"]),
        fix.get("applicability"),
        fix.get("message") or "",
    )
