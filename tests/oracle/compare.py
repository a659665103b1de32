"""Says whether two programs build the same models, from the records that a worker made of them.

Follows DESIGN section 5 and KERAS.md section 6. The name that Keras itself gives to an input is the one thing
that a safe fix may change (T1 of KERAS.md), so automatic names are not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from kerasfix.verify.comparison import changed, differences_across, model_differences, model_gains

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .records import ProgramRecord, ScopeRecord

Outcome: TypeAlias = Literal["identical", "now builds", "different"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a program's models: the outcome, and every difference that speaks against it.

    `gains` says what only the second program can do, `warnings` holds the warnings about inputs that Keras
    still gives for it.
    """

    outcome: Outcome
    differences: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def compare(before: ProgramRecord, after: ProgramRecord, reference: ProgramRecord | None = None) -> Verdict:
    """The verdict on two programs under one Keras.

    Where this Keras refused a scope of the first program, the second is held against `reference`: the first
    program under the other Keras.
    """
    differences: list[str] = []
    gains: list[str] = []
    known = {scope["scope"]: scope for scope in before["scopes"]}
    others = {scope["scope"]: scope for scope in reference["scopes"]} if reference else {}
    for scope in after["scopes"]:
        name = scope["scope"]
        old = known.pop(name, None)
        if scope["error"]:
            differences.append(f"{name}: does not build: {scope['error']}")
        elif old is None or old["error"]:
            gains.append(f"{name}: was refused: {old['error'] if old else 'the module was'}")
            other = others.get(name)
            if other is not None and not other["error"]:
                differences += (f"{name}: {text}" for text in held_against(other, scope))
        else:
            compare_scopes(old, scope, differences, gains)
    differences += (f"{name}: is gone" for name in known)
    return Verdict(
        "different" if differences else "now builds" if gains else "identical",
        tuple(differences),
        tuple(gains),
        tuple(text for scope in after["scopes"] for text in scope["warnings"]),
    )


def compare_scopes(old: ScopeRecord, new: ScopeRecord, differences: list[str], gains: list[str]) -> None:
    """Adds what differs between, and what is gained from, the models of one scope."""
    if len(old["models"]) != len(new["models"]):
        differences.append(f"{new['scope']}: {len(old['models'])} models, now {len(new['models'])}")
        return
    for was, now in zip(old["models"], new["models"], strict=True):
        where = f"{new['scope']}: {now['label']}"
        differences += (f"{where}: {text}" for text in model_differences(was, now))
        gains += (f"{where}: {text}" for text in model_gains(was, now))


def held_against(reference: ScopeRecord, scope: ScopeRecord) -> Iterator[str]:
    """What differs between a scope under this Keras and its older text under the other one."""
    if len(reference["models"]) != len(scope["models"]):
        yield changed("number of models in the other Keras", len(reference["models"]), len(scope["models"]))
        return
    for was, now in zip(reference["models"], scope["models"], strict=True):
        yield from (f"{now['label']} in the other Keras: {text}" for text in differences_across(was, now))
