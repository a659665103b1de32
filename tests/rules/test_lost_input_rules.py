"""KFX107 and 108: a layer declares an input, and no model is known to get it; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from rig import Case, RuleCases, runs

KFX107 = {
    "a layer that is not seen again": Case(
        """
        hidden = Dense(8, input_dim=4)  # KFX107 warning none: input_dim=4
        """,
        says=("by `input_dim`, but its place is not known: it is not seen to enter a model",),
    ),
    "one of two branches": Case(
        """
        model = Sequential()
        if deep:
            model.add(Dense(9))
        model.add(Dense(8, input_dim=4))  # KFX107 warning none: input_dim=4
        """,
        says=("whether it is the first layer depends on a branch or a loop",),
    ),
    "a loop over known sizes": Case(
        """
        model = Sequential()
        for units in (8, 4):
            model.add(Dense(units, batch_input_shape=(2, 4)))  # KFX107 error none: batch_input_shape=(2, 4)
        """,
        says=("it is the first layer one time and a later one another",),
    ),
    "a model from elsewhere": Case(
        """
        from blocks import begin

        model = Sequential()
        begin(model)
        model.add(Dense(8, input_dim=4))  # KFX107 warning none: input_dim=4
        """,
        says=("what stands before it is not known: layers that may have been added where the model is passed to",),
    ),
    "a parameter": Case(
        """
        def finish(model):
            model.add(Dense(8, input_dim=4))  # KFX107 warning none: input_dim=4
        """,
        says=("is added to a model that is not known here",),
    ),
    "a function of another file": Case(
        """
        model = build(Dense(8, input_dim=4))  # KFX107 warning none: input_dim=4
        """,
        says=("its place is not known: it is passed to `build()`, which kerasfix cannot follow",),
    ),
    "behind a list from another file": Case(
        """
        model = Sequential([*blocks(), Dense(8, input_dim=4)])  # KFX107 warning none: input_dim=4
        """,
        says=("what stands before it is not known: it comes from `blocks()`, which kerasfix cannot follow",),
    ),
    "behind a list that was given away": Case(
        """
        layers = []
        extend(layers)
        model = Sequential([*layers, Dense(8, input_dim=4)])  # KFX107 warning none: input_dim=4
        """,
        says=("what stands before it is not known: the list is passed to `extend()`, which kerasfix cannot follow",),
    ),
    "nothing declared": Case("hidden = Dense(8), Dense(8, input_shape=None), Embedding(input_dim=99, output_dim=8)\n"),
}

KFX108 = {
    "a later layer": Case(
        """
        model = Sequential([Flatten(), Dense(8, input_dim=4)])  # KFX108 warning none: input_dim=4
        """,
        says=("`input_dim` of `Dense` is ignored, and the model is not built: its first layer declares no input",),
    ),
    "an argument that Keras 3 refuses": Case(
        """
        model = Sequential()
        model.add(Flatten())
        model.add(Dense(8, batch_input_shape=(2, 4)))  # KFX108 error none: batch_input_shape=(2, 4)
        """,
    ),
    "behind a first layer that declares": Case(
        """
        model = Sequential([
            Dense(9, input_dim=4),  # KFX101 warning safe: input_dim=4
            Dense(8, input_dim=9),  # KFX102 warning safe: input_dim=9
        ])
        """,
        """
        model = Sequential([
            Input(shape=(4,)),
            Dense(9),
            Dense(8),
        ])
        """,
    ),
}


@pytest.mark.parametrize("run", runs(KFX107 | KFX108))
class TestLostInputs(RuleCases):
    pass
