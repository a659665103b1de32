"""The command line: what its options are, and what each of them is called in the settings.

`checking` does the work; nothing here knows what a finding is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kerasfix.config import OUTPUT_FORMATS, ConfigError, parse_codes
from kerasfix.report.terminal import safe
from kerasfix.target import InputStyle, TargetKeras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FAILURE = 2
MODEL_FORMATS = ("text", "json")
DIAGRAMS = ("mermaid", "svg")

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXCLUSIVE = (
    ("quiet", "verbose"),
    *(("add_noqa", other) for other in ("fix", "diff", "verify", "write_baseline")),
    *(("write_baseline", other) for other in ("diff", "baseline")),
)
"""Options of `kerasfix check` of which only one can be meant."""

_F = TypeVar("_F", bound="Callable[..., Any]")
_Read = TypeVar("_Read")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kerasfix", prog_name="kerasfix", message="%(prog)s %(version)s")
def main() -> None:
    """Find and repair the way Keras programs declare their inputs."""


def _codes(value: str) -> tuple[str, ...]:
    """Codes, prefixes, rule names or ALL, with commas between them."""
    try:
        return parse_codes(tuple(code for code in value.split(",") if code.strip()))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _per_file_ignores(value: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`PATTERN:CODE`, more codes and more pairs after commas."""
    pairs: dict[str, tuple[str, ...]] = {}
    pattern = ""
    for part in value.split(","):
        before, colon, code = part.rpartition(":")
        pattern = before.strip() if colon else pattern
        if not pattern:
            raise click.BadParameter(f"{part.strip()!r} is not of the form PATTERN:CODE")
        pairs[pattern] = (*pairs.get(pattern, ()), *_codes(code))
    return tuple(pairs.items())


def _patterns(value: str) -> tuple[str, ...]:
    """File patterns, with commas between them."""
    return tuple(pattern.strip() for pattern in value.split(",") if pattern.strip())


def _list_of(read: Callable[[str], _Read], *, name: str, metavar: str, help: str) -> Callable[[_F], _F]:
    return click.option(name, type=read, multiple=True, metavar=metavar, help=help)


def _switch(name: str, *, help: str) -> Callable[[_F], _F]:
    return click.option(f"--{name}/--no-{name}", default=None, help=help)


def _choice(values: Iterable[str]) -> click.Choice[str]:
    return click.Choice([str(value) for value in values])


_ON_FILES = (
    click.option("--output-file", type=_FILE, help="Write the report to a file."),
    click.option("--stdin-filename", type=click.Path(path_type=Path), help="The name of what is read from stdin."),
    _list_of(_patterns, name="--exclude", metavar="PATTERNS", help="What to leave out, in place of the default."),
    _list_of(_patterns, name="--extend-exclude", metavar="PATTERNS", help="What to leave out beside that."),
    _switch("force-exclude", help="Leave excluded files out even if they are named."),
    _switch("respect-gitignore", help="Leave out what .gitignore names (the default)."),
    click.option("--config", type=click.Path(path_type=Path), help="The TOML file to read [tool.kerasfix] from."),
    click.option("--isolated", is_flag=True, help="Read no configuration."),
    click.option("--no-cache", is_flag=True, help="Remember nothing of earlier runs, and keep nothing."),
    click.option("--cache-dir", type=click.Path(path_type=Path, file_okay=False), help="The directory of the cache."),
)
"""What every command on files has."""


def _on_files(command: _F) -> _F:
    for option in reversed(_ON_FILES):
        command = option(command)
    return command


def _target(help: str) -> Callable[[_F], _F]:
    return click.option("--target", type=_choice(keras.value for keras in TargetKeras), help=help)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Write the safe fixes to the files.")
@_switch("unsafe-fixes", help="Take fixes too that are right in most programs only.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; write nothing.")
@click.option("--verify", is_flag=True, help="Build the models in real Keras, and make only fixes that it bears out.")
@_switch("show-fixes", help="List the fixes that were made.")
@_list_of(_codes, name="--select", metavar="CODES", help="Rules to use: codes, prefixes or ALL.")
@_list_of(_codes, name="--ignore", metavar="CODES", help="Rules not to use.")
@_list_of(_codes, name="--extend-select", metavar="CODES", help="Rules to use beside the selected ones.")
@_list_of(
    _per_file_ignores,
    name="--per-file-ignores",
    metavar="PATTERN:CODES",
    help="Rules not to use in some files.",
)
@_target("The Keras that fixed code must run on.  [default: what the project depends on, or both]")
@click.option("--input-style", type=_choice(style.value for style in InputStyle), help="How a fix declares an input.")
@click.option("--output-format", type=_choice(OUTPUT_FORMATS), help="How findings are written.  [default: full]")
@_on_files
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="How many processes to use.")
@click.option("--statistics", is_flag=True, help="Show how many findings there are of each rule.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if a file was fixed, even if nothing is left.")
@click.option("--add-noqa", is_flag=True, help="Write a # noqa to each line with findings.")
@click.option("--baseline", type=_FILE, help="The file of findings that are known and not to be reported.")
@click.option("--write-baseline", type=_FILE, help="Write all findings to such a file.")
@click.option("-q", "--quiet", is_flag=True, help="Show the findings and nothing else.")
@click.option("-v", "--verbose", is_flag=True, help="Say what was read, and how many files each gate let through.")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Check PATHS (files, directories, or - for stdin) and fix them if asked to.

    Exit status: 0 if nothing was found or all was fixed, 1 if findings remain, 2 if the work could not be
    done.
    """
    from kerasfix.checking import Command, check_paths

    for one, other in _EXCLUSIVE:
        if options[one] and options[other]:
            raise click.UsageError(f"--{one} and --{other} exclude each other".replace("_", "-"))
    _run(ctx, lambda: check_paths(Command(paths=paths or (Path(),), **options)))


def _run(ctx: click.Context, work: Callable[[], int]) -> None:
    """Do the work of a command on files, and exit with its status."""
    if ctx.params["isolated"] and ctx.params["config"] is not None:
        raise click.UsageError("--isolated and --config exclude each other")
    try:
        ctx.exit(work())
    except ConfigError as error:
        click.echo(safe(f"error: {error}"), err=True)
        ctx.exit(FAILURE)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--build", is_flag=True, help="Ask real Keras for the shapes and parameters.")
@click.option("--diagram", type=_choice(DIAGRAMS), help="Draw the models, before and after their fixes.")
@_switch("unsafe-fixes", help="Draw unsafe fixes too.")
@_target("The Keras that the code is meant for.  [default: what the project depends on, or both]")
@click.option("--output-format", type=_choice(MODEL_FORMATS), default="text", show_default=True)
@_on_files
@click.pass_context
def models(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Show the models in PATHS (files, directories, or - for stdin): their layers, shapes, parameters and inputs.

    Exit status: 0, or 2 if something could not be read or no Keras is there to build with.
    """
    from kerasfix.models.command import ModelsCommand, show_models

    if options["diagram"] is not None and options["output_format"] != "text":
        raise click.UsageError("--diagram and --output-format exclude each other")
    _run(ctx, lambda: show_models(ModelsCommand(paths=paths or (Path(),), **options)))


@main.command()
@click.pass_context
def server(ctx: click.Context) -> None:
    """Serve an editor over stdin and stdout, by the Language Server Protocol."""
    try:
        from kerasfix.language_server import serve
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        click.echo("error: the language server needs pygls: pip install 'kerasfix[server]'", err=True)
        ctx.exit(FAILURE)
    serve()


@main.command()
@click.option("--cache-dir", type=click.Path(path_type=Path, file_okay=False), help="The cache to remove.")
@click.pass_context
def clean(ctx: click.Context, cache_dir: Path | None) -> None:
    """Remove the cache of this project."""
    from kerasfix.cache import DIRECTORY, remove
    from kerasfix.config import load_settings

    try:
        directory = cache_dir or load_settings(Path.cwd()).root / DIRECTORY
        if remove(directory):
            click.echo(f"Removed {safe(str(directory))}", err=True)
    except (ConfigError, OSError) as error:
        click.echo(safe(f"error: {error}"), err=True)
        ctx.exit(FAILURE)


@main.command()
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="Show every rule.")
@click.option("--output-format", type=_choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def rule(ctx: click.Context, /, code: str | None, every: bool, output_format: str) -> None:
    """Explain a rule: what it finds, why that is bad, and how safe its fix is."""
    from kerasfix.report import rule_pages
    from kerasfix.rules import registry

    if (code is None) != every:
        raise click.UsageError("give either a CODE or --all")
    rules = registry.every_code() if code is None else tuple(filter(None, [registry.find(code)]))
    if not rules:
        raise click.UsageError(rule_pages.unknown(code or ""))
    click.echo(rule_pages.as_json(rules, single=not every) if output_format == "json" else rule_pages.as_text(rules))
