from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import kerasfix
from kerasfix.analysis.gathering import analyse
from kerasfix.verify import keras1, verify
from kerasfix.verify.allowed import is_allowed
from kerasfix.verify.plan import plan_models
from kerasfix.verify.verifier import Verdict

if TYPE_CHECKING:
    from kerasfix.verify.session import Session

IMPORTS = (
    "import keras\nfrom keras.models import Sequential\nfrom keras.layers import *\n"
    "from keras.constraints import maxnorm\n"
)


def layer(call: str) -> tuple[str, list[Any]]:
    """The class of a layer in its plan, and its arguments in an order of their own."""
    (model,) = plan_models(analyse(f"{IMPORTS}model = Sequential([{call}])"))
    (plan,) = model.plans
    return plan.steps[0]["make"], sorted(plan.steps[0]["arguments"], key=repr)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "Dense(output_dim=3, init='uniform', bias=False)",
            "Dense(units=3, kernel_initializer='uniform', use_bias=False)",
        ),
        ("Convolution2D(8, 3, 5, border_mode='same')", "Conv2D(8, kernel_size=(3, 5), padding='same')"),
        ("Convolution2D(8, 3, 5, subsample=(2, 2))", "Conv2D(8, kernel_size=(3, 5), strides=(2, 2))"),
        ("Convolution2D(nb_filter=8, nb_row=3, nb_col=5)", "Conv2D(filters=8, kernel_size=(3, 5))"),
        ("Convolution2D(8, 3, 3, dim_ordering='th')", "Conv2D(8, kernel_size=(3, 3), data_format='channels_first')"),
        (
            "Convolution1D(nb_filter=8, filter_length=3, subsample_length=2)",
            "Conv1D(filters=8, kernel_size=3, strides=2)",
        ),
        ("Convolution3D(8, 3, 4, 5)", "Conv3D(8, kernel_size=(3, 4, 5))"),
        (
            "Convolution3D(8, kernel_dim1=3, kernel_dim2=4, kernel_dim3=5)",
            "Conv3D(8, kernel_size=(3, 4, 5))",
        ),
        (
            "ConvLSTM2D(nb_filter=8, nb_row=3, nb_col=5, border_mode='same')",
            "ConvLSTM2D(filters=8, padding='same', kernel_size=(3, 5))",
        ),
        ("MaxPooling1D(pool_length=2, stride=2)", "MaxPooling1D(pool_size=2, strides=2)"),
        ("Embedding(9, 4, init='uniform', dropout=0.2)", "Embedding(9, 4, embeddings_initializer='uniform')"),
        (
            "LSTM(output_dim=4, inner_activation='tanh', dropout_W=0.1, dropout_U=0.2, consume_less='gpu')",
            "LSTM(units=4, recurrent_activation='tanh', dropout=0.1, recurrent_dropout=0.2)",
        ),
        ("LSTM(4, dropout=0.1)", "LSTM(4, dropout=0.1)"),
        ("Dropout(p=0.5)", "Dropout(rate=0.5)"),
        ("GaussianNoise(sigma=0.5)", "GaussianNoise(stddev=0.5)"),
        ("BatchNormalization(mode=0)", "BatchNormalization()"),
        ("TimeDistributedDense(4)", "Dense(4)"),
        ("Dense(4, W_constraint=maxnorm(m=2))", "Dense(4, kernel_constraint=keras.constraints.MaxNorm(max_value=2))"),
        # without a word of Keras 1 the third number is what Keras 2 says it is
        ("Conv2D(8, 3, 2)", "Conv2D(8, 3, 2)"),
    ],
)
def test_a_layer_of_keras_1_is_planned_as_todays(old: str, new: str) -> None:
    assert layer(old) == layer(new)


@pytest.mark.parametrize("name", sorted({*keras1.OBJECTS, *keras1.OBJECTS.values()}))
def test_objects_may_be_named(name: str) -> None:
    assert is_allowed(name)


@pytest.mark.keras
def test_models_of_keras_1_are_proven_and_said_to_be_built_under_other_names(real_keras: Session) -> None:
    before = (
        f"{IMPORTS}model = Sequential()\n"
        "model.add(Convolution2D(8, 3, 3, border_mode='same', input_shape=(32, 32, 3), init='uniform'))\n"
        "model.add(Flatten())\nmodel.add(Dense(output_dim=n, W_constraint=maxnorm(m=2)))\n"
    )
    (found,) = verify(before, kerasfix.fix(before).text, real_keras)
    assert found.verdict is Verdict.IDENTICAL
    assert "`Conv2D` of Keras 1 is built as what it has been called since" in found.notes
    (broken,) = verify(before, kerasfix.fix(before).text.replace("8, 3, 3", "8, 3, 5"), real_keras)
    assert broken.verdict is Verdict.DIFFERENT
