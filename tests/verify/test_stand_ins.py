"""The numbers that stand for what a program does not tell: alike before and after, and fit to be built with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from kerasfix.verify.plan import Plan
from kerasfix.verify.stand_ins import CHANNELS_FIRST, Attempt, StandIns, attempts, has_stand_ins


def unknown(name: str, role: str) -> dict[str, str]:
    return {"unknown": name, "role": role}


def plan(*values: Any, name: str = "Dense", ranks: tuple[tuple[str, int], ...] = ()) -> Plan:
    steps = tuple({"make": f"keras.layers.{name}", "arguments": [[None, value]]} for value in values)
    return Plan(steps=steps, ranks=ranks)


def resolved(value: Any, *plans: Plan, attempt: int = 0) -> Any:
    return StandIns([plan(value), *plans], Attempt(attempt)).resolve(value)


class TestAttempts:
    def test_a_plan_without_unknowns_is_tried_once(self) -> None:
        assert attempts([plan(3), plan({"tuple": [4, None]})]) == [Attempt(0)]

    def test_others_are_tried_with_other_numbers(self) -> None:
        found = attempts([plan(3), plan(unknown("n", "units"))])
        assert found == [Attempt(0), Attempt(1), Attempt(2), Attempt(3)]
        assert len({resolved(unknown("n", "units"), attempt=one.number) for one in found}) == 4

    @pytest.mark.parametrize("name", ["Conv2D", "MaxPooling1D", "UpSampling3D"])
    def test_axes_in_the_other_order_are_tried_last(self, name: str) -> None:
        assert attempts([plan(3, name=name)]) == [Attempt(0), Attempt(0, CHANNELS_FIRST)]

    def test_whether_anything_is_supposed(self) -> None:
        assert has_stand_ins(plan({"tuple": [unknown("n", "time")]}))
        assert has_stand_ins(Plan(assumptions=("a layer is left out",)))
        assert not has_stand_ins(plan({"tuple": [3]}))


class TestSizes:
    @pytest.mark.parametrize("attempt", range(4))
    def test_one_name_has_one_number_in_both_plans(self, attempt: int) -> None:
        before, after = plan(unknown("n", "features")), plan(unknown("n", "features"), unknown("k", "features"))
        numbers = StandIns([before, after], Attempt(attempt))
        assert numbers.resolve(before.steps)[0] == numbers.resolve(after.steps)[0]

    @pytest.mark.parametrize(
        ("weaker", "stronger", "most"),
        [("features", "kernel", 3), ("units", "heads", 2), ("vocabulary", "rate", 0.25), ("pixels", "channels", 3)],
    )
    def test_the_most_binding_role_counts(self, weaker: str, stronger: str, most: float) -> None:
        both = plan(unknown("n", weaker)), plan(unknown("n", stronger))
        for order in (both, both[::-1]):
            assert 0 < StandIns(order, Attempt(0)).resolve(unknown("n", weaker)) <= most
        assert StandIns([both[0]], Attempt(0)).resolve(unknown("n", weaker)) > most

    @pytest.mark.parametrize(
        ("operation", "of", "result"),
        [
            ("Add", [2, 3], 5),
            ("Subtract", [2, 3], -1),
            ("Multiply", [2, 3], 6),
            ("FloorDivide", [7, 2], 3),
            ("Divide", [7, 2], 3.5),
            ("Modulo", [7, 2], 1),
            ("Power", [2, 3], 8),
            ("int", [3.5], 3),
            # out of all bounds, or no number at all
            ("Power", [2, 10**9], 2),
            ("Power", [10**9, 4], 10**9),
            ("Power", [-8, 0.5], 1),
            ("Power", [0, -1], 1),
            ("FloorDivide", [7, 0], 1),
            ("int", [float("inf")], 1),
            ("int", [float("nan")], 1),
        ],
    )
    def test_arithmetic(self, operation: str, of: list[Any], result: float) -> None:
        assert resolved({"operator": operation, "of": of}) == result

    def test_arithmetic_with_a_stand_in(self) -> None:
        n = unknown("n", "units")
        assert resolved({"operator": "Add", "of": [n, {"operator": "Multiply", "of": [n, 2]}]}) == 3 * resolved(n)

    def test_arithmetic_of_tensors_is_left_to_keras(self) -> None:
        of = [{"step": 1}, unknown("n", "kernel")]
        assert resolved({"operator": "Add", "of": of}) == {"operator": "Add", "of": [{"step": 1}, 2]}


class TestShapes:
    @pytest.mark.parametrize("rank", [1, 2, 3, 4, 6])
    def test_the_rank_that_a_layer_tells(self, rank: int) -> None:
        told = plan(1, ranks=(("S", rank),))
        assert len(resolved(unknown("S", "shape"), told)["tuple"]) == rank
        assert len(resolved(unknown("S", "batch shape"), told)["tuple"]) == rank + 1

    def test_ranks_are_tried_where_no_layer_tells(self) -> None:
        found = [len(resolved(unknown("S", "shape"), attempt=number)["tuple"]) for number in range(4)]
        assert sorted(found) == [1, 2, 3, 4]

    def test_an_axis_of_an_unknown_shape_is_the_size_of_that_name(self) -> None:
        shape, axis = unknown("X.shape[1:]", "shape"), unknown("X.shape[2]", "features")
        told = plan(axis, ranks=(("X.shape[1:]", 2),))
        numbers = StandIns([plan(shape), told], Attempt(0))
        assert numbers.resolve(shape)["tuple"][1] == numbers.resolve(axis)

    def test_axes_differ(self) -> None:
        # A fix that turns the axes round must show.
        for name in ("S", "shape", "X.shape[1:]", "input_shape", "self.shape"):
            for rank in (2, 3):
                sizes = resolved(unknown(name, "shape"), plan(1, ranks=((name, rank),)))["tuple"]
                assert sizes != sizes[::-1]


def test_every_process_gets_the_same_numbers() -> None:
    code = (
        "import json; from kerasfix.verify.plan import Plan; from kerasfix.verify.stand_ins import Attempt, StandIns\n"
        "steps = [{'unknown': f'name {n}', 'role': role} for n in range(9) for role in ('shape', 'units', 'time')]\n"
        "print(json.dumps(StandIns([Plan(tuple(steps))], Attempt(0)).resolve(steps)))"
    )
    found = set()
    for seed in ("0", "1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(ran.stdout)
    assert len(found) == 1 and len(json.loads(found.pop())) == 27
