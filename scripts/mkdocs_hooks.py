"""What `mkdocs build` adds to docs/: pages and passages that are made of the code, so that none can fall behind it.

A line `{{ NAME ARGUMENTS }}` of a page is replaced by what `DIRECTIVES` says. A `console` block holds commands only;
they are run where the titled blocks of the page are files, and what they print is put below them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections import defaultdict
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from markdown.extensions.toc import slugify
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from kerasfix.config import KEYS, Settings
from kerasfix.report.rule_pages import as_text
from kerasfix.rules import registry
from kerasfix.rules.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from kerasfix.rules.registry import Rule

ROOT = Path(__file__).parent.parent
DIRECTIVE = re.compile(r"^\{\{ (\w+)(?: (.+))? \}\}$", re.MULTILINE)
TITLED = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
SESSION = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(rf"{FENCED.pattern}|^(#+) ([^\n]+)$", re.MULTILINE | re.DOTALL)
QUOTATION = re.compile(r"(?:^    \S.*\n)+", re.MULTILINE)
CODE = re.compile(
    rf"{FENCED.pattern}|(`+).+?(?<!`)\1(?!`)|^    .+?$|^#.*?$|\]\([^)]*\)|(KFX\d{{3}})", re.MULTILINE | re.DOTALL
)
"""A code in running text (the second group), or what is not running text."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the pages of the rules into the navigation."""
    (rules,) = [entry["Rules"] for entry in config.nav or [] if "Rules" in entry]
    rules.extend({f"{rule.code} {rule.name}": address(rule)} for rule in registry.every_code())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of the rules: what `kerasfix rule` shows, with its sections below the page's heading."""
    for rule in registry.every_code():
        page = HEADING.sub(lambda match: f"#{match[0]}" if match[1] else match[0], as_text([rule]))
        files.append(File.generated(config, address(rule), content=page.removeprefix("#")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its sessions run, its directives carried out and every code a link to its rule."""
    markdown = with_output(markdown)
    markdown = DIRECTIVE.sub(lambda match: DIRECTIVES[match[1]](*(match[2].split(": ") if match[2] else ())), markdown)
    below = "" if page.file.src_uri.startswith("rules/") else "rules/"
    return CODE.sub(lambda match: f"[{match[2]}]({below}{match[2]}.md)" if match[2] else match[0], markdown)


def address(rule: Rule) -> str:
    """Where the page of a rule is in docs/."""
    return f"rules/{rule.code}.md"


def with_output(markdown: str) -> str:
    """The page with the output of every command in its `console` blocks.

    Raises:
        PluginError: a command could not do its work.
    """
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with TemporaryDirectory() as directory:
        for name, text in TITLED.findall(markdown):
            (Path(directory) / name).write_text(text, encoding="utf-8")

        def run(command: str) -> str:
            done = subprocess.run(
                command.removeprefix("$ "),
                shell=True,
                cwd=directory,
                env={**os.environ, "PATH": scripts},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode not in (0, 1):
                raise PluginError(f"{command}: {done.stdout}")
            return f"{command}\n{done.stdout}"

        return SESSION.sub(lambda match: f"```console\n{''.join(map(run, match[1].splitlines()))}```", markdown)


def readme(name: str) -> str:
    """A section of the README, up to the next heading; its links to other sections lead to the pages that have them.

    Raises:
        PluginError: there is no such section, or no page has a section that it links to.
    """
    if name not in _sections():
        raise PluginError(f"README.md has no section {name!r}")

    def link(match: re.Match[str]) -> str:
        if match[1] not in _places():
            raise PluginError(f"README.md, {name}: no page has the section #{match[1]}")
        return f"]({_places()[match[1]]}#{match[1]})"

    return f"## {name}\n\n{re.sub(r'[]][(]#([^)]+)[)]', link, _sections()[name])}"


@cache
def _sections() -> dict[str, str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    headings = [match for match in HEADING.finditer(text) if match[1]]
    ends = [match.start() for match in headings[1:]] + [len(text)]
    return {match[2]: text[match.end() : end].strip() for match, end in zip(headings, ends, strict=True)}


@cache
def _places() -> dict[str, str]:
    """The page of each section of the README that a page takes."""
    return {
        slugify(match[2], "-"): path.name
        for path in sorted((ROOT / "docs").glob("*.md"))
        for match in DIRECTIVE.finditer(path.read_text(encoding="utf-8"))
        if match[1] == "readme"
    }


def quotations(rule: Rule) -> list[str]:
    """The messages of Keras that a rule's page quotes, each on one line; a test has Keras give every one of them."""
    return [" ".join(match[0].split()) for match in QUOTATION.finditer(FENCED.sub("", rule.documentation))]


def message(code: str, beginning: str) -> str:
    """The one message on the page of a rule that begins like this, as a block.

    Raises:
        PluginError: there is none, or more than one.
    """
    found = [text for rule in registry.rules() if rule.code == code for text in quotations(rule)]
    match [text for text in found if text.startswith(beginning)]:
        case [text]:
            return f"```text\n{textwrap.fill(text, 78)}\n```"
    raise PluginError(f"{code} does not quote one message that begins with {beginning!r}: {found}")


def messages() -> str:
    """Every message that a rule's page quotes, by its kind, each with the rules that quote it or its like."""
    quoted = sorted({(text, rule.code) for rule in registry.every_code() for text in quotations(rule)})
    summaries = {rule.code: rule.summary for rule in registry.every_code()}
    kinds: dict[str, list[str]] = defaultdict(list)
    for text in sorted({text for text, _ in quoted}):
        if any(other.startswith(text) and other != text for other, _ in quoted):
            continue  # the beginning of another one
        kind, _, words = text.partition(": ")
        kinds[kind].append(f"- {_code_span(words)}")
        leads = {code for other, code in quoted if _form(text).startswith(_form(other))}
        kinds[kind].extend(f"    - [{code}](rules/{code}.md): {summaries[code]}" for code in sorted(leads))
    return "\n\n".join(f"## {kind}\n\n" + "\n".join(lines) for kind, lines in kinds.items())


def _form(text: str) -> str:
    """A message without what differs from program to program: layers, shapes and numbers."""
    return re.sub(r"passed to \w+|\"\w+\"|\([^()]*\)|\d+", "", text)


def _code_span(text: str) -> str:
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks} {text} {ticks}"


def configuration() -> str:
    """Every key of `[tool.kerasfix]`."""
    sections = [
        f"## {key}\n\n{entry.effect}\n\n- Value: {entry.kind}\n- Default: {_default(key)}"
        for key, entry in KEYS.items()
    ]
    return "\n\n".join(sections)


def _default(key: str) -> str:
    field = key.replace("-", "_")
    value = getattr(Settings(), field) if hasattr(Settings(), field) else getattr(Selection(), field)
    if value is None:
        return "none"
    if isinstance(value, Enum):
        value = value.value
    return f"`{json.dumps(dict(value) if key == 'per-file-ignores' else value)}`"


def rules() -> str:
    """The table of the rules."""
    fixes = {"always": "always", "sometimes": "sometimes", "never": "no"}
    rows = [
        f"| {rule.code} | {rule.name} | {rule.summary}{'' if rule.default else ' (off by default)'} "
        f"| {fixes[rule.fixable]} |"
        for rule in registry.every_code()
    ]
    return "\n".join(["| code | name | what it finds | fix |", "|---|---|---|---|", *rows])


DIRECTIVES: dict[str, Callable[..., str]] = {
    "configuration": configuration,
    "message": message,
    "messages": messages,
    "readme": readme,
    "rules": rules,
}
"""What a line of a page may ask for; arguments have `: ` between them."""
