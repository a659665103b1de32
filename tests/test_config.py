from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kerasfix.config import KEYS, ConfigError, Settings, load_settings
from kerasfix.rules.selection import Selection
from kerasfix.target import InputStyle, Target, TargetKeras


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(text: str, name: str = "pyproject.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


EXAMPLES: dict[str, tuple[str, str, Any]] = {
    "select": ('["KFX9", "syntax-error"]', "selections", (Selection(select=("KFX9", "KFX000")),)),
    "ignore": ('["kfx999"]', "selections", (Selection(ignore=("KFX999",)),)),
    "extend-select": ('["KFX900"]', "selections", (Selection(extend_select=("KFX900",)),)),
    "per-file-ignores": ('{"tests/*" = ["KFX9"]}', "per_file_ignores", (("tests/*", ("KFX9",)),)),
    "target": ('"keras3"', "target", TargetKeras.KERAS3),
    "input-style": ('"InputLayer"', "input_style", InputStyle.INPUT_LAYER),
    "exclude": ('["legacy"]', "exclude", ("legacy",)),
    "extend-exclude": ('["legacy"]', "extend_exclude", ("legacy",)),
    "force-exclude": ("true", "force_exclude", True),
    "respect-gitignore": ("false", "respect_gitignore", False),
    "unsafe-fixes": ("true", "unsafe_fixes", True),
    "show-fixes": ("true", "show_fixes", True),
    "output-format": ('"json"', "output_format", "json"),
    "baseline": ('"known.json"', "baseline", Path("known.json")),
}


def test_every_key_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_changes_the_settings(key: str) -> None:
    value, field, expected = EXAMPLES[key]
    configure(f"[tool.kerasfix]\n{key} = {value}\n")
    settings = load_settings(Path())
    assert getattr(settings, field) == expected
    assert getattr(Settings(), field) != expected


@pytest.mark.parametrize("key", KEYS)
def test_every_key_refuses_what_it_cannot_mean(key: str) -> None:
    configure(f"[tool.kerasfix]\n{key} = 3\n")
    with pytest.raises(ConfigError, match=rf"^pyproject.toml: tool.kerasfix.{key}: expected .*3.*$"):
        load_settings(Path())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.kerasfix]\nselct = []", "tool.kerasfix.selct: unknown key; did you mean 'select'?"),
        ("[tool.kerasfix]\nzzz = []", "tool.kerasfix.zzz: unknown key"),
        ("[tool.kerasfix]\nselect = ['KFX99x']", "tool.kerasfix.select: unknown rule 'KFX99x'; did you mean"),
        (
            "[tool.kerasfix]\nselect = [3]",
            "tool.kerasfix.select: expected a list of strings, found [3] (list)",
        ),
        (
            "[tool.kerasfix.per-file-ignores]\n'a' = 'KFX1'",
            "tool.kerasfix.per-file-ignores: expected a list of strings, found 'KFX1' (str)",
        ),
        ("[tool.kerasfix]\ntarget = 'keras4'", "expected one of 'both', 'keras2', 'keras3', found 'keras4'"),
        ("[tool]\nkerasfix = 3", "tool.kerasfix: expected a table"),
        ("[tool.kerasfix\n", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_in_one_line(text: str, message: str) -> None:
    configure(text)
    with pytest.raises(ConfigError, match="^pyproject.toml: " + ".*" + re.escape(message)) as caught:
        load_settings(Path())
    assert "\n" not in str(caught.value)


def test_the_nearest_file_with_a_table_is_used(project: Path) -> None:
    configure("[tool.kerasfix]\ntarget = 'keras3'\n")
    configure("[tool.black]\n", "pkg/pyproject.toml")
    Path("pkg/deep").mkdir()
    settings = load_settings(Path("pkg/deep"))
    assert (settings.target, settings.root, settings.source) == (
        TargetKeras.KERAS3,
        project,
        Path("pyproject.toml"),
    )
    configure("[tool.kerasfix]\n", "pkg/pyproject.toml")
    assert load_settings(Path("pkg/deep")).target is TargetKeras.BOTH


def test_a_named_file_is_used_in_its_place(project: Path) -> None:
    configure("[tool.kerasfix]\ntarget = 'keras3'\n")
    named = configure("[tool.kerasfix]\ntarget = 'keras2'\n", "conf/kerasfix.toml")
    settings = load_settings(Path(), config=named)
    assert (settings.target, settings.root) == (TargetKeras.KERAS2, project)
    with pytest.raises(ConfigError, match=r"^missing.toml: no such file or directory$"):
        load_settings(Path(), config=Path("missing.toml"))
    with pytest.raises(ConfigError, match=r"there is no \[tool.kerasfix\]"):
        load_settings(Path(), config=configure("", "empty.toml"))


def test_isolated_reads_nothing() -> None:
    configure("[project]\ndependencies = ['keras>=3']\n[tool.kerasfix]\nunsafe-fixes = true\n")
    settings = load_settings(Path(), isolated=True)
    assert (settings.target, settings.unsafe_fixes) == (TargetKeras.BOTH, False)


def test_the_target_is_what_the_project_depends_on_unless_it_is_set() -> None:
    configure("[project]\ndependencies = ['keras>=3']\n[tool.kerasfix]\n")
    settings = load_settings(Path())
    assert (settings.target, settings.target_reason) == (TargetKeras.KERAS3, "pyproject.toml: keras>=3")
    configure("[project]\ndependencies = ['keras>=3']\n[tool.kerasfix]\ntarget = 'both'\n")
    assert load_settings(Path()).target is TargetKeras.BOTH


def test_what_rules_see_of_the_target() -> None:
    assert Settings().rule_target == Target(keras2=True, keras3=True, input_style="Input")
    only_3 = Settings(target=TargetKeras.KERAS3, input_style=InputStyle.INPUT_LAYER)
    assert only_3.rule_target == Target(keras2=False, keras3=True, input_style="InputLayer")
    assert Target.of(TargetKeras.KERAS2) == Target(keras2=True, keras3=False)
