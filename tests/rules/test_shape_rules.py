"""KFX202, 203, 205, 208, 210, 211, 212 and 401: shapes, batch sizes and tensors; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from rig import Case, RuleCases, runs

KFX202 = {
    "equal": Case(
        """
        x = Input(batch_shape=(4, 8), batch_size=4, name="x")  # KFX202 error safe: batch_size=4
        """,
        """
        x = Input(batch_shape=(4, 8), name="x")
        """,
        says=("This is a batch size beside `batch_shape` has; Keras 3 refuses both together", "Remove `batch_size`"),
    ),
    "equal names": Case(
        """
        x = Input(batch_shape=(n, 8), batch_size=n)  # KFX202 error safe: batch_size=n
        """,
        """
        x = Input(batch_shape=(n, 8))
        """,
    ),
    "different": Case(
        """
        x = Input(batch_shape=(4, 8), batch_size=2)  # KFX202 error none: batch_size=2
        y = Input(batch_shape=(None, 8), batch_size=2)  # KFX202 error none: batch_size=2
        """,
        says=("This is another batch size than `batch_shape` has",),
    ),
    "not known to agree": Case(
        """
        x = Input(batch_shape=shape, batch_size=2)  # KFX202 error none: batch_size=2
        """,
        says=("no fix: it is not known whether they agree",),
    ),
    "for Keras 2": Case(
        """
        x = Input(batch_shape=(4, 8), batch_size=4)
        y = Input(batch_shape=(4, 8), batch_size=2)  # KFX202 warning none: batch_size=2
        """,
        target="keras2",
        says=("Keras 2 ignores it",),
    ),
    "None says nothing": Case("x = Input(batch_shape=(4, 8), batch_size=None), Input((8,), batch_size=4)\n"),
    "an error that is meant": Case(
        "with pytest.raises(ValueError):\n    x = Input(batch_shape=(4, 8), batch_size=2)\n"
    ),
    "merged": Case(
        """
        a, b = Input((8,), batch_size=4), Input((8,), batch_size=2)
        c = Add()([a, Dense(8)(b)])  # KFX202 error none: Add()([a, Dense(8)(b)])
        d = Concatenate(axis=-1)([a, b])  # KFX202 error none: Concatenate(axis=-1)([a, b])
        """,
        says=("Tensors with different batch sizes are merged: 4 and 2",),
    ),
    "merged by a function": Case(
        """
        a, b = Input((8,), batch_size=4), Input((8,), batch_size=2)
        model = Model([a, b], add([a, b]))  # KFX202 error none: add([a, b])
        """
    ),
    "Dot, which Keras 3 lets pass": Case(
        "a, b = Input((8,), batch_size=4), Input((8,), batch_size=2)\nc = Dot(1)([a, b])\n", target="keras3"
    ),
    "Dot in Keras 2": Case(
        """
        a, b = Input((8,), batch_size=4), Input((8,), batch_size=2)
        c = Dot(1)([a, b])  # KFX202 error none: Dot(1)([a, b])
        """
    ),
    "merges that are right": Case(
        """
        a, b, c = Input((8,), batch_size=4), Input((8,), batch_size=2), Input((8,))
        x, y = Add()([a, c]), Add()([a, Dense(8)(a)])
        z = Concatenate(axis=0)([a, b]), Concatenate(axis=which)([a, b])
        model = Model([a, b], z)
        """
    ),
    "in one model": Case(
        """
        a, b = Input((8,), batch_size=4), Input(batch_shape=(2, 8))
        c, d = Dense(8)(a), Dense(8)(b)
        model = Model([a, b], [c, d])  # KFX202 warning none: Model([a, b], [c, d])
        """,
        says=("Inputs of one model have different batch sizes: 4 and 2; Keras builds it, and feeds them alike",),
    ),
    "in one model, where that may be right": Case(
        """
        a, b, c = Input((8,), batch_size=4), Input((8,), batch_size=2), Input((8,))
        one = Model([a, b], [Dense(8)(a), Dense(8)(b)])
        one([x, y])
        two = Model([a, b], [Dense(8)(a), Dense(8)(b)])
        two.train_on_batch([x, y], z)
        three = Model([a, c], [Dense(8)(a), Dense(8)(c)])
        four = Model([a, b], unknown(a, b))
        five = Model([a, b], [Dense(8)(a), Dense(8)(unknown(a, b))])
        six = Model([a, b], Concatenate(axis=0)([a, b]))
        for size in (4, 2):
            d = Input((8,), batch_size=size)
            seven = Model([a, d], [Dense(8)(a), Dense(8)(d)])
        """
    ),
    "unpacked": Case("a, b = Input((8,), batch_size=4), Input(batch_shape=(2, 8), **more)\nx = Add()([a, b])\n"),
    "fed to a stateful model": Case(
        """
        model = Sequential([Input((5, 3), batch_size=4), LSTM(2, stateful=True)])
        model.fit(x, y, batch_size=8)  # KFX202 error none: batch_size=8
        model.predict(x, 8)  # KFX202 error none: 8
        model.evaluate(x, y, batch_size=4)
        model.fit(x, y, batch_size=None)
        model.fit(x, y, batch_size=size)
        """,
        says=("The model is stateful and takes 4 samples at a time, not 8",),
    ),
    "fed to a functional one": Case(
        """
        a = Input((5, 3), batch_size=4)
        model = Model(a, Dense(1)(LSTM(2, stateful=True)(a)))
        model.fit(x, y, batch_size=8)  # KFX202 error none: batch_size=8
        """
    ),
    "arrays fed to a stateful model": Case(
        """
        import numpy as np
        x, y = np.zeros((8, 5, 3)), np.zeros((8, 2))
        model = Sequential([Input((5, 3), batch_size=4), LSTM(2, stateful=True)])
        model(x)  # KFX202 error none: x
        model.train_on_batch(x, y)  # KFX202 error none: x
        model.fit(x, y)  # KFX202 error none: x
        model.predict(x, batch_size=None)  # KFX202 error none: x
        model.predict(x[:6], batch_size=4)  # KFX202 error none: x[:6]
        model.predict(x[:2], batch_size=4)  # KFX202 error none: x[:2]
        model(x[:4])
        model.fit(x, y, batch_size=4)
        model.predict(x[4:])
        model.predict(x, 4)
        model.predict(x, batch_size=size)
        model.fit(x, y, validation_split=0.5)
        model.fit(x, y, batch_size=4, validation_data=(x[:2], y[:2]), validation_batch_size=2)
        model.predict(unknown)
        """,
        says=(
            "The model is stateful and takes 4 samples at a time; here it is given 8",
            "here it is given 2",
        ),
    ),
    "one of several arrays": Case(
        """
        import numpy as np
        a = Input((5, 3), batch_size=4)
        model = Model(a, LSTM(2, stateful=True)(a))

        def told(x):
            return model(x)

        told(np.zeros((8, 5, 3)))
        told(np.zeros((4, 5, 3)))
        """
    ),
    "one of several batch sizes": Case(
        """
        import numpy as np
        a = Input((5, 3), batch_size=4)
        model = Model(a, LSTM(2, stateful=True)(a))

        def told(size=None):
            return model.predict(np.zeros((8, 5, 3)), batch_size=size)

        told(4)
        told()
        """
    ),
    "in a function": Case(
        """
        import numpy as np
        a = Input((5, 3), batch_size=4)
        model = Model(a, LSTM(2, stateful=True)(a))

        def told():
            return model.predict(np.zeros((8, 5, 3)))  # KFX202 error none: np.zeros((8, 5, 3))

        told()
        """
    ),
    "a single sample in Keras 2": Case(
        """
        import numpy as np
        model = Sequential([Input((5, 3), batch_size=4), LSTM(2, stateful=True)])
        model.predict(np.zeros((1, 5, 3)))
        """,
        target="keras2",
    ),
    "fed to one that is not stateful": Case(
        "model = Sequential([Input((5, 3), batch_size=4), LSTM(2)])\nmodel.fit(x, y, batch_size=8)\n"
    ),
}

KFX203 = {
    "one axis": Case(
        """
        x = Input(batch_shape=(784,))  # KFX203 error unsafe: batch_shape=(784,)
        y = Dense(8)(Dropout(0.1)(x))
        """,
        """
        x = Input(batch_shape=(None, 784))
        y = Dense(8)(Dropout(0.1)(x))
        """,
        says=(
            "`batch_shape` lacks the batch dimension; at least 2 axes with the batch are expected by `Dense` at line",
        ),
    ),
    "an image": Case(
        """
        a = Sequential([Input(batch_shape=[28, 28, 1]), Conv2D(8, 3)])  # KFX203 error unsafe: batch_shape=[28, 28, 1]
        """,
        """
        a = Sequential([Input(batch_shape=[None, 28, 28, 1]), Conv2D(8, 3)])
        """,
    ),
    "not written here": Case(
        """
        shape = (784,)
        x = Input(batch_shape=shape)  # KFX203 error none: batch_shape=shape
        y = Dense(8)(x)
        """,
        says=("no fix: the shape is not written out here",),
    ),
    "no layer that cares": Case(
        "a, b = Input(batch_shape=(784,)), Input(batch_shape=(784,))\nx, y = Flatten()(a), Dropout(0.1)(b)\n"
    ),
    "another axis is missing": Case(
        """
        x = Input(batch_shape=(batch_size, 28, 28))  # KFX210 error none: batch_shape=(batch_size, 28, 28)
        y = Conv2D(8, 3)(x)
        z = Input(batch_shape=(None, 28, 28))  # KFX210 error none: batch_shape=(None, 28, 28)
        w = Conv2D(8, 3)(z)
        """
    ),
    "right": Case("x = Dense(8)(Input(batch_shape=(4, 784))), Dense(8)(Input(batch_shape=(None, 784)))\n"),
}

KFX205 = {
    "repeated": Case(
        """
        a = Input((4,))
        b = Input(tensor=a, shape=(4,))  # KFX205 warning safe: shape=(4,)
        """,
        """
        a = Input((4,))
        b = Input(tensor=a)
        """,
        says=("`shape` beside `tensor` is for the tensor to say", "Leave the shape to the tensor"),
    ),
    "contradicted": Case(
        """
        a = Input((4,))
        b = InputLayer(
            input_tensor=a,
            batch_input_shape=(None, 5),  # KFX205 error safe: batch_input_shape=(None, 5)
            batch_size=2,
        )
        """,
        """
        a = Input((4,))
        b = InputLayer(
            input_tensor=a,
        )
        """,
        says=("`batch_input_shape` beside `input_tensor` contradicts the tensor",),
    ),
    "a batch size": Case(
        """
        a = Input((4,), batch_size=2)
        b = Input(tensor=a, batch_size=2)  # KFX205 warning safe: batch_size=2
        c = Input(tensor=a, batch_size=3)  # KFX205 error safe: batch_size=3
        """,
        """
        a = Input((4,), batch_size=2)
        b = Input(tensor=a)
        c = Input(tensor=a)
        """,
    ),
    "a list": Case(
        """
        a = Input((4,))
        b = InputLayer(input_tensor=a, input_shape=[4])  # KFX205 error safe: input_shape=[4]
        """,
        """
        a = Input((4,))
        b = InputLayer(input_tensor=a)
        """,
    ),
    "for Keras 2 nothing is refused": Case(
        """
        a = Input((4,))
        b = InputLayer((5,), input_tensor=a)  # KFX205 warning safe: (5,)
        """,
        """
        a = Input((4,))
        b = InputLayer(input_tensor=a)
        """,
        target="keras2",
    ),
    "positional arguments": Case(
        """
        a = Input((4,))
        b = Input((4,), None, tensor=a)  # KFX205 warning none: (4,)
        """,
        says=("no fix: the call has positional arguments",),
    ),
    "with the batch it is KFX201": Case(
        """
        a = Input((4,))
        b = Input(tensor=a, shape=(None, 4))  # KFX201 error safe: shape=(None, 4)
        """,
        """
        a = Input((4,))
        b = Input(tensor=a)
        """,
    ),
    "a parameter may be None": Case(
        "def f(a, b=None):\n    return Input(tensor=a, shape=(4,)), Input(tensor=b, shape=(4,))\n"
    ),
    "no shape, no tensor": Case("a = Input((4,))\nb, c = Input(tensor=a), Input(tensor=None, shape=(4,))\n"),
}

KFX208 = {
    "two inputs in a row": Case(
        """
        model = Sequential([Input((7, 3), batch_size=4)])
        model.add(Input((7, 3)))  # KFX106 warning none: Input((7, 3))
        model.add(LSTM(2, stateful=True))
        """,
        target="keras2",
    ),
    "the first layer": Case(
        """
        model = Sequential([Input((5, 3)), LSTM(2, stateful=True)])  # KFX208 error none: stateful=True
        """,
        says=("`LSTM` is stateful, but the input that reaches it has no fixed batch size",),
    ),
    "inside a wrapper": Case(
        """
        model = Sequential([Input((5, 3)), Bidirectional(LSTM(2, stateful=True))])  # KFX208 error none: stateful=True
        """
    ),
    "a wrapper that is called": Case(
        """
        x = Input((4, 5, 3))
        y = TimeDistributed(GRU(2, stateful=True))(x)  # KFX208 error none: stateful=True
        """
    ),
    "of a cell": Case(
        """
        y = RNN(LSTMCell(2), stateful=True)(Input((5, 3)))  # KFX208 error none: stateful=True
        """
    ),
    "behind an Embedding, which Keras 2 gives an input": Case(
        """
        model = Sequential([Embedding(9, 3), Dropout(0.1), LSTM(2, stateful=True)])  # KFX208 error none: stateful=True
        """,
        says=("in Keras 2 the input of this model has no fixed batch size",),
    ),
    "behind an Embedding in Keras 3": Case(
        "model = Sequential([Embedding(9, 3), LSTM(2, stateful=True)])\n", target="keras3"
    ),
    "not the first layer": Case(
        """
        model = Sequential()
        model.add(Input((5,)))
        model.add(Embedding(9, 3))
        model.add(LSTM(2, return_sequences=True))
        model.add(LSTM(2, stateful=True))  # KFX208 error none: stateful=True
        """
    ),
    "right": Case(
        """
        a = Sequential([Input((5, 3), batch_size=4), LSTM(2, stateful=True)])
        b = LSTM(2, stateful=True)(Input(batch_shape=(4, 5, 3)))
        c = Sequential([Input((5, 3), batch_size=size), LSTM(2, stateful=True)])
        d = Sequential([LSTM(2, stateful=True)])
        e = LSTM(2, stateful=True)(Input((5, 3), **more))
        f = Sequential([Input((5, 3)), LSTM(2, stateful=False), LSTM(2, stateful=flag)])
        """
    ),
}

KFX210 = {
    "no channels": Case(
        """
        model = Sequential([Input((28, 28)), Dropout(0.1), Conv2D(8, 3)])  # KFX210 error none: (28, 28)
        """,
        says=("The declared input is (None, 28, 28), but 4 axes with the batch are expected by `Conv2D` at line",),
    ),
    "by a layer": Case(
        """
        model = Sequential()
        model.add(Dense(8, input_dim=4))  # KFX101 warning safe: input_dim=4 | KFX210 error none: input_dim=4
        model.add(LSTM(2))
        """,
        """
        model = Sequential()
        model.add(Input(shape=(4,)))
        model.add(Dense(8))
        model.add(LSTM(2))
        """,
    ),
    "called": Case(
        """
        x = Input((4, 4, 4))  # KFX210 error none: (4, 4, 4)
        y = Bidirectional(LSTM(2))(BatchNormalization()(x))
        """
    ),
    "wrapped": Case(
        """
        model = Sequential([Input((5, 8, 8)), TimeDistributed(Conv2D(2, 3))])  # KFX210 error none: (5, 8, 8)
        """
    ),
    "inside another model": Case(
        """
        x = Input((28, 28))  # KFX210 error none: (28, 28)
        y = Sequential([Dropout(0.1), Sequential([Conv2D(2, 3)])])(x)
        """
    ),
    "Keras 3 alone": Case(
        """
        model = Sequential([Input((9, 9, 3)), Conv1D(2, 3)])  # KFX210 error none: (9, 9, 3)
        """,
        says=("by Keras 3",),
    ),
    "Keras 2 takes it": Case("model = Sequential([Input((9, 9, 3)), Conv1D(2, 3)])\n", target="keras2"),
    "a batch dimension too many is KFX201": Case(
        """
        a = Sequential([Input((None, 28, 28, 1)), Conv2D(8, 3)])  # KFX201 error unsafe: (None, 28, 28, 1)
        b = Sequential([Input((batch_size, 28, 28, 1)), Conv2D(8, 3)])
        c = Sequential([Input((x.shape[0], 28, 28, 1)), Conv2D(8, 3)])
        d = Sequential([Input((128, 28, 28, 1)), Conv2D(8, 3)])  # KFX201 error unsafe: (128, 28, 28, 1)
        d.fit(x, y, batch_size=128)
        """,
        """
        a = Sequential([Input((28, 28, 1)), Conv2D(8, 3)])
        b = Sequential([Input((batch_size, 28, 28, 1)), Conv2D(8, 3)])
        c = Sequential([Input((x.shape[0], 28, 28, 1)), Conv2D(8, 3)])
        d = Sequential([Input((28, 28, 1)), Conv2D(8, 3)])
        d.fit(x, y, batch_size=128)
        """,
    ),
    "a layer that changes the rank": Case(
        """
        a = Sequential([Input((28, 28)), Flatten(), Conv2D(8, 3)])
        b = Sequential([Input((5, 3)), LSTM(8), LSTM(8)])
        """
    ),
    "what is not known": Case(
        """
        a = Sequential([Input(shape), Conv2D(8, 3)])
        b = Sequential([Input((28, 28)), Mine(), Conv2D(8, 3)])
        c = Sequential([Input((28, 28), **more), Conv2D(8, 3)])
        d = Sequential([Input((28, 28))])
        if deep:
            d.add(Conv2D(8, 3))
        """
    ),
    "errors that are meant": Case(
        """
        x = Input((28, 28))
        with pytest.raises(ValueError):
            Conv2D(8, 3)(x)
        try:
            model = Sequential([Input((28, 28)), Conv2D(8, 3)])
        except ValueError:
            pass
        """
    ),
    "wrong one time, right another": Case(
        """
        def build(shape):
            return Sequential([Input(shape), Conv2D(8, 3)])
        a, b = build((28, 28)), build((28, 28, 1))
        """
    ),
    "wrong each time": Case(
        """
        def build(shape):
            return Sequential([Input(shape), Conv2D(8, 3)])  # KFX210 error none: shape
        a, b = build((28, 28)), build((14, 14))
        """
    ),
}

KFX211 = {
    "an Input": Case(
        """
        a = Input((4,))
        model = Sequential([InputLayer(input_tensor=a), Dense(8)])  # KFX211 warning unsafe: InputLayer(input_tensor=a)
        """,
        """
        a = Input((4,))
        model = Sequential([a, Dense(8)])
        """,
        says=("This `InputLayer` claims a tensor as its own", "Put the tensor itself there"),
    ),
    "added, with a name": Case(
        """
        a, model = Input((4,)), Sequential()
        model.add(InputLayer(input_tensor=a, name="x"))  # KFX211 warning unsafe: InputLayer(input_tensor=a, name="x")
        """,
        """
        a, model = Input((4,)), Sequential()
        model.add(a)
        """,
    ),
    "another tensor": Case(
        """
        h = Dense(8)(Input((4,)))
        model = Sequential([InputLayer(input_tensor=h), Dense(8)])  # KFX211 warning none: InputLayer(input_tensor=h)
        """,
        says=("no fix: the tensor is not seen to be that of an `Input`",),
    ),
    "in the style of InputLayer": Case(
        """
        a = Input((4,))
        model = Sequential([InputLayer(input_tensor=a), Dense(8)])  # KFX211 warning none: InputLayer(input_tensor=a)
        """,
        style="InputLayer",
    ),
    "kept": Case(
        """
        a = Input((4,))
        first = InputLayer(input_tensor=a)  # KFX211 warning none: InputLayer(input_tensor=a)
        model = Sequential([first, Dense(8)])
        first(a)
        """,
        says=("no fix: the layer is kept before it is used",),
    ),
    "not in a Sequential": Case("a = Input((4,))\nb = InputLayer(input_tensor=a)\nc = Input(tensor=a)\n"),
    "a parameter may be None": Case("def f(a=None):\n    return Sequential([InputLayer(input_tensor=a), Dense(8)])\n"),
}

KFX212 = {
    "contradicted": Case(
        """
        model = Sequential([Input((4,)), Dense(2)])
        model.build((None, 5))  # KFX212 error none: model.build((None, 5))
        """,
        says=("`build` is given (None, 5), but the model's input is (None, 4); Keras 3 refuses this",),
    ),
    "a size for None": Case(
        """
        model = Sequential([Input((4,)), Dense(2)])
        model.build(input_shape=(8, 4))  # KFX212 error none: model.build(input_shape=(8, 4))
        """
    ),
    "for Keras 2": Case(
        """
        model = Sequential([Input((4,)), Dense(2)])
        model.build((8, 4))
        model.build((None, 5))  # KFX212 warning none: model.build((None, 5))
        """,
        target="keras2",
        says=("Keras 2 ignores this",),
    ),
    "without the batch": Case(
        """
        model = Sequential([Dropout(0.1), Conv2D(2, 3)])
        model.build((28, 28, 1))  # KFX212 error none: model.build((28, 28, 1))
        """,
        says=("The shape lacks the batch dimension; `Conv2D` takes one axis more",),
    ),
    "right": Case(
        """
        a = Sequential([Input((4,)), Dense(2)])
        a.build((None, 4))
        a.build()
        a.build((None, n))
        b = Sequential([Dense(2)])
        b.build((None, 4))
        c = Sequential([Flatten(), Dense(2)])
        c.build((28, 28))
        d = Sequential([Conv2D(2, 3)])
        d.build((None, 28, 28))
        """
    ),
}

KFX401 = {
    "of a layer": Case(
        """
        model = Sequential([Input((4,)), Dense(2, weights=[w, b])])  # KFX401 error none: weights=[w, b]
        """,
        says=("Keras 3 takes no `weights` on `Dense`; set them when the layer is built",),
    ),
    "None": Case(
        "layer = TimeDistributed(Dense(2), weights=None)  # KFX401 error safe: weights=None\n",
        "layer = TimeDistributed(Dense(2))\n",
    ),
    "for Keras 2": Case("layer = Dense(2, weights=[w, b])\n", target="keras2"),
    "where it is the layer's own": Case(
        """
        a, b = Embedding(9, 3, weights=[w]), Bidirectional(LSTM(2), weights=w)
        class Mine(Layer):
            pass
        c = Mine(weights=[w])
        """
    ),
}


@pytest.mark.parametrize("run", runs(KFX202 | KFX203 | KFX205 | KFX208))
class TestShapes(RuleCases):
    pass


@pytest.mark.parametrize("run", runs(KFX210 | KFX211 | KFX212 | KFX401))
class TestModels(RuleCases):
    pass
