"""What rules find behind operators, slices and functions on Keras tensors, and what they leave alone there."""

from __future__ import annotations

import pytest
from rig import Case, Run, check_findings, check_suppressions, runs

TWO = "a, b = Input((8,), batch_size=4), Input((8,), batch_size=2)\n"

FOUND = {
    "a sum of two batch sizes": Case(
        TWO + "model = Model([a, b], Dense(2)(a + Dense(8)(b)))  # KFX202 error none: a + Dense(8)(b)\n",
        says=("Tensors with different batch sizes are merged: 4 and 2",),
    ),
    "a difference far behind the inputs": Case(
        f"""
        import tensorflow as tf
        {TWO}
        x = tf.nn.relu(tf.expand_dims(a, 1) * 0.5)[:, 0]
        y = tf.reshape(-b, (-1, 8))
        x -= y  # KFX202 error none: x -= y
        model = Model([a, b], Dense(2)(x))
        """
    ),
    "a function that merges": Case(
        "from keras import ops\n"
        + TWO
        + "model = Model([a, b], ops.maximum(a, b))  # KFX202 error none: ops.maximum(a, b)\n"
    ),
    "a layer that merges what operations make": Case(
        TWO + "model = Model([a, b], Add()([a * 2, b[:, ::1]]))  # KFX202 error none: Add()([a * 2, b[:, ::1]])\n"
    ),
    "the outputs of a model": Case(
        TWO
        + "pair = Model([a, b], [Dense(8)(a), Dense(8)(b)])\nx, y = pair([a, b])\n"
        + "model = Model([a, b], x * y)  # KFX202 error none: x * y\n"
    ),
    "an image without channels that is scaled": Case(
        """
        x = Input((28, 28))  # KFX210 error none: (28, 28)
        model = Model(x, Conv2D(8, 3)(x / 255.0 - 0.5))
        """
    ),
    "a rank behind a function": Case(
        """
        from keras import ops
        x = Input((5, 5, 3))  # KFX210 error none: (5, 5, 3)
        model = Model(x, LSTM(2)(ops.transpose(ops.relu(x), (0, 2, 1, 3))))
        """
    ),
    "an array for a model that scales it": Case(
        """
        import numpy as np
        import tensorflow as tf
        x = Input((None,))
        model = Model(x, Dense(2)(Flatten()(tf.cast(x, tf.float32) * 2.0)))
        model.predict(np.zeros((4, 6, 3)))  # KFX213 error none: np.zeros((4, 6, 3))
        """
    ),
    "a tensor of another size": Case(
        """
        x = Input((8, 6))
        model = Model(y := Input((9,)), Dense(2)(y))
        z = model(x[:, :, 0])  # KFX213 error none: x[:, :, 0]
        """
    ),
}

RIGHT = {
    "batch sizes of 1 and of None": Case(
        "a, b, c = Input((8,), batch_size=4), Input((8,), batch_size=1), Input((8,))\n"
        + "model = Model([a, b, c], a + b + c)\n"
    ),
    "ranks that are aligned at the end": Case(
        "a, b = Input((8,), batch_size=4), Input((4, 8), batch_size=2)\nmodel = Model([a, b], a + b)\n"
    ),
    "a function that is not known": Case(TWO + "model = Model([a, b], a + mine(b))\n"),
    "a function of the file": Case(TWO + "def mine(x):\n    return gather(x)\nmodel = Model([a, b], a + mine(b))\n"),
    "one of two": Case(TWO + "x = a if flag else b\nmodel = Model([a, b], x + b)\n"),
    "batches that are joined or multiplied": Case(
        "import tensorflow as tf\n"
        + TWO
        + "c = Input((4,), batch_size=8)\n"
        + "model = Model([a, b, c], [tf.concat([a, b], 0), a @ c, tf.tile(b, [2, 1]) + a])\n"
    ),
    "batches that are made equal": Case(
        "import tensorflow as tf\n"
        + TWO
        + "model = Model([a, b], tf.reshape(b, (4, 4)) + a[:, :4] + tf.reduce_mean(b, 0))\n"
    ),
    "channels that are added": Case(
        """
        import tensorflow as tf
        x, y, z = Input((28, 28)), Input((28, 28)), Input((28, 28))
        model = Model([x, y, z], [Conv2D(8, 3)(x[..., None] / 255.0), Conv2D(8, 3)(tf.expand_dims(y, -1))])
        other = Model(z, Conv2D(8, 3)(mine(z)))
        """
    ),
    "an array for a model that changes its rank": Case(
        """
        import numpy as np
        import tensorflow as tf
        x, y = Input((28, 28)), Input((6, 4))
        model = Model(x, Conv2D(8, 3)(x[..., None]))
        model.predict(np.zeros((5, 28, 28)))
        other = Model(y, LSTM(2)(tf.image.resize(y, (3, 3))))
        other.predict(np.zeros((5, 6, 4)))
        last = Model(y, Dense(8)(y[:, :, 0]))
        last.predict(np.zeros((5, 6, 4)))
        """
    ),
    "a batch axis that is one": Case(
        """
        import numpy as np
        x = Input((None, 28, 28))
        model = Model(x, Conv2D(8, 3)(x[:, 0][..., None]))
        model.predict(np.zeros((5, 2, 28, 28)))
        """
    ),
    "what a function of the file slices": Case(
        """
        def crop(x, i):
            return x[:, i]
        x = Input((2, 28, 28))
        model = Model(x, LSTM(8)(crop(x, n)))
        """
    ),
    "scores beside a tensor": Case(
        """
        from keras import layers
        q = Input((5, 8), batch_size=4)
        x = layers.MultiHeadAttention(2, 4)(q, q, return_attention_scores=True)[0]
        model = Model(q, LSTM(2)(x))
        """
    ),
}


@pytest.mark.parametrize("run", runs(FOUND))
def test_findings(run: Run) -> None:
    check_findings(run)
    check_suppressions(run)


@pytest.mark.parametrize("run", runs(RIGHT))
def test_what_is_right_or_not_known(run: Run) -> None:
    check_findings(run)
