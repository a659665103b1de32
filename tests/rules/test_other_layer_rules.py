"""KFX102 to 105: a layer declares an input in vain; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from rig import Case, RuleCases, runs

KFX102 = {
    "behind an Input": Case(
        """
        model = Sequential([Input((4,)), Dense(8, input_shape=(4,)), Dense(1)])  # KFX102 warning safe: input_shape=(4,)
        """,
        """
        model = Sequential([Input((4,)), Dense(8), Dense(1)])
        """,
        says=("`input_shape` of `Dense` is ignored: it is not the first layer of its model", "Remove `input_shape`"),
    ),
    "behind a layer": Case(
        """
        model = Sequential()
        model.add(Input((4,)))
        model.add(Dense(8))
        model.add(Dense(1, activation="relu", input_dim=8))  # KFX102 warning safe: input_dim=8
        """,
        """
        model = Sequential()
        model.add(Input((4,)))
        model.add(Dense(8))
        model.add(Dense(1, activation="relu"))
        """,
    ),
    "an argument that Keras 3 refuses": Case(
        """
        model = Sequential([
            Input((4,)),
            Dense(8, batch_input_shape=(None, 4)),  # KFX102 error safe: batch_input_shape=(None, 4)
        ])
        """,
        """
        model = Sequential([
            Input((4,)),
            Dense(8),
        ])
        """,
    ),
    "the same for Keras 2": Case(
        """
        model = Sequential([
            Input((4,)),
            Dense(8, batch_input_shape=(None, 4)),  # KFX102 warning safe: batch_input_shape=(None, 4)
        ])
        """,
        """
        model = Sequential([
            Input((4,)),
            Dense(8),
        ])
        """,
        target="keras2",
    ),
    "a size that is not known": Case(
        """
        model = Sequential([Input((n,)), Dense(8, input_shape=shape)])  # KFX102 warning safe: input_shape=shape
        """,
        """
        model = Sequential([Input((n,)), Dense(8)])
        """,
    ),
    "input_length where the model has an Input": Case(
        """
        model = Sequential([Input((9,)), Embedding(99, 8, input_length=9)])  # KFX102 warning safe: input_length=9
        """,
        """
        model = Sequential([Input((9,)), Embedding(99, 8)])
        """,
    ),
    "input_shape=None": Case(
        """
        model = Sequential([Input((4,)), Dense(8, input_shape=None)])  # KFX102 warning safe: input_shape=None
        """,
        """
        model = Sequential([Input((4,)), Dense(8)])
        """,
    ),
    "a loop": Case(
        """
        model = Sequential([Input((8,))])
        for rate in rates:
            model.add(Dense(8, input_dim=8))  # KFX102 warning safe: input_dim=8
        """,
        """
        model = Sequential([Input((8,))])
        for rate in rates:
            model.add(Dense(8))
        """,
    ),
    "a layer that is called too": Case(
        """
        hidden = Dense(8, input_dim=4)  # KFX102 warning unsafe: input_dim=4
        model = Sequential([Input((4,)), hidden])
        hidden(x)
        """,
        """
        hidden = Dense(8)
        model = Sequential([Input((4,)), hidden])
        hidden(x)
        """,
        says=("(unsafe: the layer may come first in another model)",),
    ),
    "layers that are put into another model": Case(
        """
        model = Sequential([Input((4,)), Dense(8, input_dim=4)])  # KFX102 warning unsafe: input_dim=4
        other = Sequential(build().layers[1:])
        """,
        """
        model = Sequential([Input((4,)), Dense(8)])
        other = Sequential(build().layers[1:])
        """,
    ),
    "nothing declared": Case("model = Sequential([Input((4,)), Dense(8), Embedding(input_dim=99, output_dim=8)])\n"),
}

KFX103 = {
    "another size": Case(
        """
        model = Sequential([
            Input((28, 28)),
            Flatten(),
            Dense(8, input_shape=(100,)),  # KFX103 warning unsafe: input_shape=(100,)
        ])
        """,
        """
        model = Sequential([
            Input((28, 28)),
            Flatten(),
            Dense(8),
        ])
        """,
        says=(
            "`input_shape` of `Dense` is ignored and says (None, 100), but (None, 784) arrives",
            "(unsafe: the model may not be what was meant)",
        ),
    ),
    "another rank": Case(
        """
        model = Sequential([
            Input((9, 4)),
            LSTM(8),
            LSTM(8, input_shape=(9, n)),  # KFX103 warning unsafe: input_shape=(9, n)
        ])
        """,
        """
        model = Sequential([
            Input((9, 4)),
            LSTM(8),
            LSTM(8),
        ])
        """,
        says=("says (None, 9, ?), but (None, 8) arrives",),
    ),
    "another batch": Case(
        """
        model = Sequential([
            Input((4,), batch_size=2),
            Dense(8, batch_size=3, input_dim=4),  # KFX103 error unsafe: batch_size=3
        ])
        """,
        """
        model = Sequential([
            Input((4,), batch_size=2),
            Dense(8),
        ])
        """,
    ),
    "a Keras 2 program": Case(
        """
        model = Sequential([
            Input((4,)),
            Dense(8, batch_input_shape=(2, 5)),  # KFX103 warning unsafe: batch_input_shape=(2, 5)
        ])
        """,
        """
        model = Sequential([
            Input((4,)),
            Dense(8),
        ])
        """,
        target="keras2",
    ),
}

KFX104 = {
    "a call": Case(
        """
        inputs = Input((4,))
        outputs = Dense(8, input_shape=(4,))(inputs)  # KFX104 warning safe: input_shape=(4,)
        """,
        """
        inputs = Input((4,))
        outputs = Dense(8)(inputs)
        """,
        says=("`input_shape` of `Dense` is ignored: the layer is called on a tensor",),
    ),
    "an argument that Keras 3 refuses": Case(
        """
        outputs = LSTM(8, input_dim=4, return_state=True)(x)  # KFX104 error safe: input_dim=4
        """,
        """
        outputs = LSTM(8, return_state=True)(x)
        """,
    ),
    "a subclassed model": Case(
        """
        class Net(Model):
            def __init__(self):
                super().__init__()
                self.hidden = Dense(8, input_shape=(4,))  # KFX104 warning safe: input_shape=(4,)

            def call(self, x):
                return self.hidden(x)
        """,
        """
        class Net(Model):
            def __init__(self):
                super().__init__()
                self.hidden = Dense(8)

            def call(self, x):
                return self.hidden(x)
        """,
    ),
    "a layer that goes elsewhere too": Case(
        """
        hidden = Dense(8, input_shape=(4,))  # KFX104 warning unsafe: input_shape=(4,)
        outputs = hidden(x)
        registry.keep(hidden)
        """,
        """
        hidden = Dense(8)
        outputs = hidden(x)
        registry.keep(hidden)
        """,
        says=("(unsafe: the layer may be used elsewhere too)",),
    ),
    "nothing declared": Case("outputs = Dense(8)(Embedding(input_dim=99, output_dim=8)(x))\n"),
}

KFX105 = {
    "Bidirectional": Case(
        """
        model = Sequential([Bidirectional(LSTM(8, input_shape=(9, 4)))])  # KFX105 warning unsafe: input_shape=(9, 4)
        """,
        """
        model = Sequential([Input(shape=(9, 4)), Bidirectional(LSTM(8))])
        """,
        says=(
            "`input_shape` of `LSTM` is ignored: the layer is inside `Bidirectional`",
            "(unsafe: the model is built earlier)",
        ),
    ),
    "Bidirectional, not first": Case(
        """
        model = Sequential([
            Input((9, 4)),
            Bidirectional(LSTM(8, input_shape=(9, 4))),  # KFX105 warning unsafe: input_shape=(9, 4)
        ])
        """,
        """
        model = Sequential([
            Input((9, 4)),
            Bidirectional(LSTM(8)),
        ])
        """,
    ),
    "TimeDistributed": Case(
        """
        model = Sequential([TimeDistributed(Dense(8, input_shape=(4,)))])  # KFX105 warning unsafe: input_shape=(4,)
        """,
        """
        model = Sequential([TimeDistributed(Dense(8))])
        """,
        says=("(unsafe: the input may have been meant for the model)",),
    ),
    "a cell": Case(
        """
        model = Sequential([
            RNN(LSTMCell(8, batch_input_shape=(2, 9, 4))),  # KFX105 error unsafe: batch_input_shape=(2, 9, 4)
        ])
        """,
        """
        model = Sequential([
            RNN(LSTMCell(8)),
        ])
        """,
    ),
    "inside and outside": Case(
        """
        model = Sequential([
            Bidirectional(
                LSTM(8, input_shape=(9, 4)),  # KFX105 warning unsafe: input_shape=(9, 4)
            ),
        ])
        """,
        """
        model = Sequential([
            Input(shape=(9, 4)),
            Bidirectional(
                LSTM(8),
            ),
        ])
        """,
    ),
    "a wrapper that declares": Case(
        """
        model = Sequential([Bidirectional(LSTM(8), input_shape=(9, 4))])  # KFX101 warning safe: input_shape=(9, 4)
        """,
        """
        model = Sequential([Input(shape=(9, 4)), Bidirectional(LSTM(8))])
        """,
    ),
    "a value with effects": Case(
        """
        model = Sequential([Bidirectional(LSTM(8, input_shape=read()))])  # KFX105 warning display: input_shape=read()
        """,
    ),
}


@pytest.mark.parametrize("run", runs(KFX102 | KFX103 | KFX104 | KFX105))
class TestLaterLayers(RuleCases):
    pass
