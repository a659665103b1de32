"""Every way in which programs bring Keras in, and names that only look like Keras's."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kerasfix.analysis.gathering import analyse
from kerasfix.analysis.objects import LayerObject
from kerasfix.analysis.program import Layer, Standing
from kerasfix.analysis.spelling import packages

IMPORTS = {
    # imports: the class of the model, the class of its layer, the package of Keras
    "import keras": ("keras.Sequential", "keras.layers.Dense", "keras"),
    "import keras as k": ("k.models.Sequential", "k.layers.Dense", "keras"),
    "import keras.layers": ("keras.Sequential", "keras.layers.Dense", "keras"),
    "import keras.layers as kl, keras.models as km": ("km.Sequential", "kl.Dense", "keras"),
    "import keras\nfrom keras import layers": ("keras.Sequential", "layers.Dense", "keras"),
    "import keras\nlayers = keras.layers": ("keras.Sequential", "layers.Dense", "keras"),
    "import keras\nL = M = keras.layers\nS = keras.Sequential": ("S", "M.Dense", "keras"),
    "import keras\nDense = keras.layers.Dense": ("keras.Sequential", "Dense", "keras"),
    "from keras import Sequential, layers as L": ("Sequential", "L.Dense", "keras"),
    "from keras import models, layers": ("models.Sequential", "layers.Dense", "keras"),
    "from keras.models import Sequential\nfrom keras.layers import Dense": ("Sequential", "Dense", "keras"),
    "from keras.models import Sequential as S\nfrom keras.layers import Dense as D": ("S", "D", "keras"),
    "from keras.models import *\nfrom keras.layers import *": ("Sequential", "Dense", "keras"),
    "from keras import *": ("Sequential", "layers.Dense", "keras"),
    "import tensorflow as tf": ("tf.keras.Sequential", "tf.keras.layers.Dense", "tensorflow.keras"),
    "import tensorflow": ("tensorflow.keras.Sequential", "tensorflow.keras.layers.Dense", "tensorflow.keras"),
    "import tensorflow.keras as keras": ("keras.Sequential", "keras.layers.Dense", "tensorflow.keras"),
    "from tensorflow import keras": ("keras.models.Sequential", "keras.layers.Dense", "tensorflow.keras"),
    "import tensorflow as tf\nkeras = tf.keras\nfrom tensorflow.keras import layers": (
        "keras.Sequential",
        "layers.Dense",
        "tensorflow.keras",
    ),
    "import tensorflow as tf\nkeras, layers = tf.keras, tf.keras.layers": (
        "keras.Sequential",
        "layers.Dense",
        "tensorflow.keras",
    ),
    "import tensorflow.compat.v1 as tf": (
        "tf.keras.Sequential",
        "tf.keras.layers.Dense",
        "tensorflow.compat.v1.keras",
    ),
    "from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import *": (
        "Sequential",
        "Dense",
        "tensorflow.keras",
    ),
    "from tensorflow.python.keras.layers import Dense\nfrom tensorflow.python.keras.models import Sequential": (
        "Sequential",
        "Dense",
        "tensorflow.python.keras",
    ),
    "from tensorflow.python import keras": (
        "keras.Sequential",
        "keras.layers.core.Dense",
        "tensorflow.python.keras",
    ),
    "from tensorflow.contrib.keras import models, layers": (
        "models.Sequential",
        "layers.Dense",
        "tensorflow.contrib.keras",
    ),
    "import tf_keras": ("tf_keras.Sequential", "tf_keras.layers.Dense", "tf_keras"),
    "import tf_keras as keras\nfrom tf_keras import layers": ("keras.Sequential", "layers.Dense", "tf_keras"),
    "from keras.api import Sequential\nfrom keras.api.layers import Dense": ("Sequential", "Dense", "keras.api"),
    "from keras.src.models import Sequential\nfrom keras.src.layers.core.dense import Dense": (
        "Sequential",
        "Dense",
        "keras.src",
    ),
    "import keras_core as keras": ("keras.Sequential", "keras.layers.Dense", "keras_core"),
    "from keras.models import Sequential\nfrom keras.layers.core import Dense, Dropout": (
        "Sequential",
        "Dense",
        "keras",
    ),
    "from keras.engine.sequential import Sequential\nfrom keras.layers import core": (
        "Sequential",
        "core.Dense",
        "keras",
    ),
    "from keras.layers.containers import Sequential\nfrom keras.layers.core import *": (
        "Sequential",
        "Dense",
        "keras",
    ),
    "if old:\n    from keras.layers.core import Dense\nelse:\n    from keras.layers import Dense\nimport keras": (
        "keras.Sequential",
        "Dense",
        "keras",
    ),
}


def only_layer(text: str) -> Layer:
    """The one layer of a program."""
    [layer] = analyse(text).layers
    return layer


@pytest.mark.parametrize("imports", IMPORTS)
def test_a_name_is_followed_to_keras(imports: str) -> None:
    sequential, dense, package = IMPORTS[imports]
    layer = only_layer(f"{imports}\nmodel = {sequential}([{dense}(10, input_shape=(784,))])\n")
    assert layer.made.api is not None and layer.made.api.name == "keras.layers.Dense"
    assert layer.made.callee is not None and packages(layer.made.callee) == {package}
    assert layer.standing is Standing.FIRST


ELSEWHERE = {
    "imports inside a function": """
        def build():
            from keras.layers import Dense
            from keras import Sequential
            return Sequential([Dense(10, input_shape=(784,))])
    """,
    "imports inside a method": """
        class Net:
            def build(self):
                import tensorflow as tf
                self.model = tf.keras.Sequential([tf.keras.layers.Dense(10, input_shape=(784,))])
    """,
    "either package": """
        try:
            from keras.layers import Dense
            from keras.models import Sequential
        except ImportError:
            from tensorflow.keras.layers import Dense
            from tensorflow.keras.models import Sequential
        model = Sequential([Dense(10, input_shape=(784,))])
    """,
    "either package, as modules": """
        try:
            import tensorflow.keras as keras
        except ImportError:
            import keras
        model = keras.Sequential([keras.layers.Dense(10, input_shape=(784,))])
    """,
    "an optional package": """
        try:
            import keras
        except ImportError:
            keras = None
        model = keras.Sequential([keras.layers.Dense(10, input_shape=(784,))])
    """,
    "a name that a function hides from its caller": """
        from keras import Sequential
        from keras.layers import Dense

        def hides(Dense):
            Sequential = list

        model = Sequential([Dense(10, input_shape=(784,))])
    """,
    "a class in an attribute": """
        import keras

        class Net:
            dense = keras.layers.Dense

            def build(self):
                return keras.Sequential([self.dense(10, input_shape=(784,))])
    """,
    "a class as an argument": """
        import keras

        def build(kind=keras.layers.Dense):
            return keras.Sequential([kind(10, input_shape=(784,))])

        build()
    """,
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_name_is_followed_through_the_program(case: str) -> None:
    layer = only_layer(dedent(ELSEWHERE[case]))
    assert layer.made.api is not None and layer.made.api.name == "keras.layers.Dense"
    assert layer.standing is Standing.FIRST


def test_a_name_means_what_it_means_where_it_is_read() -> None:
    program = analyse(
        dedent("""
            from keras import Sequential
            from keras.layers import Dense

            one = Sequential([Dense(1, input_dim=2)])
            Dense = make_dense
            two = Sequential([Dense(2, input_dim=2)])
            from keras.layers import Dense
            three = Sequential([Dense(3, input_dim=2)])
        """)
    )
    assert [program.code(layer.node) for layer in program.layers] == ["Dense(1, input_dim=2)", "Dense(3, input_dim=2)"]


LOOK_ALIKES = {
    "a class of the file": """
        from keras import Sequential

        class Dense:
            def __init__(self, units, input_shape):
                self.units = units

        model = Sequential([Dense(10, input_shape=(784,))])
    """,
    "a class of another module": """
        from keras import Sequential
        from mylayers import Dense
        model = Sequential([Dense(10, input_shape=(784,))])
    """,
    "a module that is called keras": """
        from . import keras
        model = keras.Sequential([keras.layers.Dense(10, input_shape=(784,))])
    """,
    "a class of a module of the package that is called keras": """
        from .keras.layers import Dense
        model = build([Dense(10, input_shape=(784,))])
    """,
    "torch": """
        from torch.nn import Sequential, Linear as Dense
        model = Sequential(Dense(10, input_shape=(784,)))
    """,
    "a function of the file": """
        from keras.layers import Dense

        def Dense(units, input_shape):
            return units

        Dense(10, input_shape=(784,))
    """,
    "a parameter": """
        from keras.layers import Dense

        def build(Dense):
            return Dense(10, input_shape=(784,))
    """,
    "a loop variable": """
        from keras.layers import Dense
        for Dense in kinds:
            Dense(10, input_shape=(784,))
    """,
    "a name that nothing binds": """
        model = Sequential([Dense(10, input_shape=(784,))])
    """,
    "a star of another module behind Keras's": """
        from keras import Sequential
        from torch.nn import *
        model = Sequential([Dense(10, input_shape=(784,))])
    """,
    "a name below a class": """
        import keras
        keras.layers.Dense.from_config(10, input_shape=(784,))
    """,
}


@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_a_name_that_only_looks_like_keras_is_left_alone(case: str) -> None:
    assert not analyse(dedent(LOOK_ALIKES[case])).layers


def test_a_sequential_of_another_package_is_no_model() -> None:
    program = analyse(
        dedent("""
            from keras.layers import Dense
            from torch.nn import Sequential
            model = Sequential([Dense(10, input_shape=(784,))])
        """)
    )
    assert not program.sequentials
    assert [layer.standing for layer in program.layers] == [Standing.DETACHED]


def test_of_a_class_that_is_perhaps_keras_s_nothing_is_claimed() -> None:
    layer = only_layer(
        dedent("""
            from keras import Sequential
            try:
                from keras.layers import Dense
            except ImportError:
                from mylayers import Dense
            model = Sequential([Dense(10, input_shape=(784,))])
        """)
    )
    assert layer.standing is Standing.DETACHED


def test_layers_of_packages_that_hand_keywords_on_to_keras_count() -> None:
    program = analyse(
        dedent("""
            import tensorflow as tf
            import tensorflow_hub as hub
            model = tf.keras.Sequential([hub.KerasLayer(url, input_shape=[], dtype=tf.string)])
        """)
    )
    [layer] = program.layers
    assert isinstance(layer.made, LayerObject) and layer.made.api is None
    assert [argument.name for argument in layer.made.declares] == ["input_shape"]
