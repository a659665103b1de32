"""The settings of a run: `[tool.kerasfix]` of pyproject.toml, under what the command line says.

Every key is checked for its name and its type, and every code for being one, because an option that is passed
over in silence is one that its user believes in.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasfix import requirements
from kerasfix.rules import selection
from kerasfix.rules.selection import Selection
from kerasfix.source.document import SourceError, read_bytes
from kerasfix.source.patterns import Patterns, is_pattern
from kerasfix.target import InputStyle, Target, TargetKeras

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kerasfix.baseline import Baseline

DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)

OUTPUT_FORMATS = (
    "full",
    "concise",
    "grouped",
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "junit",
)


class ConfigError(Exception):
    """A setting that cannot be used; the text is one line and names the file and the key."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked to do. Paths in patterns are relative to `root`."""

    root: Path = field(default_factory=Path.cwd)
    selections: tuple[Selection, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    target: TargetKeras = TargetKeras.BOTH
    target_reason: str = "the default"
    input_style: InputStyle = InputStyle.INPUT
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    unsafe_fixes: bool = False
    show_fixes: bool = False
    output_format: str = "full"
    baseline: Path | None = None
    """The file of the findings that are known, relative to `root`."""
    known: Baseline | None = None
    """What that file holds, once it is read (`kerasfix.baseline.with_known`)."""
    source: Path | None = None
    """The file that the settings were read from."""

    @property
    def rule_target(self) -> Target:
        """The target as rules see it."""
        return Target.of(self.target, self.input_style)

    def codes_for(self, path: str) -> frozenset[str]:
        """The codes that are on for a file, `per_file_ignores` left out."""
        codes = _enabled(self.selections)
        for pattern, ignored in self.per_file_ignores:
            if _matches_file(pattern, path, self.root):
                codes -= {code for code in codes for selector in ignored if selection.matches(selector, code)}
        return codes


_enabled = functools.lru_cache(maxsize=8)(selection.enabled)


def _matches_file(pattern: str, path: str, root: Path) -> bool:
    negated = pattern.startswith("!")
    return _patterns(pattern.removeprefix("!"), root).match(Path(path)) is not negated


@functools.lru_cache(maxsize=256)
def _patterns(pattern: str, root: Path) -> Patterns:
    return Patterns((pattern,), root)


def load_settings(start: Path, config: Path | None = None, isolated: bool = False) -> Settings:
    """The settings of the project that `start` (a directory) belongs to, or those in the file `config`.

    The nearest pyproject.toml with a `[tool.kerasfix]`, from `start` upwards, is used. `isolated` reads no
    file.

    Raises:
        ConfigError: a file that cannot be read, is not TOML, or holds a key or value that makes no sense.
    """
    start = start.resolve()
    if isolated:
        return Settings(root=start)
    found = _read(config) if config is not None else _nearest(start)
    if found is None:
        settings = Settings(root=start)
    else:
        path, table = found
        root = path.resolve().parent if config is None else Path.cwd()
        settings = replace(parse_settings(table, path), root=root, source=path)
        if "target" in table:
            return replace(settings, target_reason=f"{path}: tool.kerasfix.target")
    try:
        target, reason = requirements.stated_target(start)
    except OSError as error:
        raise ConfigError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error
    except SourceError as error:
        raise ConfigError(str(error)) from error
    return replace(settings, target=target, target_reason=reason)


def parse_settings(table: Mapping[str, Any], path: Path) -> Settings:
    """The settings that a `[tool.kerasfix]` table of the file `path` holds.

    Raises:
        ConfigError: an unknown key, a value of the wrong type, or an unknown code.
    """
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            raise ConfigError(f"{path}: tool.kerasfix.{key}: unknown key{did_you_mean(key, KEYS)}")
        try:
            values[key.replace("-", "_")] = KEYS[key].read(value)
        except ValueError as error:
            raise ConfigError(f"{path}: tool.kerasfix.{key}: {error}") from error
    chosen = Selection(
        select=values.pop("select", None),
        ignore=values.pop("ignore", ()),
        extend_select=values.pop("extend_select", ()),
    )
    return Settings(selections=(chosen,), **values)


def parse_codes(selectors: tuple[str, ...]) -> tuple[str, ...]:
    """Codes, prefixes, rule names and ALL in their usual form.

    Raises:
        ValueError: one of them names no rule.
    """
    codes = []
    for selector in selectors:
        code = selection.normalise(selector)
        if code is None:
            known = selection.known()
            raise ValueError(f"unknown rule {selector!r}{did_you_mean(selector.strip().upper(), known)}")
        codes.append(code)
    return tuple(codes)


def did_you_mean(word: str, known: Any) -> str:
    """A hint for the end of an error message, empty where nothing is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _nearest(start: Path) -> tuple[Path, Mapping[str, Any]] | None:
    for directory in (start, *start.parents):
        path = directory / "pyproject.toml"
        if path.is_file():
            shown = Path(os.path.relpath(path))
            table = _table(shown)
            if table is not None:
                return shown, table
    return None


def _read(config: Path) -> tuple[Path, Mapping[str, Any]]:
    table = _table(config)
    if table is None:
        raise ConfigError(f"{config}: there is no [tool.kerasfix] in this file")
    return config, table


def _table(path: Path) -> Mapping[str, Any] | None:
    table = read_toml(path).get("tool", {})
    found = table.get("kerasfix") if isinstance(table, dict) else None
    if found is not None and not isinstance(found, dict):
        raise ConfigError(f"{path}: tool.kerasfix: expected a table")
    return found


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        ConfigError: it cannot be read or is not TOML.
    """
    from kerasfix import toml

    try:
        return toml.loads(read_bytes(path).decode("utf-8"))
    except SourceError as error:
        raise ConfigError(f"{path}: {error}") from error
    except (toml.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"expected a list of strings, found {_kind(value)}")
    return tuple(value)


def _valid_patterns(value: object) -> tuple[str, ...]:
    patterns = _strings(value)
    if wrong := [pattern for pattern in patterns if not is_pattern(pattern)]:
        raise ValueError(f"{wrong[0]!r} is no pattern")
    return patterns


def _codes(value: object) -> tuple[str, ...]:
    return parse_codes(_strings(value))


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {_kind(value)}")
    return value


def _file(value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected the name of a file, found {_kind(value)}")
    return Path(value)


def _choice(value: object, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        expected = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"expected one of {expected}, found {value!r}")
    return value


def _per_file(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a table from patterns to lists of codes, found {_kind(value)}")
    return tuple((pattern, _codes(codes)) for pattern, codes in value.items())


def _kind(value: object) -> str:
    return f"{value!r} ({type(value).__name__})"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of `[tool.kerasfix]`. The documentation's reference is made of `kind` and `effect`, in Markdown."""

    kind: str
    """What the value may be."""
    effect: str
    read: Callable[[object], Any]
    """Gives the value as `Settings` or `Selection` hold it; raises ValueError where it makes no sense."""


def _key_of_choices(choices: tuple[str, ...], effect: str, make: Callable[[str], Any] = str) -> Key:
    *most, last = (f'`"{choice}"`' for choice in choices)
    return Key(f"{', '.join(most)} or {last}", effect, lambda value: make(_choice(value, choices)))


KEYS: dict[str, Key] = {
    "select": Key(
        "list of codes, prefixes, names or `ALL`",
        "The rules to use, in place of those that are on by default.",
        _codes,
    ),
    "ignore": Key(
        "list of the same",
        "Rules not to use. Where several selectors name a rule, here or in `select`, the longest one decides.",
        _codes,
    ),
    "extend-select": Key("list of the same", "Rules to use beside the selected ones.", _codes),
    "per-file-ignores": Key(
        "table of pattern to list of the same",
        "Rules not to use in the files that a pattern names; `!` before the pattern turns it round.",
        _per_file,
    ),
    "target": _key_of_choices(
        tuple(keras.value for keras in TargetKeras),
        "The Keras that fixed code must run on. Without this key, the dependencies that the project states in "
        "`pyproject.toml`, `setup.cfg` and `requirements*.txt` decide: `keras>=3` and `tensorflow>=2.16` say Keras 3; "
        "`keras<3`, `tensorflow<2.16` and `tf-keras` say Keras 2. A project that says neither, or both, is meant for "
        "both. `kerasfix check -v` tells which target holds and why.",
        TargetKeras,
    ),
    "input-style": _key_of_choices(
        tuple(style.value for style in InputStyle),
        "What a fix writes: `Input(shape=...)`, or `InputLayer(...)` with positional arguments, the form that Keras "
        "2.3 and older need in a `Sequential`.",
        InputStyle,
    ),
    "exclude": Key("list of patterns", "What to leave out, in place of the default.", _valid_patterns),
    "extend-exclude": Key("list of patterns", "What to leave out beside that.", _valid_patterns),
    "force-exclude": Key("boolean", "Leave excluded files out even if the command line names them.", _bool),
    "respect-gitignore": Key("boolean", "Leave out what `.gitignore` names.", _bool),
    "unsafe-fixes": Key("boolean", "Take unsafe fixes too: `--fix` writes them, `--diff` shows them.", _bool),
    "show-fixes": Key("boolean", "List the fixes that were made.", _bool),
    "output-format": _key_of_choices(OUTPUT_FORMATS, "The form of the report."),
    "baseline": Key(
        "name of a file, relative to the directory of `pyproject.toml`",
        "The file of findings that are known and not to be reported, for the flake8 plugin too.",
        _file,
    ),
}
"""The keys of `[tool.kerasfix]`."""
