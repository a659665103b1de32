"""Says of each model whether a fix left it what it was, by building it before and after."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasfix.analysis.shapes import in_words
from kerasfix.engine import room_to_work
from kerasfix.source.document import Place
from kerasfix.target import Target
from kerasfix.verify.comparison import differences_across, model_differences, model_gains
from kerasfix.verify.session import called, in_order
from kerasfix.verify.stand_ins import StandIns, attempts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerasfix.source.document import Document
    from kerasfix.verify.plan import Plan, PlannedModel
    from kerasfix.verify.records import ModelRecord
    from kerasfix.verify.session import Keras, Session
    from kerasfix.verify.stand_ins import Attempt

EVERY_KERAS = Target()


class Verdict(enum.Enum):
    """What building says of a fix."""

    IDENTICAL = "identical"
    """The same model is built."""
    NOW_BUILDS = "now builds"
    """Keras refused the original or left it unbuilt; what the other Keras made of it is the same."""
    DIFFERENT = "different"
    """Another model is built, or none."""
    NOT_VERIFIABLE = "not verifiable"
    """It cannot be told."""


_WORST = (Verdict.DIFFERENT, Verdict.NOW_BUILDS, Verdict.IDENTICAL, Verdict.NOT_VERIFIABLE)
"""Which verdict stands for a model that is made in several ways: the first of these that one of them has."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one model that a fix has to do with."""

    model: str
    """Its class."""
    place: Place
    """Of its call before the fix."""
    verdict: Verdict
    reason: str = ""
    """What differs, what was refused, or why it cannot be told."""
    notes: tuple[str, ...] = ()
    """What had to be supposed, and what was not compared."""
    before: str = ""
    """The model as it was, where it is different now: one line for it, and one for each layer."""
    after: str = ""
    """The model as it would be."""


def verify_documents(
    before: Document, after: Document, session: Session, target: Target = EVERY_KERAS
) -> list[Verification]:
    """The verdicts on the models that differ in source between two texts of one file.

    Keras 3 is asked, and tf_keras about what Keras 3 refuses; the other way round for a target without Keras 3.
    """
    from kerasfix.analysis.gathering import analyse
    from kerasfix.verify.plan import plan_models

    with room_to_work():
        old, new = (plan_models(analyse(document.program, document.cells)) for document in (before, after))
    if len(old) != len(new):
        what = f"{len(old)} models, now {len(new)}"
        return [Verification("file", Place(1, 0), Verdict.DIFFERENT, what)]
    pairs = [(was, now) for was, now in zip(old, new, strict=True) if was.plans != now.plans]
    if not pairs and before.text != after.text:
        what = "what was fixed is in no model that can be followed"
        return [Verification("file", Place(1, 0), Verdict.NOT_VERIFIABLE, what)]
    return [_model(was, now, before, session, target) for was, now in pairs]


def _model(was: PlannedModel, now: PlannedModel, document: Document, session: Session, target: Target) -> Verification:
    where = (was.kind, document.place(was.start))
    if was.kind != now.kind or len(was.plans) != len(now.plans):
        what = f"{was.kind} made in {len(was.plans)} ways, now {now.kind} in {len(now.plans)}"
        return Verification(*where, Verdict.DIFFERENT, what)
    ways = zip(was.plans, now.plans, strict=True)
    found = list(dict.fromkeys(_Pair(*plans, session, target).judge() for plans in ways))
    verdict = next(each for each in _WORST if any(each is one.verdict for one in found))
    chosen = [one for one in found if one.verdict is verdict]
    notes = dict.fromkeys(note for one in chosen for note in one.notes)
    others = {
        f"made in another way it is {one.verdict.value}: {one.reason}": None for one in found if one not in chosen
    }
    return Verification(*where, verdict, chosen[0].reason, (*notes, *others), chosen[0].before, chosen[0].after)


@dataclass(frozen=True, slots=True)
class _Judgement:
    verdict: Verdict
    reason: str = ""
    notes: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


class _Pair:
    """One way to make a model, before and after."""

    def __init__(self, old: Plan, new: Plan, session: Session, target: Target) -> None:
        self.plans = (old, new)
        self.session = session
        self.target = target
        self.notes = dict.fromkeys((*old.assumptions, *new.assumptions))
        self.knows_input = True
        """Whether the last model that was built knows its input."""
        self.unheld = False
        """Whether there was nothing to hold a model against that only now builds."""

    def judge(self) -> _Judgement:
        old, new = self.plans
        if old.problem:
            return _Judgement(Verdict.NOT_VERIFIABLE, old.problem)
        if new.problem:
            return _Judgement(Verdict.DIFFERENT, f"it can no longer be followed: {new.problem}")
        kerases = in_order(self.session.versions, self.target)
        reasons = []
        for keras in kerases:
            for attempt in attempts(self.plans):
                judged = self._try(keras, attempt)
                if judged is None:
                    continue
                other_counts = keras != kerases[-1] and self.target.keras2
                if judged.verdict is Verdict.IDENTICAL and not self.knows_input and other_counts:
                    # Keras 3 does not build it before or after. Keras 2 may have, by an argument that 3 ignores.
                    other = self._try(kerases[-1], attempt)
                    return other if other is not None and other.verdict is Verdict.DIFFERENT else judged
                return judged
            reasons.append(f"{self._called(keras)} refuses it before and after: {self.refusal}")
        return _Judgement(Verdict.NOT_VERIFIABLE, "; ".join(reasons), tuple(self.notes))

    def _called(self, keras: Keras) -> str:
        return called(keras, self.session.versions)

    def _try(self, keras: Keras, attempt: Attempt) -> _Judgement | None:
        """The judgement with the numbers of one attempt, None where neither model can be built with them."""
        stand_ins = StandIns(self.plans, attempt)
        plans = [stand_ins.request(plan) for plan in self.plans]
        if plans[0] == plans[1]:
            return _Judgement(Verdict.IDENTICAL, "", tuple(self.notes))
        was, now = self.session.build(keras, plans)
        if "record" in now and "record" in was and was["record"]["inputs"] is None:
            (was,) = self.session.build(keras, [{**plans[0], "feed": now["record"]["inputs"]}])
        if "failure" in was or "failure" in now:
            return _Judgement(Verdict.NOT_VERIFIABLE, was.get("failure") or now["failure"], tuple(self.notes))
        if "error" in now:
            self.refusal = now["error"]
            if "error" in was or self._never_built(keras, was["record"], plans[0]):
                return None
            return self._different(f"{self._called(keras)} refuses it now: {self.refusal}", was, now)
        return self._compared(keras, was, now, plans[0])

    def _compared(self, keras: Keras, was: dict[str, Any], now: dict[str, Any], original: dict[str, Any]) -> _Judgement:
        record = now["record"]
        self.knows_input = record["inputs"] is not None
        if "error" not in was:
            differences = list(model_differences(was["record"], record))
            gains = list(model_gains(was["record"], record))
        else:
            differences, gains = [], [f"{self._called(keras)} refused it: {was['error']}"]
        differences += [f"Keras still warns: {text}" for text in now["warnings"] if text not in was.get("warnings", ())]
        if gains and not differences:
            differences += self._held_against_the_other(keras, record, original)
            if not differences and "error" in was and self.unheld and record["inputs"] is None:
                why = f"{self._called(keras)} refused the original, and does not know the input now"
                return _Judgement(Verdict.NOT_VERIFIABLE, why, tuple(self.notes))
        if record["outputs"] is None or ("record" in was and was["record"]["outputs"] is None):
            self.notes["outputs were not compared"] = None
        if differences:
            return self._different("; ".join(differences), was, now)
        return _Judgement(Verdict.NOW_BUILDS if gains else Verdict.IDENTICAL, "; ".join(gains), tuple(self.notes))

    def _different(self, reason: str, was: dict[str, Any], now: dict[str, Any]) -> _Judgement:
        return _Judgement(Verdict.DIFFERENT, reason, tuple(self.notes), outline(was), outline(now))

    def _never_built(self, keras: Keras, record: Any, original: dict[str, Any]) -> bool:
        """Whether the original only seems to be taken: it is left without an input, and the other Keras refuses it."""
        if record["inputs"] is not None:
            return False
        other = _other(keras)
        return self.session.versions[other] is None or "record" not in self.session.build(other, [original])[0]

    def _held_against_the_other(self, keras: Keras, record: Any, original: dict[str, Any]) -> Iterator[str]:
        """What differs from the model that the other Keras builds from the original, if it does."""
        other = _other(keras)
        self.unheld = True
        if self.session.versions[other] is None:
            self.notes[f"not compared with what {other} builds: it is not installed"] = None
            return
        (built,) = self.session.build(other, [original])
        if "record" not in built:
            why = built.get("error") or built["failure"]
            self.notes[f"{self._called(other)} does not build the original either: {why}"] = None
            return
        self.unheld = False
        for text in differences_across(built["record"], record):
            yield f"{self._called(other)} builds another model from the original: {text}"


def outline(answer: dict[str, Any]) -> str:
    """The model that a worker tells of: its inputs, outputs and layers, or why there is none."""
    if "record" not in answer:
        return str(answer.get("error") or answer["failure"])
    record: ModelRecord = answer["record"]
    if record["inputs"] is None:
        shapes = "not built"
    else:
        inputs = ", ".join(f"{in_words(one['shape'])} {one['dtype']}" for one in record["inputs"])
        outputs = ", ".join(in_words(one) for one in record["output_shapes"] or [])
        shapes = f"{inputs} -> {outputs}, {record['parameters']:,} parameters"
    lines = [f"{record['kind']} {record['name']}: {shapes}"]
    lines += [f"{'  ' * (layer['depth'] + 1)}{layer['kind']} {layer['name']}" for layer in record["layers"]]
    return "\n".join(lines)


def _other(keras: Keras) -> Keras:
    return "keras2" if keras == "keras3" else "keras3"


def summary(found: Sequence[Verification]) -> str:
    """One line that counts the verdicts."""
    counts = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
    word = {Verdict.NOW_BUILDS: "now build"}
    parts = [f"{number} {word.get(verdict, verdict.value)}" for verdict, number in counts.items()]
    return f"{len(found)} model{'' if len(found) == 1 else 's'}: {', '.join(parts)}"
