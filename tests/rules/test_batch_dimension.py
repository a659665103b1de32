"""KFX201 and KFX213: what is declared and what is fed; `rig.py` explains the cases."""

from __future__ import annotations

import pytest
from rig import Case, RuleCases, runs

KFX201 = {
    "beside a tensor": Case(
        """
        a = Input(shape=(784,))
        first = InputLayer(input_tensor=a, input_shape=(None, 784))  # KFX201 error safe: input_shape=(None, 784)
        """,
        """
        a = Input(shape=(784,))
        first = InputLayer(input_tensor=a)
        """,
        says=("the tensor `a` has the shape (None, 784)", "Remove `input_shape`"),
    ),
    "beside a placeholder": Case(
        """
        import tensorflow as tf
        a = tf.placeholder(tf.float32, shape=(None, 784))
        b = tf.compat.v1.placeholder(tf.float32, [32, 784])
        one = InputLayer(input_tensor=a, input_shape=(None, 784))  # KFX201 error safe: input_shape=(None, 784)
        two = InputLayer(input_tensor=b, input_shape=(32, 784))  # KFX201 error safe: input_shape=(32, 784)
        """,
        """
        import tensorflow as tf
        a = tf.placeholder(tf.float32, shape=(None, 784))
        b = tf.compat.v1.placeholder(tf.float32, [32, 784])
        one = InputLayer(input_tensor=a)
        two = InputLayer(input_tensor=b)
        """,
    ),
    "for Keras 2 it is a warning": Case(
        """
        a = Input(shape=(784,))
        first = InputLayer((None, 784), input_tensor=a)  # KFX201 warning safe: (None, 784)
        """,
        """
        a = Input(shape=(784,))
        first = InputLayer(input_tensor=a)
        """,
        target="keras2",
    ),
    "a rank that is refused": Case(
        """
        shaped = Input(shape=(None, 10, 3))  # KFX201 error safe: shape=(None, 10, 3)
        model = Sequential([shaped, Dropout(0.1), LSTM(8)])
        """,
        """
        shaped = Input(shape=(10, 3))
        model = Sequential([shaped, Dropout(0.1), LSTM(8)])
        """,
        says=("`LSTM` would get 4 axes, the batch among them",),
    ),
    "a rank that Keras 2 takes": Case(
        """
        images = Input((None, 28, 28, 1))  # KFX201 error unsafe: (None, 28, 28, 1)
        model = Model(images, Conv2D(8, 3)(images))
        """,
        """
        images = Input((28, 28, 1))
        model = Model(images, Conv2D(8, 3)(images))
        """,
    ),
    "for Keras 3 it is safe": Case(
        """
        images = Input((None, 28, 28, 1))  # KFX201 error safe: (None, 28, 28, 1)
        model = Model(images, Conv2D(8, 3)(images))
        """,
        """
        images = Input((28, 28, 1))
        model = Model(images, Conv2D(8, 3)(images))
        """,
        target="keras3",
    ),
    "no Keras flattens it for a Dense": Case(
        """
        images = Input((None, 28, 28, 1))  # KFX201 error safe: (None, 28, 28, 1)
        model = Model(images, Dense(10)(Flatten()(Conv2D(8, 3)(images))))
        """,
        """
        images = Input((28, 28, 1))
        model = Model(images, Dense(10)(Flatten()(Conv2D(8, 3)(images))))
        """,
    ),
    "the batch size": Case(
        """
        model = Sequential([Input(shape=[32, 10, 3]), LSTM(8)])  # KFX201 error safe: shape=[32, 10, 3]
        model.fit(x, y, batch_size=32)
        """,
        """
        model = Sequential([Input(shape=[10, 3]), LSTM(8)])
        model.fit(x, y, batch_size=32)
        """,
    ),
    "the number of samples": Case(
        """
        import numpy as np
        x = np.zeros((500, 10, 3))
        model = Sequential([Input(shape=x.shape), LSTM(8)])  # KFX201 error safe: shape=x.shape
        model.fit(x, y)
        """,
        """
        import numpy as np
        x = np.zeros((500, 10, 3))
        model = Sequential([Input(shape=x.shape[1:]), LSTM(8)])
        model.fit(x, y)
        """,
    ),
    "on a layer, with what that is": Case(
        """
        shape = (None, 9, 3)
        model = Sequential([
            LSTM(8, input_shape=shape),  # KFX101 warning safe: input_shape=shape | KFX201 error safe: input_shape=shape
        ])
        """,
        """
        shape = (None, 9, 3)
        model = Sequential([
            Input(shape=shape[1:]),
            LSTM(8),
        ])
        """,
    ),
    "the shape of what is fed": Case(
        """
        model = Sequential([Input(shape=X.shape), Dense(8)])  # KFX201 error unsafe: shape=X.shape
        model.fit(X, y)
        """,
        """
        model = Sequential([Input(shape=X.shape[1:]), Dense(8)])
        model.fit(X, y)
        """,
        says=("`X`, which the model is given in line ", "has no axis more"),
    ),
    "sliced in another model": Case(
        """
        one = Sequential([Input(shape=X.shape[1:]), Dropout(0.1), LSTM(8)])
        two = Sequential([Input(shape=X.shape), LSTM(4)])  # KFX201 error unsafe: shape=X.shape
        """,
        """
        one = Sequential([Input(shape=X.shape[1:]), Dropout(0.1), LSTM(8)])
        two = Sequential([Input(shape=X.shape[1:]), LSTM(4)])
        """,
        says=("`X.shape[1:]` in line ", "leaves it out before the same layer"),
    ),
    "sliced in another model that is given it": Case(
        """
        inputs = Input(X.shape[1:])
        one = Model(inputs, Dense(8)(inputs))
        one.fit(X, y)
        two = Sequential([Input(shape=X.shape), Dense(8)])  # KFX201 error unsafe: shape=X.shape
        """,
        """
        inputs = Input(X.shape[1:])
        one = Model(inputs, Dense(8)(inputs))
        one.fit(X, y)
        two = Sequential([Input(shape=X.shape[1:]), Dense(8)])
        """,
    ),
    "sliced elsewhere, which proves nothing": Case(
        """
        one = Sequential([Input(shape=X.shape[1:]), Dense(8)])
        two = Sequential([Input(shape=X.shape), Dense(8)])
        three = Sequential([Input(shape=X.shape), LSTM(8)])
        four = Sequential([Input(shape=X.shape), Flatten(), Dense(8)])
        five = Sequential([Input(shape=Z.shape[1:]), LSTM(8)])
        six = Sequential([Input(shape=Z.shape), LSTM(8)])
        six.fit(sequences, y)
        Z = load()
        seven = Sequential([Input(shape=Z.shape), LSTM(8)])
        seven.fit(Z[None], y)
        eight = Sequential([Input(shape=Z.shape), LSTM(8)])
        nine = Sequential([Input(shape=W.shape[1:]), unknown, LSTM(8)])
        ten = Sequential([Input(shape=W.shape), LSTM(8)])
        eleven = Sequential([Input(shape=V.shape[2:]), LSTM(8)])
        twelve = Sequential([Input(shape=V.shape), LSTM(8)])
        """,
    ),
    "a name for it": Case(
        """
        shape = X.shape
        inputs = Input(shape)  # KFX201 error unsafe: shape
        model = Model(inputs, Dense(8)(inputs))
        model.fit(X, y)
        """,
        """
        shape = X.shape
        inputs = Input(shape[1:])
        model = Model(inputs, Dense(8)(inputs))
        model.fit(X, y)
        """,
    ),
    "an array of the shape": Case(
        """
        import numpy as np
        X = np.random.rand(100, 8)
        one = Sequential([Input(shape=(None, 8)), Dense(8)])  # KFX201 error unsafe: shape=(None, 8)
        one(X)
        two = Sequential([Input(shape=(100, 8)), Dense(8)])  # KFX201 error unsafe: shape=(100, 8)
        two.predict(X)
        """,
        """
        import numpy as np
        X = np.random.rand(100, 8)
        one = Sequential([Input(shape=(8,)), Dense(8)])
        one(X)
        two = Sequential([Input(shape=(8,)), Dense(8)])
        two.predict(X)
        """,
    ),
    "a sample that is reshaped": Case(
        """
        import numpy as np
        one = Sequential([Input(shape=(8, 3)), Reshape((8, 3, 1)), Dense(8)])
        one(np.zeros((8, 3)))  # KFX213 error none: np.zeros((8, 3))
        """
    ),
    "build": Case(
        """
        model = Sequential([Input(shape=(None, 8)), Dense(8)])  # KFX201 error unsafe: shape=(None, 8)
        model.build((None, 8))
        """,
        """
        model = Sequential([Input(shape=(8,)), Dense(8)])
        model.build((None, 8))
        """,
        says=("`build` says the same",),
    ),
    "the length": Case(
        """
        one = Sequential([Input(shape=(len(X),)), Dense(8)])  # KFX201 error unsafe: shape=(len(X),)
        one.fit(X, y)
        two = Sequential([Input(shape=(X.shape[0],)), Dense(8)])  # KFX201 error unsafe: shape=(X.shape[0],)
        two.fit(X, y)
        """,
        """
        one = Sequential([Input(shape=X.shape[1:]), Dense(8)])
        one.fit(X, y)
        two = Sequential([Input(shape=X.shape[1:]), Dense(8)])
        two.fit(X, y)
        """,
        says=("it is the length of `X`",),
    ),
    "a sum": Case(
        """
        import numpy as np
        model = Sequential([Input(shape=(None,) + (8,)), Dense(8)])  # KFX201 error none: shape=(None,) + (8,)
        model(np.zeros((4, 8)))
        """,
        says=("no fix: the first entry cannot be taken out of this expression",),
    ),
    "a real axis": Case(
        """
        import numpy as np
        one = Sequential([Input(shape=(None, 16)), LSTM(8)])
        one.fit(np.zeros((4, 9, 16)), y)
        two = Sequential([Input(shape=(None, 16)), Dense(8)])
        two.fit(np.zeros((4, 9, 16)), y)
        three = Sequential([Input(shape=(None, 16)), Dense(8)])
        three.fit(X, y)
        four = Sequential([Input(shape=(None, 16)), TimeDistributed(Dense(8))])
        five = Sequential([Input(shape=(None, 28, 28, 1)), TimeDistributed(Conv2D(8, 3))])
        six = Sequential([Input(shape=(None, None, 3)), Conv2D(8, 3)])
        seven = Sequential([Input(shape=(None,)), Embedding(8, 3)])
        eight = Sequential([Input(shape=(None, 16)), unknown])
        eight.fit(np.zeros((4, 16)), y)  # KFX213 error none: np.zeros((4, 16))
        nine = Sequential([Input(shape=(10, 3, 4)), Flatten(), Dense(8)])
        """,
    ),
    "what else is fed": Case(
        """
        import numpy as np
        one = Sequential([Input(shape=X.shape), Dense(8)])
        one.fit(Z, y)
        two = Sequential([Input(shape=X.shape[1:]), Dense(8)])
        two.fit(X, y)
        three = Sequential([Input(shape=(X.shape[1],)), Dense(8)])
        three.fit(X, y)
        X = load()
        four = Sequential([Input(shape=(len(Z),)), Dense(8)])
        four.fit(X, y)
        """,
    ),
    "another tensor": Case(
        """
        a = Input(shape=(784,))
        one = InputLayer(input_tensor=a, input_shape=(784,))  # KFX205 warning safe: input_shape=(784,)
        two = InputLayer(input_tensor=unknown, input_shape=(None, 784))
        three = InputLayer(input_tensor=a, input_shape=(None, 100))  # KFX205 error safe: input_shape=(None, 100)
        """,
        """
        a = Input(shape=(784,))
        one = InputLayer(input_tensor=a)
        two = InputLayer(input_tensor=unknown, input_shape=(None, 784))
        three = InputLayer(input_tensor=a)
        """,
    ),
}

KFX213 = {
    "a rank": Case(
        """
        import numpy as np
        model = Sequential([Input((784,)), Dense(8)])
        model.predict(np.zeros((5, 28, 28)))  # KFX213 error none: np.zeros((5, 28, 28))
        """,
        says=(
            "`predict` is given an array of shape (5, 28, 28), made in line ",
            "where the model takes (None, 784), declared in line ",
            "Keras 2 and Keras 3 refuse it; `.reshape(-1, 784)` makes it agree",
        ),
    ),
    "a size": Case(
        """
        import numpy as np
        inputs = Input((8,))
        model = Model(inputs, Dense(8)(inputs))
        model.evaluate(np.ones((5, 9)), y)  # KFX213 error none: np.ones((5, 9))
        """,
        says=("data of this shape need the shape (9,)",),
    ),
    "a sample": Case(
        """
        import numpy as np
        x = np.zeros((5, 8))
        model = Sequential([Input((8,)), Dense(8)])
        model(x[0])  # KFX213 error none: x[0]
        model(x[:1])
        """,
        says=("The model is called on an array of shape (8,)", "a single sample needs an axis for the batch"),
    ),
    "what Keras 2 lets pass": Case(
        """
        import numpy as np
        model = Sequential([Input((None, 8)), LSTM(8)])
        model(np.zeros((4, 6, 8, 2)))  # KFX213 error none: np.zeros((4, 6, 8, 2))
        other = Sequential([Input((None, None)), Flatten()])
        other(np.zeros((4, 6, 8, 2)))  # KFX213 error none: np.zeros((4, 6, 8, 2))
        """,
        says=("Keras 3 refuses it",),
    ),
    "for Keras 2 alone": Case(
        """
        import numpy as np
        other = Sequential([Input((None, None)), Flatten()])
        other(np.zeros((4, 6, 8, 2)))
        """,
        target="keras2",
    ),
    "what is accepted": Case(
        """
        import numpy as np
        one = Sequential([Input((8,)), Dense(8)])
        one(np.zeros((4, 8, 1)))
        one.fit(X, y)
        one.fit(X.reshape(-1, n), y)
        two = Sequential([Input((1,)), Dense(8)])
        two.fit(np.arange(10), y)
        three = Sequential([Input((None, 8)), LSTM(8)])
        three.fit(np.zeros((4, 6, 8)), y)
        three(np.zeros((4, 6, 8)))
        four = Sequential([Dense(8)])
        four(np.zeros((4, 6, 8)))
        """,
    ),
    "where it may fail": Case(
        """
        import numpy as np
        model = Sequential([Input((8,)), Dense(8)])
        try:
            model.predict(np.zeros((5, 9)))
        except ValueError:
            pass
        with pytest.raises(ValueError):
            model.predict(np.zeros((5, 9)))
        """,
    ),
    "one of several": Case(
        """
        import numpy as np
        model = Sequential([Input((8,)), Dense(8)])
        for x in (np.zeros((4, 8)), np.zeros((4, 9))):
            model.predict(x)
        """,
    ),
    "images of another size": Case(
        """
        from tensorflow.keras.preprocessing.image import ImageDataGenerator
        from tensorflow.keras.utils import image_dataset_from_directory
        model = Sequential([Input((224, 224, 3)), Conv2D(8, 3), Flatten(), Dense(1)])
        images = ImageDataGenerator(rescale=1 / 255)
        small = images.flow_from_directory("data", target_size=(150, 150), batch_size=20)
        right = images.flow_from_directory("data", (224, 224), class_mode="binary")
        model.fit(small, epochs=3)  # KFX213 error none: small
        model.fit_generator(right, validation_data=small)  # KFX213 error none: validation_data=small
        model.predict_generator(small)  # KFX213 error none: small
        grey = images.flow_from_directory("data", target_size=(224, 224), color_mode="grayscale")
        model.fit(grey)  # KFX213 error none: grey
        read = image_dataset_from_directory("data", image_size=(180, 180)).cache().prefetch(1)
        model.evaluate(read)  # KFX213 error none: read
        model.fit(right)
        """,
        says=("`fit` is given batches of shape (None, 150, 150, 3), where the model takes (None, 224, 224, 3)",),
    ),
    "datasets": Case(
        """
        import numpy as np
        import tensorflow as tf
        X, y = np.zeros((100, 28, 28)), np.zeros(100)
        model = Sequential([Input((784,)), Dense(10)])
        data = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(100)
        model.fit(data.batch(4))  # KFX213 error none: data.batch(4)
        flat = tf.data.Dataset.from_tensor_slices((X.reshape(-1, 784), y))
        model.fit(flat.batch(4).repeat(2))
        model.fit(flat)  # KFX213 error none: flat
        """,
    ),
    "what may yield anything": Case(
        """
        import numpy as np
        import tensorflow as tf
        from tensorflow.keras.preprocessing.image import ImageDataGenerator
        from tensorflow.keras.utils import image_dataset_from_directory
        model = Sequential([Input((224, 224, 3)), Conv2D(8, 3), Flatten(), Dense(1)])
        images = ImageDataGenerator()
        model.fit(images.flow_from_directory("data", target_size=size))
        model.fit(images.flow_from_directory("data", target_size=(224, 224), color_mode=mode))
        model.fit(images.flow_from_directory("data", **options))
        model.fit(images.flow(X, y))
        model.fit(images.flow((np.zeros((4, 9, 9, 3)), Z), y))
        model.fit(ImageDataGenerator(data_format="channels_first").flow_from_directory("data"))
        model.fit(other.flow_from_directory("data", target_size=(9, 9)))
        read = image_dataset_from_directory("data", image_size=(180, 180))
        model.fit(read.map(resize))
        model.fit(read.unbatch())
        model.fit(image_dataset_from_directory("data", image_size=(180, 180), batch_size=None))
        one, two = image_dataset_from_directory("data", image_size=(180, 180), subset="both")
        model.fit(one)
        model.fit(tf.data.Dataset.from_tensor_slices({"a": np.zeros((4, 9))}).batch(2))
        model.fit(tf.data.Dataset.from_tensor_slices(files).map(load).batch(2))
        model.predict_generator(unknown)
        for batch, labels in read:
            model.train_on_batch(batch, labels)
        convolved = Sequential([Input((224, 224, 3)), Conv2D(8, 3)])
        convolved.fit(images.flow_from_directory("data", target_size=(150, 150)))
        """,
    ),
    "a list of numbers": Case(
        """
        X = [[0, 0], [0, 1], [1, 0], [1, 1]]
        model = Sequential([Input((2,)), Dense(1)])
        model.fit(X, y)  # KFX213 error none: X
        model.fit(Z, y, validation_data=(X, y))  # KFX213 error none: validation_data=(X, y)
        model.predict(((1.0, 2.0),))  # KFX213 error none: ((1.0, 2.0),)
        model.predict([[x, x + 1] for x in range(3)])  # KFX213 error none: [[x, x + 1] for x in range(3)]
        model([[1, 2]])  # KFX213 error none: [[1, 2]]
        """,
        says=(
            "`fit` is given a list of numbers of shape (4, 2), where the model takes (None, 2), declared in line ",
            "; Keras 3 refuses it; give it an array, as `np.array` makes one",
            "The model is called on a list of numbers of shape (1, 2)",
        ),
    ),
    "a list that Keras 2 refuses too": Case(
        """
        model = Sequential([Input((3,)), Dense(1)])
        model.predict([1, 2, 3])  # KFX213 error none: [1, 2, 3]
        model.predict_on_batch([[1, 2, 3]])  # KFX213 error none: [[1, 2, 3]]
        model.predict([[1, 2, 3]])
        model([[1, 2, 3]])
        """,
        target="keras2",
        says=("`predict` is given a list of numbers of shape (3,)", "Keras 2 refuses it"),
    ),
    "a list of numbers for a model that declares nothing": Case(
        """
        model = Sequential([Dense(4), Dense(1)])
        model.fit([[0, 0], [0, 1]], y)  # KFX213 error none: [[0, 0], [0, 1]]
        other = Sequential([preprocess, Dense(1)])
        other.fit([[0, 0], [0, 1]], y)
        """,
        says=("`fit` is given a list of numbers of shape (2, 2); Keras 3 refuses it",),
    ),
    "lists of arrays, and what is no list of numbers": Case(
        """
        import numpy as np
        x = np.zeros((4, 2))
        model = Sequential([Input((2,)), Dense(1)])
        model.predict([x])
        model.predict((x,))
        model.predict([[x]])
        model.predict([x[0], x[1]])
        model.predict(np.array([[1, 2]]))
        model.predict(np.asarray([[1, 2]], dtype="float32"))
        model.predict([[a, b]])
        model.predict([[1, a]])
        model.predict([])
        model.predict(["a", "b"])
        model.predict([None])
        X = [[1, 2]]
        X.append(load())
        model.predict(X)
        Y = [[1, 2]]
        Y = np.array(Y)
        model.predict(Y)
        for either in ([[1, 2]], x):
            model.predict(either)
        try:
            model.predict([[1, 2]])
        except ValueError:
            pass
        Sequential([unknown]).predict([[1, 2]])
        KerasClassifier(model).predict([[1, 2]])
        """,
    ),
    "by name": Case(
        """
        import numpy as np
        a, b = Input((8,), name="a"), Input((9,), name="b")
        model = Model([a, b], Dense(8)(concatenate([a, b])))
        wrong = {"a": np.zeros((4, 8)), "b": np.zeros((4, 7))}
        model.predict(wrong)  # KFX213 error none: wrong
        model.predict({"a": np.zeros((4, 8)), "b": np.zeros((4, 9))})
        model.predict([np.zeros((4, 8)), np.zeros((4, 9))])
        swapped = np.zeros((4, 9)), np.zeros((4, 8))
        model.predict(swapped)  # KFX213 error none: swapped
        """,
    ),
}


@pytest.mark.parametrize("run", runs(KFX201 | KFX213))
class TestBatchDimension(RuleCases):
    pass
