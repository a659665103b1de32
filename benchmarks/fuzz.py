"""Programs that nobody would write: does any of them crash kerasfix, hang it, or get a fix that is not right?

    python benchmarks/fuzz.py FOLDER... [--seed 1] [--seconds 900] [--keep DIR]

Real programs are mutated: tokens dropped, doubled and swapped, lines moved, characters of other kinds put in, other
encodings and line ends. Each is fixed in a child process that is watched. Of each fix the invariants of
`fix_invariants.py` must hold, and a second run must change nothing.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

from corpus import python_files
from fix_invariants import problems
from isolated import Child

from kerasfix.batch import Mode, check_text
from kerasfix.config import Settings
from kerasfix.source.document import SourceError
from kerasfix.source.reading import document_of

SECONDS = 60.0
LARGEST = 30_000
"""In bytes: of large programs few would be run."""
PIECES = (
    *(b"\0", b"\xef\xbb\xbf", b"\x0c", b"\t", b"\r", b"\r\n", b"\\\n", b"\xe9", "\u2028".encode(), b"\xed\xa0\x80"),
    *(b"(", b")", b"[", b"]", b"{", b"}", b",", b":", b"=", b"*", b"**", b"'", b'"', b"'''", b"f'{", b"#", b";", b"@"),
    *(
        b" if x else ",
        b"lambda: ",
        b"await ",
        b"yield ",
        b"async ",
        b"match x:\n case ",
        b"type X = ",
        b"del ",
        b"not ",
    ),
    *(b"None", b"1", b"-1", b"True", b"x", b"self", b"*x", b"input_shape=", b"shape=", b"Input(", b"Sequential(["),
    *(b"# noqa\n", b"# coding: latin-1\n", b"# kerasfix: skip-file\n", b"for x in y:\n ", b"with x:\n ", b"try:\n "),
)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """The program with one to three things changed."""
    for _ in range(chance.randint(1, 3)):
        raw = chance.choice(MUTATIONS)(raw, chance)
    return raw


def _place(raw: bytes, chance: random.Random) -> int:
    return chance.randint(0, len(raw))


def _put_in(raw: bytes, chance: random.Random) -> bytes:
    at = _place(raw, chance)
    return raw[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 100)) + raw[at:]


def _words(raw: bytes) -> list[bytes]:
    """The program in pieces that tokens are made of."""
    return re.findall(rb"\w+|\s+|[^\w\s]", raw)


def _drop(raw: bytes, chance: random.Random) -> bytes:
    words = _words(raw)
    at = chance.randrange(len(words) or 1)
    return b"".join(words[:at] + words[at + chance.randint(1, 3) :])


def _swap(raw: bytes, chance: random.Random) -> bytes:
    words = _words(raw)
    if len(words) > 1:
        one, other = chance.sample(range(len(words)), 2)
        words[one], words[other] = words[other], words[one]
    return b"".join(words)


def _move_lines(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    if not lines:
        return raw
    start = chance.randrange(len(lines))
    moved = lines[start : start + chance.randint(1, 5)]
    rest = lines if chance.random() < 0.3 else lines[:start] + lines[start + len(moved) :]
    at = chance.randint(0, len(rest))
    return b"".join(rest[:at] + moved + rest[at:])


def _indent(raw: bytes, chance: random.Random) -> bytes:
    head = chance.choice((b"if x:\n", b"def f():\n", b"class A:\n", b"while x:\n", b"for x in y:\n", b"with x:\n"))
    return head + b"".join(b"    " + line for line in raw.splitlines(keepends=True))


def _encode(raw: bytes, chance: random.Random) -> bytes:
    return chance.choice(
        (
            raw.replace(b"\n", b"\r\n"),
            raw.replace(b"\n", b"\r"),
            b"\xef\xbb\xbf" + raw,
            b"# -*- coding: latin-1 -*-\n# \xe9\n" + raw,
            raw.replace(b"    ", b"\t"),
            raw.rstrip(),
            raw.replace(b"\n", b" # c\n"),
            raw.replace(b", ", b",\n\n # c\n"),
        )
    )


MUTATIONS = (_put_in, _put_in, _drop, _drop, _swap, _move_lines, _move_lines, _indent, _encode)


def broken(raw: bytes) -> tuple[str, list[str]]:
    """How far kerasfix came with a program, and what is wrong with that."""
    settings = Settings()
    try:
        document = document_of(raw, "program.py")
    except SourceError:
        return "no text", []
    result = check_text(document, settings, Mode.PREVIEW)
    if result.error is not None:
        return "failed", [result.error]
    wrong = [one.message for one in result.diagnostics if one.code == "KFX999"]
    if result.before is None or result.document is None:
        return ("not Python" if any(one.code == "KFX000" for one in result.diagnostics) else "nothing to fix"), wrong
    try:
        fixed = result.document.to_bytes()
    except SourceError:
        return "cannot be encoded", wrong
    wrong += problems(raw, fixed, Counter())
    again = check_text(document_of(fixed, "program.py"), settings, Mode.PREVIEW)
    if again.before is not None:
        wrong.append("a second run changes it again")
    return "fixed", wrong


def main(arguments: list[str] | None = None) -> int:
    """Prints what is broken as it is found; the exit code is 1 if anything is."""
    options = _parser().parse_args(arguments)
    chance = random.Random(options.seed)
    found = [path for folder in options.folders for path in sorted({*python_files(folder), *folder.glob("*.in.py")})]
    programs = [raw for path in found if b"keras" in (raw := path.read_bytes()) and len(raw) <= LARGEST]
    kinds: Counter[str] = Counter()
    failures = 0
    plain: dict[bytes, list[str]] = {}
    """What is wrong with each program as it is."""
    end = time.monotonic() + options.seconds
    with Child(broken, SECONDS) as child:
        while time.monotonic() < end:
            program = chance.choice(programs)
            if program not in plain:
                plain[program] = (child.do(program).value or ("died", ["died"]))[1]
            if plain[program]:
                continue  # with fixes that `tree_difference` does not know
            raw = mutated(program, chance)
            outcome = child.do(raw)
            kind, wrong = outcome.value or ("died", [outcome.failure])
            kinds[kind] += 1
            if wrong:
                failures += 1
                print(f"{failures}: {'; '.join(wrong)[:500]}", flush=True)
                if options.keep is not None:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{options.seed}-{failures}.py").write_bytes(raw)
    print(
        f"{kinds.total()} programs in {options.seconds:.0f} s from {len(programs)}: {dict(kinds)}; {failures} failures"
    )
    return int(failures > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=900.0)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the programs that something is wrong with")
    return parser


if __name__ == "__main__":
    sys.exit(main())
