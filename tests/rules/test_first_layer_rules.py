"""KFX101, 109 and 204: the layer that a Sequential begins with declares its input; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from rig import Case, RuleCases, runs

KFX101 = {
    "input_shape": Case(
        """
        model = Sequential([
            Dense(8, input_shape=(4,)),  # KFX101 warning safe: input_shape=(4,)
            Dense(1),
        ])
        """,
        """
        model = Sequential([
            Input(shape=(4,)),
            Dense(8),
            Dense(1),
        ])
        """,
        says=("`Dense` declares the input of the model by `input_shape`",),
    ),
    "input_dim": Case(
        """
        model = Sequential()
        model.add(Dense(8, input_dim=n, activation="relu"))  # KFX101 warning safe: input_dim=n
        """,
        """
        model = Sequential()
        model.add(Input(shape=(n,)))
        model.add(Dense(8, activation="relu"))
        """,
    ),
    "the finding stands at the first argument": Case(
        """
        model = Sequential([LSTM(8, input_length=9, input_dim=4)])  # KFX101 error safe: input_length=9
        """,
        """
        model = Sequential([Input(shape=(9, 4)), LSTM(8)])
        """,
        says=("by `input_length` and `input_dim`, which Keras 3 refuses",),
    ),
    "batch_input_shape": Case(
        """
        model = Sequential([LSTM(8, batch_input_shape=(2, 9, 4))])  # KFX101 error safe: batch_input_shape=(2, 9, 4)
        """,
        """
        model = Sequential([Input(batch_shape=(2, 9, 4)), LSTM(8)])
        """,
    ),
    "batch_size": Case(
        """
        model = Sequential([Dense(8, batch_size=2, input_shape=(4,))])  # KFX101 error safe: batch_size=2
        """,
        """
        model = Sequential([Input(shape=(4,), batch_size=2), Dense(8)])
        """,
        says=("by `batch_size` and `input_shape`",),
    ),
    "a layer on which Keras 3 refuses every declaration": Case(
        """
        model = Sequential([SpatialDropout1D(0.1, input_shape=(9, 4))])  # KFX101 error safe: input_shape=(9, 4)
        """,
        """
        model = Sequential([Input(shape=(9, 4)), SpatialDropout1D(0.1)])
        """,
    ),
    "input_length, which Keras 3 only ignores": Case(
        """
        model = Sequential([Embedding(99, 8, input_length=9)])  # KFX101 warning safe: input_length=9
        """,
        """
        model = Sequential([Input(shape=(9,)), Embedding(99, 8)])
        """,
    ),
    "recurrent layers and input_dim": Case(
        """
        model = Sequential([GRU(8, input_dim=4)])  # KFX101 error safe: input_dim=4
        """,
        """
        model = Sequential([Input(shape=(None, 4)), GRU(8)])
        """,
    ),
    "for Keras 2 nothing is refused": Case(
        """
        model = Sequential([LSTM(8, batch_input_shape=(2, 9, 4))])  # KFX101 warning safe: batch_input_shape=(2, 9, 4)
        """,
        """
        model = Sequential([Input(batch_shape=(2, 9, 4)), LSTM(8)])
        """,
        target="keras2",
    ),
    "for Keras 3": Case(
        """
        model = Sequential([Dense(8, input_dim=4, dtype="float64")])  # KFX101 warning safe: input_dim=4
        """,
        """
        model = Sequential([Input(shape=(4,)), Dense(8, dtype="float64")])
        """,
        target="keras3",
    ),
    "as InputLayer": Case(
        """
        model = Sequential([Dense(8, batch_size=2, input_shape=(4,))])  # KFX101 error safe: batch_size=2
        """,
        """
        model = Sequential([InputLayer((4,), 2), Dense(8)])
        """,
        style="InputLayer",
    ),
    "input_shape=None": Case(
        """
        model = Sequential([Dense(8, input_shape=None)])  # KFX101 warning safe: input_shape=None
        """,
        """
        model = Sequential([Dense(8)])
        """,
        says=("`input_shape` of `Dense` declares no input", "Remove `input_shape`, which declares nothing"),
    ),
    "a lone batch_size": Case(
        """
        model = Sequential([Dense(8, batch_size=2)])  # KFX101 error safe: batch_size=2
        """,
        """
        model = Sequential([Dense(8)])
        """,
    ),
    "a lone input_length": Case(
        """
        model = Sequential([LSTM(8, input_length=9)])  # KFX101 error none: input_length=9
        """,
        says=("no fix: `input_length` alone says too little",),
    ),
    "two models": Case(
        """
        for units in sizes:
            one = Sequential([Dense(units, input_dim=4)])  # KFX101 warning safe: input_dim=4
        two = Sequential([Dense(8, input_dim=5)])  # KFX101 warning safe: input_dim=5
        """,
        """
        for units in sizes:
            one = Sequential([Input(shape=(4,)), Dense(units)])
        two = Sequential([Input(shape=(5,)), Dense(8)])
        """,
    ),
    "a model that begins with a model": Case(
        """
        model = Sequential([Sequential([Dense(8, input_dim=4)]), Dense(1)])  # KFX101 warning safe: input_dim=4
        """,
        """
        model = Sequential([Input(shape=(4,)), Sequential([Input(shape=(4,)), Dense(8)]), Dense(1)])
        """,
    ),
    "unpacked keywords": Case(
        """
        model = Sequential([Dense(8, input_dim=4, **options)])  # KFX101 warning unsafe: input_dim=4
        """,
        """
        model = Sequential([Input(shape=(4,)), Dense(8, **options)])
        """,
        says=("(unsafe: the call unpacks more arguments)",),
    ),
    "a value with effects": Case(
        """
        model = Sequential([Dense(8, input_dim=next(sizes))])  # KFX101 warning display: input_dim=next(sizes)
        """,
        says=("(display: the value may not mean the same where the `Input` stands)",),
    ),
    "no place": Case(
        """
        model = Sequential()
        added = model.add(Dense(8, input_dim=4))  # KFX101 warning none: input_dim=4
        """,
        says=("no fix: there is no place for an `Input` that is sure to be right",),
    ),
    "a layer of the file": Case(
        """
        class Own(Layer):
            def __init__(self, **options):
                super().__init__(**options)

        inputs = Input((4,))
        model = Sequential([Own(input_shape=(4,))])  # KFX101 warning unsafe: input_shape=(4,)
        """,
        """
        class Own(Layer):
            def __init__(self, **options):
                super().__init__(**options)

        inputs = Input((4,))
        model = Sequential([Input(shape=(4,)), Own()])
        """,
    ),
    "a layer of the file with an argument of its own": Case(
        """
        class Own(Layer):
            def __init__(self, input_dim, **options):
                super().__init__(**options)

        model = Sequential([Own(input_dim=4)])
        """,
    ),
    "a vocabulary": Case("model = Sequential([Embedding(input_dim=99, output_dim=8)])\n"),
    "an explicit Input": Case("model = Sequential([Input(shape=(4,)), Dense(8)])\n"),
    "nothing declared": Case("model = Sequential([Dense(8), Dense(1)])\n"),
}

KFX109 = {
    "equal arguments": Case(
        """
        model = Sequential([Dense(8, input_dim=4, input_shape=(4,))])  # KFX109 error safe: input_dim=4
        """,
        """
        model = Sequential([Input(shape=(4,)), Dense(8)])
        """,
        says=("by `input_dim` and `input_shape`, which Keras 3 refuses",),
    ),
    "for Keras 2": Case(
        """
        model = Sequential([Dense(8, input_dim=n, input_shape=(n,))])  # KFX109 warning safe: input_dim=n
        """,
        """
        model = Sequential([Input(shape=(n,)), Dense(8)])
        """,
        target="keras2",
    ),
    "a batch shape that agrees": Case(
        """
        model = Sequential([
            Dense(8, batch_input_shape=(None, 4), input_dim=4),  # KFX109 error safe: batch_input_shape=(None, 4)
        ])
        """,
        """
        model = Sequential([
            Input(batch_shape=(None, 4)),
            Dense(8),
        ])
        """,
    ),
    "other sizes": Case(
        """
        model = Sequential([Dense(8, input_dim=4, input_shape=(5,))])  # KFX109 error none: input_dim=4
        """,
        says=("no fix: its arguments say different things",),
    ),
    "sizes that are not known to agree": Case(
        """
        model = Sequential([Dense(8, input_dim=n, input_shape=shape)])  # KFX109 error none: input_dim=n
        """,
    ),
    "on a later layer they are all ignored": Case(
        """
        model = Sequential([Input((4,)), Dense(8, input_dim=4, input_shape=(4,))])  # KFX102 error safe: input_dim=4
        """,
        """
        model = Sequential([Input((4,)), Dense(8)])
        """,
    ),
    "a length and a size are one shape": Case(
        """
        model = Sequential([LSTM(8, input_dim=4, input_length=9)])  # KFX101 error safe: input_dim=4
        """,
        """
        model = Sequential([Input(shape=(9, 4)), LSTM(8)])
        """,
    ),
}

KFX204 = {
    "a first layer": Case(
        """
        model = Sequential([
            Dense(8, input_shape=(4)),  # KFX101 warning safe: input_shape=(4) | KFX204 error safe: input_shape=(4)
        ])
        """,
        """
        model = Sequential([
            Input(shape=(4,)),
            Dense(8),
        ])
        """,
        says=("`input_shape` is a number, not a tuple; no Keras accepts it",),
    ),
    "a tuple for a size": Case(
        """
        model = Sequential([
            Dense(8, input_dim=(4,)),  # KFX101 warning safe: input_dim=(4,) | KFX204 error safe: input_dim=(4,)
        ])
        """,
        """
        model = Sequential([
            Input(shape=(4,)),
            Dense(8),
        ])
        """,
        says=("`input_dim` is a tuple, not a number; no Keras accepts it",),
    ),
    "an Input": Case(
        """
        inputs = Input(shape=784)  # KFX204 error safe: shape=784
        """,
        """
        inputs = Input(shape=(784,))
        """,
        says=("The shape of this `Input` is a number, not a tuple", "Make it a tuple"),
    ),
    "an Input, by position and in parentheses": Case(
        """
        inputs = Input((X.shape[1]))  # KFX204 error safe: (X.shape[1])
        """,
        """
        inputs = Input((X.shape[1],))
        """,
    ),
    "an InputLayer": Case(
        """
        model = Sequential([InputLayer(len(columns)), Dense(8)])  # KFX204 error safe: len(columns)
        """,
        """
        model = Sequential([InputLayer((len(columns),)), Dense(8)])
        """,
    ),
    "an Input for Keras 2": Case(
        """
        inputs = Input(shape=784)  # KFX204 warning safe: shape=784
        """,
        """
        inputs = Input(shape=(784,))
        """,
        target="keras2",
    ),
    "a layer of which nothing else is known": Case(
        """
        hidden = Dense(8, input_shape=4)  # KFX107 warning none: input_shape=4 | KFX204 error safe: input_shape=4
        """,
        """
        hidden = Dense(8, input_shape=(4,))
        """,
        says=("`input_shape` is a number, not a tuple; Keras 2 does not accept it",),
    ),
    "the same for Keras 3": Case(
        """
        hidden = Dense(8, input_dim=(4,))  # KFX107 warning none: input_dim=(4,) | KFX204 warning none: input_dim=(4,)
        """,
        target="keras3",
    ),
    "a name that may be a tuple": Case("inputs = Input(shape=n), Input(X.shape[1:]), Input(X.shape)\n"),
    "a tuple in a name": Case("shape = (4,)\ninputs = Input(shape)\n"),
}


@pytest.mark.parametrize("run", runs(KFX101 | KFX109 | KFX204))
class TestFirstLayers(RuleCases):
    pass
