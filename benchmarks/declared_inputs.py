"""Which share of the inputs declared on layers does kerasfix report? Held against an independent count.

    python benchmarks/declared_inputs.py CORPUS_OR_REPOSITORY...

`declared_sites` counts the calls of built-in layers that declare an input; `kerasfix check` runs over the
same files as a program of its own, and a site is reported when a finding starts inside its call (and inside
no smaller one). What is missed is listed with the most telling thing that the count knows about it, and so
are findings at no site: either the count is wrong there, or kerasfix is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import gates
import kerasfix_run
from corpus import python_files, repositories
from declared_sites import Site, Unreadable, sites

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerasfix_run import Finding

DECLARED = ("KFX1", "KFX204")
_SUPPRESSED = re.compile(r"#\s*(?:noqa\b(?!:(?!.*KFX))|kerasfix:\s*(?:ignore|skip-file))", re.IGNORECASE)


@dataclass(slots=True)
class Tally:
    """What was counted and what was reported, in one repository or in all."""

    files: int = 0
    sites: list[tuple[Path, Site]] = field(default_factory=list)
    missed: list[tuple[Path, Site, str]] = field(default_factory=list)
    extra: list[Finding] = field(default_factory=list)
    unreadable: list[tuple[Path, Unreadable]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Takes another tally into this one."""
        self.files += other.files
        self.sites += other.sites
        self.missed += other.missed
        self.extra += other.extra
        self.unreadable += other.unreadable
        self.findings += other.findings
        self.failures += other.failures
        self.cpu_seconds += other.cpu_seconds


def main(arguments: list[str] | None = None) -> int:
    """Prints the report; the exit code says whether the share asked for with `--at-least` was reached."""
    options = _parser().parse_args(arguments)
    total = Tally()
    every_file: list[Path] = []
    for repository in repositories(options.folders):
        files = python_files(repository)
        every_file += files
        tally = count(files)
        if not options.count_only:
            compare(tally, kerasfix_run.check(repository, "--select", ",".join(DECLARED)))
        total.add(tally)
        print(_line(repository.name, tally, counted_only=options.count_only), flush=True)
    print(_line("ALL", total, counted_only=options.count_only))
    root = Path(options.folders[0]).resolve()
    _print_counts(total, root, options.list)
    if options.count_only:
        return 0
    _print_comparison(total, root, options.list)
    print(f"\ngates: {gates.count(every_file, DECLARED)}; {total.cpu_seconds:.1f} CPU s")
    reported = len(total.sites) - len(total.missed)
    return int(reported < options.at_least / 100 * len(total.sites))


def count(files: Iterable[Path]) -> Tally:
    """The sites of these files, as `ast` alone sees them."""
    tally = Tally()
    for path in files:
        tally.files += 1
        found = sites(path.read_bytes())
        if isinstance(found, Unreadable):
            tally.unreadable.append((path, found))
        else:
            tally.sites += [(path, site) for site in found]
    return tally


def compare(tally: Tally, run: kerasfix_run.Run) -> None:
    """Notes in a tally what a run of kerasfix over the same files reported, missed and had beside."""
    tally.findings = run.findings
    tally.cpu_seconds = run.cpu_seconds
    if run.exit_code not in (0, 1, 2) or "Traceback" in run.errors or "not JSON" in run.errors:
        tally.failures.append(f"exit code {run.exit_code}: {run.errors.strip()[-400:]}")
    of_file: defaultdict[Path, list[Finding]] = defaultdict(list)
    for finding in run.findings:
        of_file[finding.path.resolve()].append(finding)
    reported: set[tuple[Path, Site]] = set()
    in_file: defaultdict[Path, list[Site]] = defaultdict(list)
    for path, site in tally.sites:
        in_file[path].append(site)
    for path in {*in_file, *(finding.path for finding in run.findings)}:
        for finding in of_file[path.resolve()]:
            if finding.code.startswith("KFX1"):
                around = innermost(finding, in_file.get(path, []))
                if around is None:
                    tally.extra.append(finding)
                else:
                    reported.add((path, around))
    tally.missed = [
        (path, site, _reason(path, site, of_file[path.resolve()]))
        for path, site in tally.sites
        if (path, site) not in reported
    ]


def innermost(finding: Finding, candidates: list[Site]) -> Site | None:
    """The smallest of the calls in which a finding starts: a layer in a wrapper is a call in a call."""
    around = [site for site in candidates if site.start <= finding.start < site.end]
    return max(around, key=lambda site: site.start, default=None)


def _reason(path: Path, site: Site, in_file: list[Finding]) -> str:
    """A guess at why a site is not reported, the most telling thing first."""
    codes = {finding.code for finding in in_file}
    if "KFX000" in codes:
        return "kerasfix could not parse the file"
    if "KFX999" in codes:
        return "kerasfix failed on the file"
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    if any(_SUPPRESSED.search(line) for line in lines[site.start[0] - 1 : site.end[0]]):
        return "suppressed by a comment"
    if site.remarks:
        return site.remarks[0]
    if site.through != "import":
        return f"the class is reached by {site.through}"
    return f"the layer is {site.context}" + ("" if codes else ", and nothing in its file is reported")


def _line(name: str, tally: Tally, *, counted_only: bool) -> str:
    line = f"{name[:60]:60} {tally.files:6} files {len(tally.sites):5} sites"
    if tally.unreadable:
        line += f" {len(tally.unreadable):4} unreadable"
    if counted_only:
        return line
    share = 100 * (1 - len(tally.missed) / len(tally.sites)) if tally.sites else 100
    line += f"  reported {share:6.2f}%  missed {len(tally.missed)}  extra {len(tally.extra)}"
    return line + (f"  FAILED: {'; '.join(tally.failures)}" if tally.failures else "")


def _print_counts(total: Tally, root: Path, limit: int) -> None:
    found = [site for _, site in total.sites]
    _print_counter("by argument", Counter(name for site in found for name in site.arguments))
    _print_counter("by layer", Counter(site.layer for site in found))
    _print_counter("class reached by", Counter(site.through for site in found))
    _print_counter("what happens to the layer", Counter(site.context for site in found))
    _print_counter("remarks", Counter(remark for site in found for remark in site.remarks))
    old = sum(problem.python2 for _, problem in total.unreadable)
    print(f"\nunreadable, though they have the words: {len(total.unreadable)}, {old} of them Python 2")
    for path, problem in total.unreadable[:limit]:
        print(f"  {_short(path, root)}: {problem.reason}")


def _print_comparison(total: Tally, root: Path, limit: int) -> None:
    _print_counter("findings by code", Counter(finding.code for finding in total.findings))
    failed = [finding for finding in total.findings if finding.code == "KFX999"]
    print(f"\ncrashes: {len(failed)} findings KFX999, {len(total.failures)} failed runs")
    for finding in failed[:limit]:
        print(f"  {_short(finding.path, root)}:{finding.start[0]}: {finding.message}")
    first = [finding for finding in total.findings if finding.code == "KFX101"]
    _print_counter("KFX101 by fix", Counter(finding.applicability or "none" for finding in first))
    _print_counter(
        "KFX101 without a safe fix, by reason",
        Counter(
            f"{finding.applicability or 'none'}: {general(finding.message)}"
            for finding in first
            if finding.applicability != "safe"
        ),
    )
    _print_counter("missed, by reason", Counter(reason for _, _, reason in total.missed))
    for path, site, reason in total.missed[:limit]:
        print(f"  {_short(path, root)}:{site.start[0]}: {site.layer}({', '.join(site.arguments)}): {reason}")
    _print_counter("extra findings (at no counted site)", Counter(finding.code for finding in total.extra))
    for finding in total.extra[:limit]:
        print(f"  {_short(finding.path, root)}:{finding.start[0]}: {finding.code} {finding.message}")


def general(message: str) -> str:
    """A message without what is special to one place, so that equal reasons count as one."""
    message = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "`…`", message)
    return re.sub(r"\d+", "N", message)


def _short(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(path)


def _print_counter(title: str, counter: Counter[str]) -> None:
    print(f"\n{title}:")
    for name, number in counter.most_common():
        print(f"  {number:6} {name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, help="repositories, or folders full of them")
    parser.add_argument("--count-only", action="store_true", help="do not run kerasfix")
    parser.add_argument("--list", type=int, default=40, metavar="N", help="places to list of each kind")
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT", help="exit 1 below this share")
    return parser


if __name__ == "__main__":
    sys.exit(main())
