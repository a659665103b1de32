"""The independent count of declared inputs, on small programs whose count anyone can see."""

from __future__ import annotations

import textwrap

import pytest
from declared_sites import Site, Unreadable, sites


def found(program: str) -> list[Site]:
    answer = sites(textwrap.dedent(program).encode())
    assert not isinstance(answer, Unreadable), answer.reason
    return answer


def layers(program: str) -> list[str]:
    return [site.layer for site in found(program)]


PARTIAL = "from functools import partial\nimport keras\nDense = partial(keras.layers.Dense, use_bias=False)"
TRY = "try:\n    from keras.layers import Dense\nexcept ImportError:\n    "


@pytest.mark.parametrize(
    ("imports", "layer"),
    [
        ("from keras.layers import Dense", "Dense"),
        ("from keras.layers import Dense as FullyConnected", "FullyConnected"),
        ("from keras.layers.core import Dense", "Dense"),
        ("from keras.layers import *", "Dense"),
        ("from tensorflow.python.keras.layers import *", "Dense"),
        ("import keras", "keras.layers.Dense"),
        ("import keras.layers as kl", "kl.Dense"),
        ("from keras import layers", "layers.Dense"),
        ("import tensorflow as tf", "tf.keras.layers.Dense"),
        ("import tensorflow.compat.v2 as tf", "tf.keras.layers.Dense"),
        ("import tensorflow as tf", "tf.compat.v1.keras.layers.Dense"),
        ("from tensorflow import keras", "keras.layers.Dense"),
        ("from tensorflow import *", "keras.layers.Dense"),
        ("import tensorflow.keras as k", "k.layers.Dense"),
        ("from tensorflow.keras import layers as L", "L.Dense"),
        ("from tensorflow.python.keras.layers import Dense", "Dense"),
        ("import tf_keras", "tf_keras.layers.Dense"),
        ("from keras.src import layers", "layers.Dense"),
        ("import tensorflow as tf\nL = tf.keras.layers", "L.Dense"),
        ("import keras\nDense = keras.layers.Dense", "Dense"),
        ("import keras\nDense, Flatten = keras.layers.Dense, keras.layers.Flatten", "Dense"),
        (PARTIAL, "Dense"),
        ("import pytest\nkeras = pytest.importorskip('keras')", "keras.layers.Dense"),
        (TRY + "from tf_keras.layers import Dense", "Dense"),
        (TRY + "Dense = None", "Dense"),
    ],
)
@pytest.mark.parametrize(
    "place", ["{}", "def build():\n    return {}", "class A:\n    def b(self):\n        self.a = {}"]
)
def test_every_way_to_reach_a_layer_counts(imports: str, layer: str, place: str) -> None:
    call = f"{layer}(4, input_shape=(3,))"
    assert layers(f"# keras\n{imports}\n{place.format(call)}\n") == ["Dense"]


@pytest.mark.parametrize(
    "program",
    [
        "import keras\nclass Dense: ...\nDense(4, input_dim=3)",
        "from keras.layers import Dense\ndef Dense(n, input_dim): ...\nDense(4, input_dim=3)",
        "import keras\nfrom mine import Dense\nDense(4, input_dim=3)",
        "import keras\nfrom .layers import Dense\nDense(4, input_dim=3)",
        "import keras\nfrom .keras.layers import Dense\nDense(4, input_dim=3)",
        "from keras.layers import Dense\nfrom qkeras import QDense as Dense\nDense(4, input_dim=3)",
        "from keras.layers import Dense\ndef build(Dense):\n    return Dense(4, input_dim=3)",
        "from keras import layers\nfor layers in range(3):\n    layers.Dense(4, input_dim=3)",
        "from keras.layers import Dense\nDense = wrapped(Dense)\nDense(4, input_dim=3)",
        TRY + "class Dense: ...\nDense(4, input_dim=3)",
        "try:\n    from mine import Dense\nexcept ImportError:\n    from keras.layers import Dense\n"
        "Dense(4, input_dim=3)",
        "import keras\nDense(4, input_dim=3)",
        "import tensorflow as tf\ntf.layers.Dense(4, input_shape=(3,))",
        "from keras.initializers import Identity\nIdentity(input_dim=3)",
    ],
)
def test_a_class_that_only_looks_like_keras_does_not_count(program: str) -> None:
    assert layers(program) == []


@pytest.mark.parametrize(
    "call",
    [
        "keras.layers.Embedding(input_dim=1000, output_dim=8)",
        "keras.layers.ReversibleEmbedding(input_dim=1000, output_dim=8)",
        "keras.Input(shape=(3,), batch_size=4)",
        "keras.layers.InputLayer(input_shape=(3,))",
        "keras.applications.VGG16(input_shape=(224, 224, 3))",
        "keras.layers.Dense(4).build(input_shape=(None, 3))",
        "model.fit(x, y, batch_size=32)",
        "dict(input_shape=(3,))",
        "keras.layers.Dense(4, 3)",
    ],
)
def test_arguments_with_a_meaning_of_their_own_do_not_count(call: str) -> None:
    assert layers(f"import keras\n{call}\n") == []


def test_one_call_is_one_site_whatever_it_carries() -> None:
    program = """
        from keras.layers import LSTM, Bidirectional, Embedding
        LSTM(4, input_dim=3, input_length=10)
        Embedding(input_dim=100, output_dim=4, input_length=10)
        Bidirectional(LSTM(4, input_shape=(10, 3)), batch_input_shape=(2, 10, 3))
    """
    assert [(site.layer, site.arguments) for site in found(program)] == [
        ("LSTM", ("input_dim", "input_length")),
        ("Embedding", ("input_length",)),
        ("Bidirectional", ("batch_input_shape",)),
        ("LSTM", ("input_shape",)),
    ]


def test_the_last_binding_before_the_call_decides() -> None:
    program = """
        from keras.layers import Dense
        Dense(1, input_dim=3)
        from mine import Dense
        Dense(2, input_dim=3)
        from keras.layers import Dense
        Dense(3, input_dim=3)
    """
    assert [site.start[0] for site in found(program)] == [3, 7]


def test_places_count_characters_from_one() -> None:
    program = "from keras.layers import Dense\nα = 'é'; m = Dense(4, input_dim=3)\n"
    (site,) = found(program)
    assert (site.start, site.end) == ((2, 14), (2, 35))


def test_how_and_where_is_told() -> None:
    program = """
        from keras.layers import *
        model.add(Dense(1, input_dim=3))
        model = Sequential([Dense(1, input_dim=3)])
        y = Dense(1, input_dim=3)(x)
        layer = Dense(1, input_dim=None, **more)
    """
    assert [(site.through, site.context, site.remarks) for site in found(program)] == [
        ("a star import", ".add(...)", ()),
        ("a star import", "Sequential(...)", ()),
        ("a star import", "called on a tensor", ()),
        ("a star import", "assigned", ("has **arguments", "the value is None")),
    ]


def test_python_2_is_told_apart() -> None:
    old = sites(b"import keras\nprint 'input_shape'\n")
    broken = sites(b"import keras\nDense(input_shape=\n")
    assert isinstance(old, Unreadable) and old.python2
    assert isinstance(broken, Unreadable) and not broken.python2


def test_a_file_without_the_words_is_not_read() -> None:
    assert sites(b"print 'this is old, but no concern of ours'\n") == []
