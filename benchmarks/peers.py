"""kerasfix beside other tools on the same files: CPU seconds, wall seconds, memory, and the ratios.

    python benchmarks/peers.py --little TREE --keras TREE [--runs 3] [--sample 300]

`--little` is a tree with little Keras, such as an environment's site-packages, `--keras` one of Keras programs. The
tools are installed from PyPI into environments of their own. Slow ones get a sample of the files, and kerasfix the same
one. Every pair runs in turn, kerasfix first, and of each tool the least of its runs counts; all are given one process
where they can be.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import python_files
from growing import large_file, tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    Command = list[str | Path]

ROOT = Path(__file__).resolve().parent.parent
RUFF_RULES = "NPY,PD,AIR,FAST"
"""Rules about libraries, some forty, as kerasfix's are."""
WORDS = "input_shape|input_dim|batch_input_shape|batch_shape|InputLayer"
FIXIT = '[tool.fixit]\nroot = true\ndisable = ["fixit.rules"]\nenable = ["fixit.rules:UseFstring"]\n'


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took."""

    cpu: float
    """Seconds, of all its processes."""
    wall: float
    megabytes: float

    def least(self, other: Cost) -> Cost:
        """The smaller of each."""
        return Cost(min(self.cpu, other.cpu), min(self.wall, other.wall), min(self.megabytes, other.megabytes))


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the tools are installed."""

    own: Path
    """kerasfix and flake8."""
    peers: Path
    flake8: Path
    """flake8 alone."""

    def kerasfix(self, *options: str | Path) -> Command:
        """`kerasfix check` of a tree as it is, in one process."""
        as_it_is = ["--isolated", "--no-respect-gitignore", "--exclude", ".git", "-j1", "-q"]
        return [self.own / "bin/kerasfix", "check", *as_it_is, *options]

    def ruff(self, *options: str | Path) -> Command:
        """`ruff check` of the same."""
        as_it_is = ["--isolated", "--no-respect-gitignore", "--config", 'exclude=[".git"]', "-q"]
        return [self.peers / "bin/ruff", "check", *as_it_is, "--select", RUFF_RULES, *options]


def main(arguments: list[str] | None = None) -> int:
    """Prints a line for each comparison."""
    options = _parser().parse_args(arguments)
    print(f"{os.cpu_count()} cores, Python {sys.version.partition(' ')[0]}, {options.runs} runs each, least counts")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tools = _installed(options.environments or scratch / "environments")
        bench = Bench(tools, scratch, options.runs)
        for title, tree in (("little Keras", options.little), ("Keras programs", options.keras)):
            if tree is not None:
                bench.tree(title, tree.resolve(), options.sample)
        bench.start_up()
        bench.growth()
    return 0


class Bench:
    """The comparisons, and where they put their files."""

    def __init__(self, tools: Tools, scratch: Path, runs: int) -> None:
        self.tools = tools
        self.scratch = scratch
        self.runs = runs

    def tree(self, title: str, tree: Path, size: int) -> None:
        """A tree of files, cold and warm, beside each peer."""
        files = list(python_files(tree))
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        print(f"\n{title}: {len(files)} files, {lines} lines")
        tools, cache = self.tools, self.scratch / "cache"
        cold = tools.kerasfix("--no-cache", tree)
        self.pair("kerasfix, ruff without cache", cold, tools.ruff("--no-cache", tree))
        self.pair("kerasfix, grep", cold, ["grep", "-rlE", "--include=*.py", WORDS, tree])
        warm = tools.kerasfix("--cache-dir", cache, tree)
        _run(warm)
        ruff_warm = tools.ruff("--cache-dir", self.scratch / "ruff_cache", tree)
        _run(ruff_warm)
        self.pair("kerasfix warm, kerasfix cold", warm, cold)
        self.pair("kerasfix warm, ruff warm", warm, ruff_warm)
        every = tools.kerasfix("--no-cache", tree)
        every.remove("-j1")
        self.pair("kerasfix on all processors, on one", every, cold)
        sample = self._sample(files, size)
        print(f"{title}, a sample of {min(size, len(files))} files")
        cold = tools.kerasfix("--no-cache", sample)
        (self.scratch / "fixit.toml").write_text(FIXIT)
        fixit: Command = [tools.peers / "bin/fixit", "--config-file", self.scratch / "fixit.toml", "lint", sample]
        self.pair("kerasfix, fixit with one rule", cold, fixit)
        self.pair("kerasfix, torchfix", cold, [tools.peers / "bin/torchfix", "--select", "ALL", sample])
        flake8: Command = ["--isolated", "-j1", "--select", "F,KFX", sample]
        self.pair(
            "flake8 with the plugin, without",
            [tools.own / "bin/flake8", *flake8],
            [tools.flake8 / "bin/flake8", *flake8],
        )

    def start_up(self) -> None:
        """One small file without Keras."""
        print("\nstart-up, one file without Keras")
        path = self.scratch / "small.py"
        path.write_text("import torch\n\nprint(torch.zeros(3))\n")
        runs = self.runs
        self.runs = max(20, runs)
        self.pair("kerasfix, python -c pass", self.tools.kerasfix(path), [self.tools.own / "bin/python", "-c", "pass"])
        self.pair("kerasfix, ruff", self.tools.kerasfix(path), self.tools.ruff("--no-cache", path))
        self.runs = runs

    def growth(self) -> None:
        """Trees and files of growing size."""
        print("\ngrowing trees of Keras programs: ms a file, MB")
        for count in (100, 400, 1600):
            tree = self.scratch / f"grown{count}"
            tree_of(tree, count)
            cost = self._least(self.tools.kerasfix("--no-cache", tree))
            print(f"  {count:5} files   {1000 * cost.cpu / count:6.2f}   {cost.megabytes:4.0f}")
            shutil.rmtree(tree)
        print("one growing file: lines, findings, CPU s, ms a finding, MB")
        for count in (125, 250, 500, 1000):
            path = self.scratch / "large.py"
            path.write_text(large_file(count))
            cost = self._least(self.tools.kerasfix("--no-cache", path))
            lines = path.read_bytes().count(b"\n")
            print(f"  {lines:6} {count:5}   {cost.cpu:6.2f}   {1000 * cost.cpu / count:5.2f}   {cost.megabytes:4.0f}")

    def pair(self, title: str, one: Command, other: Command) -> None:
        """Two commands in turn."""
        costs = [(_run(one), _run(other)) for _ in range(self.runs)]
        left, right = (_least([pair[side] for pair in costs]) for side in (0, 1))
        print(
            f"  {title:36} CPU {left.cpu:7.2f} {right.cpu:7.2f} s, ratio {left.cpu / max(right.cpu, 0.001):6.2f}"
            f"   wall {left.wall:7.2f} {right.wall:7.2f} s, ratio {left.wall / max(right.wall, 0.001):6.2f}"
            f"   {left.megabytes:4.0f} {right.megabytes:4.0f} MB",
            flush=True,
        )

    def _least(self, command: Command) -> Cost:
        return _least([_run(command) for _ in range(self.runs)])

    def _sample(self, files: Sequence[Path], size: int) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        chosen = random.Random(0).sample(list(files), min(size, len(files)))
        for number, path in enumerate(chosen):
            shutil.copy(path, folder / f"{number}.py")
        return folder


def _least(costs: Sequence[Cost]) -> Cost:
    found = costs[0]
    for cost in costs[1:]:
        found = found.least(cost)
    return found


def _run(command: Command) -> Cost:
    """Runs a command in a process of its own, so that its memory is not that of an earlier one."""
    pid = os.fork()
    started = time.perf_counter()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execv(shutil.which(command[0]) or command[0], [str(part) for part in command])
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) not in range(4):  # found something, or could not read a file
        raise RuntimeError(f"{command[0]} ended with {status}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))


def _installed(folder: Path) -> Tools:
    wanted = {"own": [str(ROOT), "flake8"], "peers": ["ruff", "fixit", "torchfix"], "flake8": ["flake8"]}
    for name, packages in wanted.items():
        if not (folder / name).exists():
            subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
            subprocess.run([folder / name / "bin/pip", "install", "-q", *packages], check=True)
    return Tools(*(folder / name for name in wanted))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--little", type=Path, help="a tree with little Keras")
    parser.add_argument("--keras", type=Path, help="a tree of Keras programs")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sample", type=int, default=300, help="files for the slow tools")
    parser.add_argument("--environments", type=Path, help="where the tools are installed, to use them again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
