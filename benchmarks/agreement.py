"""Whether the rules agree with real Keras on random programs that are whole or broken in one known way.

    python benchmarks/agreement.py [--programs 500] [--seed 0] [--show]

Each program is checked with every rule and run in Keras 3 and tf_keras. A finding holds if some Keras does what it is
about: raises, if the finding is an error; raises, warns, or goes wrong silently, if it is a warning. Any other is a
false alarm, and so is an error that is found for one Keras alone which does not raise. `--show` prints the programs
with a false alarm, and those that Keras refuses and of which nothing is reported. The exit status is 1 where there is
a false alarm.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "rules")]

from broken_models import BREAKS, numbered  # noqa: E402
from judgement import Judgement, judge  # noqa: E402
from oracle import KERAS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    """Prints the table by rule, the table by kind of break, and what nothing is reported of."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    began = time.perf_counter()
    told = list(judged(options.programs, options.seed))
    print(f"\n{len(told)} programs of seed {options.seed}, {time.perf_counter() - began:.0f} s")
    by_rule(told)
    by_break(told)
    missed = [one for one in told if one.refused and not one.findings]
    false = [one for one in told if one.false_alarms]
    unreported(missed)
    if options.show:
        for one in (*false, *missed):
            show(one)
    print(f"\nfalse alarms: {sum(len(one.false_alarms) for one in false)}")
    sys.exit(1 if false else 0)


def judged(programs: int, seed: int) -> Iterator[Judgement]:
    """What is said of each program; the seed and its number determine it."""
    for number in range(programs):
        yield judge(numbered(seed, number))
        if number % 50 == 49:
            print(f"{number + 1} programs", file=sys.stderr, flush=True)


def by_rule(told: list[Judgement]) -> None:
    """Of how many programs each rule reports something, and what Keras does with them."""
    print("\nrule     programs   Keras 3 raises   Keras 2 raises   only warns   only silent   no harm   false alarms")
    for code in sorted({code for one in told for code in one.codes}):
        found = [one for one in told if code in one.codes]
        calm = [one for one in found if not one.refused]
        warned = sum(any(one.warned.values()) for one in calm)
        silent = sum(any(one.silent.values()) for one in calm)
        harmless = sum(not any((*one.warned.values(), *one.silent.values())) for one in calm)
        false = sum(any(alarm.code == code for alarm in one.false_alarms) for one in found)
        raised = [sum(one.raised[keras] is not None for one in found) for keras in KERAS]
        print(
            f"{code} {len(found):10}{raised[0]:17}{raised[1]:17}{warned:13}{silent:14}{harmless - false:10}{false:15}"
        )


def by_break(told: list[Judgement]) -> None:
    """How many programs of each kind there are, how many are refused and reported, and by which rules."""
    print("\nkind of break                             programs   refused   reported of them   rules")
    for broken in BREAKS:
        found = [one for one in told if one.program.broken == broken]
        refused = [one for one in found if one.refused]
        reported = sum(bool(one.findings) for one in refused)
        rules = Counter(code for one in found for code in one.codes)
        listed = " ".join(f"{code}:{number}" for code, number in rules.most_common())
        print(f"{broken:40}{len(found):10}{len(refused):10}{reported:19}   {listed}")


def unreported(missed: list[Judgement]) -> None:
    """What Keras says of the programs that it refuses and of which nothing is reported."""
    print(f"\nrefused, nothing reported: {len(missed)}")
    groups = Counter((one.program.broken, said(one)) for one in missed)
    for (broken, message), number in sorted(groups.items()):
        print(f"{number:5} {broken}: {message}")


def said(one: Judgement) -> str:
    """Who refuses a program, and the begin of the message without its numbers."""
    who = "+".join(keras for keras in KERAS if one.raised[keras])
    text = " ".join(next(filter(None, one.raised.values()), "").split())
    return f"{who}: {re.sub(r'[0-9]+', 'N', text)[:110]}"


def show(one: Judgement) -> None:
    """A program with what was found and what each Keras says of it."""
    print(f"\n--- {one.program.broken}\n{one.program.text}")
    for found in one.findings:
        mark = "FALSE ALARM " if found in one.false_alarms else ""
        print(f"{mark}{found.code} {found.severity.value}: {found.message}")
    for keras in KERAS:
        print(f"{keras}: {one.raised[keras] or one.warned[keras] or one.silent[keras]}"[:400])


if __name__ == "__main__":
    main()
