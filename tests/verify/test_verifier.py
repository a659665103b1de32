"""Verdicts and their reasons; a worker that answers from a list stands for real Keras here, but for the last tests."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

import pytest

from kerasfix.source.document import Document, Place
from kerasfix.verify import verify
from kerasfix.verify.verifier import Verdict, Verification, summary, verify_documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasfix.verify.session import Keras, Session

HEAD = "import keras\nfrom keras import Input, Sequential\nfrom keras.layers import *\n"
OLD = HEAD + "model = Sequential([Dense(4, input_shape=(6,))])\n"
NEW = HEAD + "model = Sequential([Input(shape=(6,)), Dense(4)])\n"
UNKNOWN = HEAD + "model = Sequential([Input(shape=(n,)), Dense(4)])\n"

RECORD: dict[str, Any] = {
    "label": "",
    "kind": "Sequential",
    "name": "sequential",
    "built": True,
    "inputs": [{"shape": [None, 6], "dtype": "float32", "name": "input_layer"}],
    "output_shapes": [[None, 4]],
    "layers": [
        {
            "depth": 0,
            "kind": "Dense",
            "name": "dense",
            "trainable": True,
            "config": {},
            "calls": [],
            "parameters": 28,
            "step": 1,
        }
    ],
    "weights": [{"shape": [6, 4], "dtype": "float32", "trainable": True}],
    "parameters": 24,
    "outputs": [{"shape": [2, 4], "dtype": "float32", "values": [0.5]}],
    "refusal": None,
}
UNBUILT: dict[str, Any] = {
    "built": False,
    "inputs": None,
    "output_shapes": None,
    "weights": [],
    "parameters": 0,
    "outputs": None,
}


def record(*warnings: str, **changes: Any) -> dict[str, Any]:
    return {"record": {**copy.deepcopy(RECORD), **changes}, "warnings": list(warnings)}


def refused(text: str = "ValueError: no") -> dict[str, Any]:
    return {"error": text, "step": 0}


FAILED = {"failure": "it took too long"}


class Answers:
    """Stands for a session; what it is asked for last stays the answer."""

    def __init__(self, keras3: Sequence[dict[str, Any]] | None, keras2: Sequence[dict[str, Any]] | None = None) -> None:
        self.versions = {"keras3": keras3 and "3.0", "keras2": keras2 and "2.0"}
        self.answers = {"keras3": list(keras3 or ()), "keras2": list(keras2 or ())}
        self.asked: list[tuple[Keras, list[dict[str, Any]]]] = []

    def build(self, keras: Keras, plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.asked.append((keras, plans))
        left = self.answers[keras]
        return [left.pop(0) if len(left) > 1 else left[0] for _ in plans]


def judged(answers: Answers, old: str = OLD, new: str = NEW) -> Verification:
    (found,) = verify_documents(Document("a.py", old), Document("a.py", new), cast("Session", answers))
    return found


class TestVerdicts:
    def test_identical(self) -> None:
        found = judged(Answers([record(), record()]))
        assert (found.verdict, found.reason, found.notes) == (Verdict.IDENTICAL, "", ())
        assert (found.model, str(found.place)) == ("Sequential", "4:9")

    def test_different(self) -> None:
        found = judged(Answers([record(), record(name="other", parameters=3)]))
        assert found.verdict is Verdict.DIFFERENT
        assert found.reason == "name: sequential, now other; parameter count: 24, now 3"

    def test_refused_now(self) -> None:
        found = judged(Answers([record(), refused()]))
        assert (found.verdict, found.reason) == (Verdict.DIFFERENT, "Keras 3.0 refuses it now: ValueError: no")

    def test_refused_before_and_after(self) -> None:
        found = judged(Answers([refused("A"), refused("B")], [refused("C"), refused("D")]))
        assert found.verdict is Verdict.NOT_VERIFIABLE
        assert found.reason == "Keras 3.0 refuses it before and after: B; tf_keras 2.0 refuses it before and after: D"

    @pytest.mark.parametrize("both", [[FAILED, record()], [record(), FAILED], [FAILED, refused()]])
    def test_not_built(self, both: list[dict[str, Any]]) -> None:
        found = judged(Answers(both))
        assert (found.verdict, found.reason) == (Verdict.NOT_VERIFIABLE, "it took too long")

    def test_keras_still_warns(self) -> None:
        found = judged(Answers([record("old"), record("old", "new")]))
        assert (found.verdict, found.reason) == (Verdict.DIFFERENT, "Keras still warns: new")
        assert judged(Answers([record("old"), record("old")])).verdict is Verdict.IDENTICAL

    def test_now_builds_as_in_keras_2(self) -> None:
        found = judged(Answers([refused(), record()], [record()]))
        assert (found.verdict, found.reason) == (Verdict.NOW_BUILDS, "Keras 3.0 refused it: ValueError: no")
        assert found.notes == ()

    def test_now_builds_something_else_than_keras_2(self) -> None:
        found = judged(Answers([refused(), record()], [record(output_shapes=[[None, 5]])]))
        assert found.verdict is Verdict.DIFFERENT
        assert found.reason.startswith("tf_keras 2.0 builds another model from the original: output shapes")

    def test_an_unbuilt_model_is_called_on_what_the_new_one_declares(self) -> None:
        called = record(built=False, inputs=None, output_shapes=None)
        answers = Answers([record(**UNBUILT), record(), called], [record()])
        found = judged(answers)
        assert (found.verdict, found.reason) == (Verdict.NOW_BUILDS, "was not built")
        assert answers.asked[1][1][0]["feed"] == RECORD["inputs"]

    def test_a_model_that_keras_3_builds_neither_before_nor_after_is_shown_to_keras_2(self) -> None:
        # Bug: an `input_length` deleted without its Input was called identical.
        unbuilt = [record(**UNBUILT), record(**UNBUILT)]
        found = judged(Answers(unbuilt, [record(), record(**UNBUILT)]))
        assert (found.verdict, found.reason.split(";")[0]) == (Verdict.DIFFERENT, "is no longer built")
        assert judged(Answers(unbuilt, [record(), record()])).verdict is Verdict.IDENTICAL
        assert judged(Answers(unbuilt)).verdict is Verdict.IDENTICAL

    def test_answers_that_were_not_compared(self) -> None:
        for both in ([record(), record(outputs=None)], [record(outputs=None), record()]):
            assert judged(Answers(both)).notes == ("outputs were not compared",)

    def test_unknown_sizes_are_tried_until_keras_takes_them(self) -> None:
        old = UNKNOWN.replace("Input(shape=(n,)), Dense(4)", "Dense(4, input_shape=(n,))")
        answers = Answers([refused(), refused(), refused(), record(), record()], [record()])
        assert judged(answers, old, UNKNOWN).verdict is Verdict.NOW_BUILDS
        sizes = [plans[0]["steps"][0]["arguments"] for _, plans in answers.asked]
        assert sizes[0] != sizes[1]


class TestOneKeras:
    def test_only_keras_3(self) -> None:
        found = judged(Answers([refused(), record()]))
        assert found.verdict is Verdict.NOW_BUILDS
        assert found.notes == ("not compared with what keras2 builds: it is not installed",)

    def test_only_keras_3_and_no_input_is_declared(self) -> None:
        # Bug: an argument deleted without its Input passed for a model that now builds.
        found = judged(Answers([refused(), record(**UNBUILT)]))
        assert found.verdict is Verdict.NOT_VERIFIABLE
        assert found.reason == "Keras 3.0 refused the original, and does not know the input now"

    def test_only_keras_2(self) -> None:
        assert judged(Answers(None, [record(), record()])).verdict is Verdict.IDENTICAL
        found = judged(Answers(None, [refused(), record()]))
        assert found.notes == ("not compared with what keras3 builds: it is not installed",)
        assert found.reason == "tf_keras 2.0 refused it: ValueError: no"


class TestPrograms:
    def test_what_did_not_change_is_not_built(self) -> None:
        answers = Answers([record()])
        text = HEAD + "Sequential([Dense(3)])\n"
        assert verify_documents(Document("a.py", text), Document("a.py", text), cast("Session", answers)) == []
        assert not answers.asked

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            (OLD, HEAD, "1 models, now 0"),
            (OLD, NEW.replace("Dense(4)", "make()"), "it can no longer be followed: a part of it is not known"),
            (OLD, HEAD + "model = keras.Model(x, y)\n", "Sequential made in 1 ways, now Model in 1"),
        ],
    )
    def test_a_model_that_is_lost(self, old: str, new: str, reason: str) -> None:
        found = judged(Answers([record()]), old, new)
        assert found.verdict is Verdict.DIFFERENT
        assert found.reason.startswith(reason)

    def test_a_fix_in_a_model_that_cannot_be_followed(self) -> None:
        old, new = (
            text.replace("Dense(4", "make(), Dense(4") for text in (OLD, NEW.replace("Input(shape=(6,)), ", ""))
        )
        found = judged(Answers([record()]), old, new)
        assert found.verdict is Verdict.NOT_VERIFIABLE
        assert found.reason.startswith("a part of it is not known")

    def test_a_fix_in_no_model(self) -> None:
        found = judged(Answers([record()]), HEAD + "Dense(4, input_shape=(6,))", HEAD + "Dense(4)")
        assert (found.verdict, found.model) == (Verdict.NOT_VERIFIABLE, "file")
        assert found.reason == "what was fixed is in no model that can be followed"

    def test_the_worst_of_several_ways_counts(self) -> None:
        text = "def make(units):\n    return Sequential([Dense(units, input_shape=(6,))])\nmake(3)\nmake(4)\n"
        fixed = text.replace("[Dense(units, input_shape=(6,))", "[Input(shape=(6,)), Dense(units)")
        found = judged(Answers([record(), record(), record(), record(name="x")]), HEAD + text, HEAD + fixed)
        assert (found.verdict, found.reason) == (Verdict.DIFFERENT, "name: sequential, now x")
        assert found.notes == ("made in another way it is identical: ",)


def test_summary() -> None:
    assert summary([]) == "0 models: 0 identical, 0 now build, 0 different, 0 not verifiable"
    found = [Verification("Sequential", Place(1, 0), verdict) for verdict in (*Verdict, Verdict.NOW_BUILDS)]
    assert summary(found) == "5 models: 1 identical, 2 now build, 1 different, 1 not verifiable"
    assert summary(found[:1]).startswith("1 model: ")


@pytest.mark.keras
@pytest.mark.parametrize("missing", ["keras3", "keras2"])
def test_one_real_keras_is_enough(missing: Keras, real_keras: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(real_keras.versions, missing, None)
    (found,) = verify(OLD, NEW, real_keras)
    assert (found.verdict, found.notes) == (Verdict.IDENTICAL, ())
    (found,) = verify(OLD, NEW.replace("(6,)", "(7,)"), real_keras)
    assert (found.verdict, found.reason.split(";")[0]) == (Verdict.DIFFERENT, "input shape: [None, 6], now [None, 7]")
    old, new = (text.replace("input_shape=(6,)", "batch_input_shape=(2, 6)") for text in (OLD, NEW))
    (found,) = verify(old, new.replace("shape=(6,)", "batch_shape=(2, 6)"), real_keras)
    if missing == "keras2":
        assert found.verdict is Verdict.NOW_BUILDS
        assert found.notes == ("not compared with what keras2 builds: it is not installed",)
    else:
        assert found.verdict is Verdict.IDENTICAL
