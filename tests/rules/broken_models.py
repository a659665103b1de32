"""The ways in which a random program is broken, and the programs themselves, whole and broken.

A program is determined by what is picked for it: by hypothesis, so that what fails is made small, or by a seed.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from drafts import (
    AROUND_TENSOR,
    OF_BATCH_SHAPE,
    OF_SHAPE,
    SEQUENTIAL,
    USUAL,
    Break,
    BrokenModel,
    Draft,
    tuple_of,
    with_argument,
)
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable


def nothing(draft: Draft) -> None:
    """Leaves the program whole."""


def batch_in_shape(draft: Draft) -> None:
    if draft.pick(True, False, False):
        draft.written = "x.shape"
    draft.said = (draft.pick(None, draft.samples), *draft.said)


def no_batch(draft: Draft) -> None:
    draft.written = tuple_of(draft.said)


def declared_axis_less(draft: Draft) -> None:
    draft.said = draft.pick(draft.said[1:], draft.said[:-1])


def declared_axis_more(draft: Draft) -> None:
    draft.said = (*draft.said, 2)


def other_features(draft: Draft) -> None:
    *leading, last = draft.given
    assert last is not None
    draft.given = (*leading, last + draft.pick(*[-1] * (last > 1), 1, 4))


def data_axis_less(draft: Draft) -> None:
    draft.given = draft.given[:-1]


def data_axis_more(draft: Draft) -> None:
    draft.given = (*draft.given, 2)


def single_sample(draft: Draft) -> None:
    draft.given = draft.sample


def no_channels(draft: Draft) -> None:
    draft.said, draft.given = draft.said[:-1], draft.given[:-1]


def other_batches(draft: Draft) -> None:
    draft.batches = draft.pick([4, 2], [2, 8])


def batch_size_beside(draft: Draft) -> None:
    draft.beside = f", batch_size={draft.pick(draft.batch or 4, 8)}"


def no_static_batch(draft: Draft) -> None:
    draft.batch, draft.batches = None, [None, None]
    draft.built = draft.built and (None, *draft.sample)


def other_batch_fed(draft: Draft) -> None:
    draft.fed = draft.pick(8, None)


def other_build(draft: Draft) -> None:
    *leading, last = draft.sample
    assert last is not None
    draft.built = (draft.batch, *leading, last + 1)


def build_without_batch(draft: Draft) -> None:
    draft.built = draft.sample


def shape_beside_tensor(draft: Draft) -> None:
    shape = draft.pick(draft.sample, (*draft.sample[:-1], 2), (None, *draft.sample))
    written = draft.pick(tuple_of(shape), str(list(shape)))
    names = ("shape",) if draft.declared == "Input(tensor=" else ("input_shape", "shape")
    forms = [f", {name}={written}" for name in names]
    draft.beside = draft.pick(*forms, f", batch_{names[0]}={tuple_of((None, *draft.sample))}", ", batch_size=4")


def weights(draft: Draft) -> None:
    size = draft.sample[-1]
    draft.ids = False
    draft.chains = [[f"L.Dense(3, weights=[np.zeros(({size}, 3)), np.zeros(3)])", "L.Flatten()", "L.Dense(4)"]]


def number(draft: Draft) -> None:
    size = draft.sample[0]
    draft.written = f"({size},)" if draft.declared == "input_dim=" else draft.pick(f"{size}", f"({size})")


def on_last_layer(draft: Draft) -> None:
    chain = draft.chains[0]
    chain[-1] = with_argument(chain[-1], draft.pick("input_shape=(3,)", "input_dim=9", "batch_input_shape=(None, 4)"))


def in_wrapper(draft: Draft) -> None:
    inner = f"input_shape={tuple_of(draft.sample)}"
    layer = draft.pick(f"L.Bidirectional(L.LSTM(2, {inner}))", f"L.TimeDistributed(L.Dense(2, {inner}))")
    draft.chains = [[layer, "L.Flatten()", "L.Dense(4)"]]


def second_input(draft: Draft) -> None:
    draft.chains[0].insert(draft.pick(0, 1), f"K.Input(shape={tuple_of(draft.sample)})")


def unknown_argument(draft: Draft) -> None:
    draft.beside = ", batchsize=4"


def name_by_position(draft: Draft) -> None:
    draft.batches, draft.beside = [None, None], ", None, 'data'"


def model_name_by_position(draft: Draft) -> None:
    draft.sequential = "K.Sequential({}, 'network')"


BATCH_SHAPES = *OF_BATCH_SHAPE, "batch_input_shape="
INPUTS = *OF_SHAPE, *OF_BATCH_SHAPE
WHOLE = "nothing"

BREAKS = {
    WHOLE: Break(nothing, declared=USUAL),
    "batch dimension in the shape": Break(batch_in_shape, declared=(*OF_SHAPE, "input_shape=")),
    "no batch dimension in the batch shape": Break(no_batch, declared=BATCH_SHAPES),
    "one axis too few declared": Break(declared_axis_less, ranks=(2, 3)),
    "one axis too many declared": Break(declared_axis_more, declared=(*INPUTS, "input_shape=")),
    "data with other features": Break(other_features),
    "data with one axis less": Break(data_axis_less, ranks=(2, 3)),
    "data with one axis more": Break(data_axis_more),
    "one sample without a batch": Break(single_sample),
    "no channel axis": Break(no_channels, ranks=(3,)),
    "batch sizes that differ, merged": Break(other_batches, forms=("two inputs",)),
    "batch_size beside the batch shape": Break(batch_size_beside, declared=BATCH_SHAPES),
    "stateful without a batch size": Break(no_static_batch, declared=USUAL, stateful=True),
    "stateful, fed by another batch size": Break(other_batch_fed, stateful=True),
    "another shape built": Break(other_build, forms=SEQUENTIAL),
    "built without a batch": Break(build_without_batch, forms=SEQUENTIAL, declared=("build",)),
    "a layer around a tensor": Break(nothing, forms=("list", "add"), declared=AROUND_TENSOR),
    "a shape beside a tensor": Break(shape_beside_tensor, forms=("list", "add"), declared=AROUND_TENSOR),
    "weights of a Dense": Break(weights, forms=SEQUENTIAL, stateful=False),
    "a number as shape": Break(number, declared=(*OF_SHAPE, "input_shape=", "input_dim="), ranks=(1,)),
    "declared by the last layer": Break(on_last_layer, forms=(*SEQUENTIAL, "graph"), declared=USUAL),
    "declared in a wrapper": Break(in_wrapper, forms=SEQUENTIAL, declared=("nothing",), ranks=(2,), stateful=False),
    "two inputs in a row": Break(second_input, forms=SEQUENTIAL, declared=INPUTS),
    "an argument that nothing knows": Break(
        unknown_argument, forms=SEQUENTIAL, declared=(*OF_SHAPE[2:], *OF_BATCH_SHAPE[1:])
    ),
    "a name by its place": Break(name_by_position, declared=("Input(",), stateful=False),
    "the model's name by its place": Break(model_name_by_position, forms=("list",), declared=USUAL),
}


def broken_model(pick: Callable[..., Any]) -> BrokenModel:
    """A program that is whole in one case of five; `pick` takes one of its arguments."""
    broken = pick(*BREAKS, *[WHOLE] * (len(BREAKS) // 4))
    return Draft(pick, BREAKS[broken]).program(broken)


@st.composite
def broken_models(draw: st.DrawFn) -> BrokenModel:
    """Programs that hypothesis draws, and makes small."""
    return broken_model(lambda *options: draw(st.sampled_from(options)))


def numbered(seed: int, number: int) -> BrokenModel:
    """One of the programs of a seed."""
    random = Random(f"{seed}:{number}")
    return broken_model(lambda *options: random.choice(options))
