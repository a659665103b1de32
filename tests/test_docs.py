"""The site builds without a warning, and what it says of Keras and of kerasfix is what they say."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from oracle import records

import kerasfix
from kerasfix.cli import main
from kerasfix.config import KEYS, Settings, load_settings
from kerasfix.rules import registry
from kerasfix.rules.selection import Selection

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
RULES = {rule.code: rule for rule in registry.every_code()}
FENCED = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTATION = re.compile(r"(?:^    \S.*\n)+", re.MULTILINE)
IMPORTS = """\
import keras
import numpy as np
from keras import Input, Sequential
from keras.layers import LSTM, Bidirectional, Conv1D, Conv2D, Dense, Embedding, Flatten, InputLayer, SpatialDropout1D
from keras.layers import TimeDistributed

"""


class Page(HTMLParser):
    """What a page of the site holds: its text, ids, links, and what it has the browser load."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = ""
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values["id"]} if "id" in values else set()
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        else:
            self.loaded += [values[name] for name in ("href", "src") if name in values]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path.parent: Page(path) for path in site.rglob("index.html")}


def test_every_rule_has_its_page(site: Path, pages: dict[Path, Page]) -> None:
    for code, rule in RULES.items():
        page = pages[site / "rules" / code]
        assert f"{rule.name} ({code})" in page.text
        assert {"what-it-does", "why-is-this-bad"} <= page.ids
        assert f"{code}/" in pages[site / "rules"].links


def test_every_link_leads_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 1000
    for place, page in pages.items():
        for link in page.links:
            address, _, anchor = link.partition("#")
            target = (place / address).resolve()
            assert target in pages, (place, link)
            assert not anchor or anchor in pages[target].ids, (place, link)


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    for place, page in pages.items():
        assert page.loaded
        for address in page.loaded:
            assert (place / address.partition("?")[0]).exists(), (place, address)


def test_no_committed_file_names_a_host() -> None:
    for path in (ROOT / "mkdocs.yml", ROOT / "scripts/mkdocs_hooks.py", *DOCS.rglob("*.*")):
        assert "://" not in path.read_text(encoding="utf-8").replace("file://", ""), path


@pytest.mark.parametrize(
    "code", [code for code in RULES if QUOTATION.search(FENCED.sub("", RULES[code].documentation))]
)
def test_every_quoted_message_leads_to_its_rule(code: str, built_messages: dict[str, set[str]]) -> None:
    for quotation in QUOTATION.findall(FENCED.sub("", RULES[code].documentation)):
        _, _, words = " ".join(quotation.split()).partition(": ")
        leads = [codes for shown, codes in built_messages.items() if shown.startswith(words)]
        assert leads
        assert all(code in codes for codes in leads), words


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Do not pass an `input_shape`/`input_dim` argument to a layer", "KFX101"),
        ("Unrecognized keyword arguments passed to LSTM: {'batch_input_shape'", "KFX101"),
        ("Unrecognized keyword arguments passed to Dense: {'batch_input_shape'", "KFX101"),
        ("Cannot convert '784' to a shape", "KFX204"),
    ],
)
def test_the_messages_that_people_search_for(message: str, code: str, built_messages: dict[str, set[str]]) -> None:
    (codes,) = [codes for shown, codes in built_messages.items() if shown.startswith(message)]
    assert code in codes


@pytest.fixture(scope="module")
def built_messages(site: Path) -> dict[str, set[str]]:
    """The messages on their page, each with the codes that are links below it."""
    article = (site / "messages/index.html").read_text(encoding="utf-8").partition("<h2")[2]
    entries = re.findall(r"<li><code>(.*?)</code>(.*?)</ul>", article, re.DOTALL)
    return {
        html.unescape(message): set(re.findall(r'<a href="\.\./rules/(KFX\d{3})/">\1</a>', leads))
        for message, leads in entries
    }


def test_every_key_is_in_the_reference(site: Path, pages: dict[Path, Page]) -> None:
    page = pages[site / "configuration"]
    assert set(KEYS) <= page.ids
    assert [page.text.count(words) for words in ("Value: ", "Default: ")] == [len(KEYS)] * 2
    for key in KEYS.values():
        assert " ".join(re.sub("`", "", key.effect).split()) in page.text


def test_the_configuration_loads(tmp_path: Path) -> None:
    ((_, block),) = FENCED.findall((DOCS / "configuration.md").read_text(encoding="utf-8"))
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    settings = load_settings(tmp_path)
    assert settings.target.value == "keras3"
    assert "KFX110" in settings.codes_for(str(tmp_path / "model.py"))


def test_every_command_can_be_read() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))
    commands = re.findall(r"kerasfix ((?:check|models|rule)[^`\n#]*)", text)
    assert len(commands) > 10
    for command in commands:
        name, *arguments = shlex.split(
            command.replace("CODE", "KFX101").replace("models.py", "").replace("model.py", "")
        )
        main.commands[name].make_context(name, arguments)


def test_the_recipes_are_yaml() -> None:
    recipes = [
        yaml.safe_load(text)
        for language, text in FENCED.findall((DOCS / "editors-and-ci.md").read_text(encoding="utf-8"))
        if language == "yaml"
    ]
    assert len(recipes) == 3
    assert all(recipes)


class TestTutorial:
    PROGRAM = FENCED.search((DOCS / "tutorial.md").read_text(encoding="utf-8"))[2]  # type: ignore[index]

    def test_it_tells_of_every_finding(self) -> None:
        assert [found.code for found in kerasfix.check(self.PROGRAM)] == ["KFX101", "KFX103", "KFX101"]

    def test_the_last_program_is_what_a_reader_gets(self, site: Path, pages: dict[Path, Page]) -> None:
        fixed = kerasfix.fix(self.PROGRAM, settings=Settings(unsafe_fixes=True)).text
        assert kerasfix.check(fixed) == []
        assert f"$ cat models.py\n{fixed}" in pages[site / "tutorial"].text

    @pytest.mark.keras
    def test_keras_3_says_what_is_told(self) -> None:
        quoted = {"UserWarning: Do not pass an `input_shape`/`input_dim`", "ValueError: Unrecognized keyword arguments"}
        (scope,) = records(self.PROGRAM)["keras3"]["scopes"]
        said = [f"UserWarning: {text}" for text in scope["warnings"]] + [
            re.sub(r"\x1b\[\d+m", "", scope["error"] or "")
        ]
        assert all(any(text.startswith(words) for text in said) for words in quoted), said
        fixed = kerasfix.fix(self.PROGRAM, settings=Settings(unsafe_fixes=True)).text
        for keras, program in records(fixed).items():
            (scope,) = program["scopes"]
            assert (scope["error"], scope["warnings"]) == (None, []), keras
            assert [model["built"] for model in scope["models"]] == [True, True]


def forms() -> list[tuple[str, str, str, str]]:
    """The rows of the tables of forms: a program, what Keras 2 and Keras 3 make of it, and the rules."""
    _, *parts = re.split("^## (.+)$", (DOCS / "coverage.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = []
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        frame = "Sequential([{}, Dense(1)])" if "first layer" in heading else "{}"
        for form, *cells in re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE):
            rows.append((f"{IMPORTS}model = {frame.format(form)}\n", *cells))
    return rows


FORMS = [pytest.param(*row, id=row[0].splitlines()[-1].removeprefix("model = ")) for row in forms()]


def test_the_tables_have_every_argument() -> None:
    programs = "\n".join(row[0] for row in forms())
    assert len(forms()) > 40
    assert all(f"{keyword}=" in programs for keyword in registry.INPUT_KEYWORDS)


@pytest.mark.parametrize(("program", "keras2", "keras3", "codes"), FORMS)
def test_a_form_is_reported_as_the_table_says(program: str, keras2: str, keras3: str, codes: str) -> None:
    told = set(re.findall(r"KFX\d{3}", codes))
    off = tuple(code for code in told if not RULES[code].default)
    assert bool(off) is ("off by default" in codes)
    settings = Settings(selections=(Selection(extend_select=off),))
    assert {found.code for found in kerasfix.check(program, settings=settings)} == told
    assert bool(told) is not codes.startswith("none")


@pytest.mark.keras
@pytest.mark.parametrize(("program", "keras2", "keras3", "codes"), FORMS)
def test_keras_does_with_a_form_what_the_table_says(program: str, keras2: str, keras3: str, codes: str) -> None:
    record = records(program)
    for cell, keras in ((keras2, record["keras2"]), (keras3, record["keras3"])):
        now, _, _ = cell.partition(";")  # what stands behind it is of other releases, or says more
        (scope,) = keras["scopes"]
        assert now.startswith(("works", "warns", "refused", "ignored", "not built"))
        assert (scope["error"] is not None) is now.startswith("refused"), scope["error"]
        if scope["error"] is None:
            assert bool(scope["warnings"]) is now.startswith("warns"), scope["warnings"]
            assert all(model["built"] for model in scope["models"]) is ("not built" not in now)
