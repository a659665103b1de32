"""What is known of arrays is what numpy says of them, and what is not known is not guessed."""

from __future__ import annotations

import pytest

from kerasfix.analysis.data_shapes import data_shape
from kerasfix.analysis.gathering import analyse
from kerasfix.analysis.values import Shape

HEAD = """
import keras
import numpy as np
import tensorflow as tf
model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
"""
X = "x = np.zeros((6, 4, 5))\n"


def shapes_of(program: str) -> list[Shape]:
    """The shapes of what the model is given, in order."""
    found = analyse(HEAD + program)
    return [data_shape(given.data, found.arrays) for given in found.given]


def shape_of(program: str, expression: str) -> tuple[object, ...] | None:
    """The shape of one expression behind a program; a size that is not known is `"?"`."""
    dims = shapes_of(f"{program}\nmodel.predict({expression})\n")[-1].dims
    return None if dims is None else tuple(dim if dim is None or isinstance(dim, int) else "?" for dim in dims)


KNOWN = [
    *("np.zeros((2, 3))", "np.ones(shape=[2, 3])", "np.empty(4)", "np.full((2, 2), 7.0)", "np.zeros_like(x)"),
    *("np.random.rand(3, 4)", "np.random.randn(5)", "np.random.random((2, 3))", "np.random.normal(size=(2, 3))"),
    *("np.random.normal(0, 1, (2, 3))", "np.random.uniform(0, 1, size=4)", "np.random.randint(0, 9, (3, 2))"),
    *("np.random.randint(5, size=(3, 2))", "np.random.default_rng(1).random((4, 2))"),
    *("np.random.RandomState(0).randn(3, 2)", "np.random.default_rng(1).integers(0, 3, size=(2, 2))"),
    *("np.array([[1, 2, 3], [4, 5, 6]])", "np.array([1.0, 2.0])", "np.array([x, x])", "np.asarray(x)"),
    *("np.arange(10)", "np.arange(2, 10, 3)", "np.linspace(0, 1)", "np.linspace(0, 1, 7)", "np.eye(3)"),
    *("x.reshape(6, 20)", "x.reshape((6, -1))", "x.reshape(-1, 10)", "np.reshape(x, (3, -1, 4))", "x.reshape(-1)"),
    *("x.reshape(x.shape[0], 20)", "x.reshape(len(x), 4, 5, 1)", "x.reshape((len(x),) + (20,))"),
    *("x.astype('float32') / 255.0", "x.astype('float32')", "x.copy()", "-x", "x + x[0]", "2 * x - 1", "x ** 2"),
    *("np.expand_dims(x, 0)", "np.expand_dims(x, axis=-1)", "x[..., np.newaxis]", "x[np.newaxis]", "x[None, 2]"),
    *("x[:3]", "x[2:]", "x[:-1]", "x[::2]", "x[0]", "x[-1]", "x[:, 0]", "x[:, :2, 1:]", "x[..., -1]", "x[0:100]"),
    *("x[[1, 2]]", "x[np.arange(4)]", "x[1, 2]", "x[:, 1, :, None]", "x.shape[0] * np.ones((2, 2))"),
    *("x.T", "x.transpose(0, 2, 1)", "np.transpose(x)", "np.transpose(x, (2, 0, 1))", "x.flatten()", "x.ravel()"),
    *("np.squeeze(x[:1])", "np.squeeze(x[:1], axis=0)", "x[:, :1].squeeze(1)"),
    *("np.concatenate([x, x])", "np.concatenate((x, x), axis=2)", "np.vstack([x, x])", "np.hstack([x, x])"),
    *("np.stack([x, x])", "np.stack([x, x], axis=1)", "(x - x.mean()) / x.std()", "x - x.mean(axis=0)"),
    *("np.max(x, axis=1)", "np.clip(x, 0, 1)", "np.exp(x)", "np.resize(x, (2, 2))", "np.zeros(x.shape[1:])"),
    *("np.zeros((len(x), x.shape[-1]))", "np.array([[0, 1]] * 3)", "np.zeros((3, x.ndim))"),
    *("x @ np.zeros((5, 2))", "np.matmul(x, x.transpose(0, 2, 1))", "np.add(x, x[0])", "np.maximum(x, 0.0)"),
    *("x.max(axis=1, keepdims=True)", "x.sum(axis=(0, -1), keepdims=True)", "np.prod(x, axis=(0, 1))"),
    *("np.split(x, 3)[0]", "np.split(x, [1, 4])[1]", "np.split(x, 2, axis=1)[1]"),
]


@pytest.mark.parametrize("expression", KNOWN)
def test_known_shapes_are_those_of_numpy(expression: str) -> None:
    np = pytest.importorskip("numpy")
    names = {"np": np, "x": np.zeros((6, 4, 5))}
    assert shape_of(X, expression) == eval(expression, names).shape


TENSORFLOW = [
    *("tf.zeros((2, 3))", "tf.ones([2, 3])", "tf.constant([[1.0, 2.0]])", "tf.constant(0.0, shape=(2, 3))"),
    *("tf.random.normal((2, 3))", "tf.random.uniform([4])", "tf.expand_dims(tf.zeros((2, 3)), 0)", "tf.eye(3)"),
    *("tf.reshape(tf.zeros((2, 6)), (-1, 3))", "tf.cast(tf.zeros((2, 3)), 'int32')", "tf.zeros((2, 3))[:, None]"),
    *("tf.concat([tf.zeros((2, 3)), tf.zeros((2, 4))], 1)", "tf.stack([tf.zeros(3), tf.ones(3)])"),
    *("tf.transpose(tf.zeros((2, 3)))", "tf.convert_to_tensor([[1, 2]])", "tf.zeros((2, 3)).numpy()"),
    *("keras.utils.to_categorical(np.zeros(5), 3)", "keras.utils.to_categorical(np.zeros((5, 1)), num_classes=3)"),
    "keras.utils.pad_sequences(np.array([[1, 2], [3]], dtype=object), maxlen=7)[:, :3]",
]


@pytest.mark.keras
def test_known_shapes_are_those_of_tensorflow() -> None:
    import keras
    import numpy as np
    import tensorflow as tf

    names = {"tf": tf, "np": np, "keras": keras}
    for expression in TENSORFLOW[:-1]:
        assert shape_of("", expression) == tuple(eval(expression, names).shape), expression


PARTLY = {
    "unknown.reshape(-1, 28, 28, 1)": ("?", 28, 28, 1),
    "unknown.reshape(60000, 784) / 255": (60000, 784),
    "x[:n]": ("?", 4, 5),
    "np.zeros((n, 8))": ("?", 8),
    "keras.utils.to_categorical(np.arange(4))": (4, "?"),
    "tf.compat.v1.placeholder(tf.float32, shape=(None, 784))": (None, 784),
    "tf.compat.v1.placeholder(tf.float32, [None, 28, 28])[..., None]": (None, 28, 28, 1),
    "keras.datasets.mnist.load_data()[0][0]": (60000, 28, 28),
    "keras.datasets.mnist.load_data()[1][1]": (10000,),
    "keras.datasets.cifar10.load_data()[0][1]": (50000, 1),
    "keras.datasets.imdb.load_data(num_words=10)[0][0]": ("?",),
    "keras.datasets.boston_housing.load_data()[0][0]": (404, 13),
    "keras.utils.pad_sequences(keras.datasets.imdb.load_data()[0][0], maxlen=80)": (25000, 80),
}


@pytest.mark.parametrize("expression", PARTLY)
def test_partly_known_shapes(expression: str) -> None:
    assert shape_of(X, expression) == PARTLY[expression]


NOT_KNOWN = [
    *("unknown", "unknown / 255.0", "unknown[:10]", "x + unknown", "x[unknown]", "x[x > 0]", "np.zeros(n)"),
    *("np.zeros(unknown)", "x.reshape(shape)", "np.array(unknown)", "np.array([[1, 2], [3]])", "np.array([a, b])"),
    *("np.concatenate([x, unknown])", "np.random.normal(unknown)", "x.reshape(7, -1)", "np.zeros((-2, 3))"),
    *("x[10]", "x[0, 0, 0, 0]", "x + np.zeros((7, 4, 5))", "np.stack(unknown)", "load(x)", "np.load('x.npy')"),
    *("[[1.0, 2.0, 3.0]]", "x.max(axis=a, keepdims=True)", "x.max(axis=(a, 1))", "x @ x", "x.T.whatever()"),
]


@pytest.mark.parametrize("expression", NOT_KNOWN)
def test_what_is_not_known(expression: str) -> None:
    assert shape_of(X, expression) is None


CHANGED = {
    "a shape that is assigned": "x = np.zeros((6, 4))\nx.shape = (4, 6)\n",
    "an array that is resized": "x = np.zeros((6, 4))\nx.resize((4, 6))\n",
    "one of two": "x = np.zeros((6, 4))\nif flag:\n    x = load()\n",
    "two ranks": "x = np.zeros((6, 4))\nif flag:\n    x = x.reshape(-1)\n",
    "a loop": "x = np.zeros((6, 4))\nfor path in paths:\n    x = np.concatenate([x, load(path)])\n",
    "an array behind it": "y = np.zeros((6, 4))\ny.shape = (4, 6)\nx = y / 2\n",
}


@pytest.mark.parametrize("program", CHANGED.values(), ids=CHANGED)
def test_what_changes_is_not_known(program: str) -> None:
    assert shape_of(program, "x") is None


def test_what_is_split() -> None:
    program = "from sklearn.model_selection import train_test_split\nx = np.zeros((10, 4))\n"
    assert shape_of(f"{program}a, b, c, d = train_test_split(x, y, test_size=0.2)\n", "a") == ("?", 4)
    assert shape_of(f"{program}a, b, c, d = train_test_split(y, x, test_size=0.2)\n", "d") == ("?", 4)
    assert shape_of(f"{program}a, b, c, d = train_test_split(y, x)\n", "a") is None


def test_rebinding_and_functions() -> None:
    program = """
def load():
    data = np.random.rand(50, 28, 28)
    return data[:40], data[40:]


train, test = load()
train = train.reshape(-1, 784)
train /= 255
"""
    assert shape_of(program, "train") == (40, 784)
    assert shape_of(program, "test") == (10, 28, 28)


def test_two_calls_are_two_arrays() -> None:
    found = analyse(HEAD + "for x in (np.random.rand(3), np.random.rand(3)):\n    model.predict(x)\n")
    first, second = (given.data for given in found.given)
    assert first != second


def test_sizes_reach_what_is_declared() -> None:
    found = analyse(HEAD + X + "other = keras.Input(shape=x.shape[1:])\n")
    assert found.inputs[-1].made.shape == Shape((None, 4, 5))


def test_what_models_are_given() -> None:
    found = shapes_of("""
model.fit(np.zeros((4, 3)), np.zeros(4), validation_data=(np.zeros((2, 3)), np.zeros(2)))
model.evaluate(x=np.zeros((5, 3)), y=np.zeros(5))
model.train_on_batch(np.zeros((6, 3)), np.zeros(6))
model(np.zeros((7, 3)))
model.predict(*arguments)
""")
    assert [shape.dims[0] for shape in found if shape.dims] == [4, 2, 5, 6, 7]
