"""What a run imports is what it costs: LibCST only for a file that could have a finding, Keras never."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CANDIDATE = "import keras\n\nkeras.Sequential([keras.layers.Dense(3, input_shape=(4,))])\n"
HARMLESS = "import keras\n\n# Dense(input_shape=(4,))\nmodel.fit(x, batch_size=32)\n"


def imported(directory: Path, code: str) -> set[str]:
    """The modules that a fresh Python has imported after this code."""
    program = f"import sys\n{code}\nprint(*sys.modules, file=sys.__stderr__)"
    done = subprocess.run([sys.executable, "-c", program], cwd=directory, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def command_line(*arguments: str) -> str:
    return f"from kerasfix.cli import main\nmain({list(arguments)!r}, standalone_mode=False)"


@pytest.mark.parametrize(
    "code",
    [
        "import kerasfix",
        "from kerasfix import load_ipython_extension",
        command_line("--version"),
        command_line("rule", "--all"),
        command_line("check", "--isolated", "plain.py", "harmless.py", "broken.py"),
        "import kerasfix\nkerasfix.check(open('harmless.py').read())",
    ],
)
def test_libcst_is_not_imported_without_need(tmp_path: Path, code: str) -> None:
    (tmp_path / "plain.py").write_text(CANDIDATE.replace("keras", "torch"))
    (tmp_path / "harmless.py").write_text(HARMLESS)
    (tmp_path / "broken.py").write_text(CANDIDATE + "print 'x'\n")
    modules = imported(tmp_path, code)
    assert "kerasfix" in modules
    assert not modules & {"libcst", "keras", "tensorflow", "numpy", "IPython"}


def test_libcst_is_imported_where_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "candidate.py").write_text(CANDIDATE)
    modules = imported(tmp_path, command_line("check", "--isolated", "candidate.py"))
    assert "libcst" in modules
    assert not modules & {"keras", "tensorflow", "numpy"}


def test_flake8_users_without_keras_pay_for_nothing(tmp_path: Path) -> None:
    code = (
        "import ast\nfrom kerasfix.flake8_plugin import Plugin\n"
        "text = 'import torch\\n'\nlist(Plugin(ast.parse(text), 'a.py', [text]).run())"
    )
    own = {name for name in imported(tmp_path, code) if name.startswith(("kerasfix", "libcst", "click", "pathspec"))}
    assert own == {"kerasfix", "kerasfix.diagnostics", "kerasfix.flake8_plugin"}


@pytest.mark.parametrize("command", [["-m", "kerasfix"], ["-c", "from kerasfix.cli import main; main()"]])
def test_the_program_runs(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("kerasfix ")
