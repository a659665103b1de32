"""What KFX202, 203, 205, 208, 210, 211, 212 and 401 say of Keras 2 and Keras 3 holds: each case is run in both."""

from __future__ import annotations

import pytest
from oracle import records

BATCH = "requires inputs with matching shapes", "requires inputs with matching shapes"
MERGE = "Cannot merge tensors with different batch sizes", "Cannot merge tensors with different batch sizes"
RANK = "incompatible with the layer: expected", "incompatible with the layer: expected"
STATEFUL = "it needs to know its batch size", "the batch size must be static"
TOGETHER = None, "You cannot pass both `batch_size` and `batch_shape`"
TENSOR = None, "you cannot provide an incompatible"
BUILT = None, "already been configured to use input shape"
WEIGHTS = None, "Unrecognized keyword arguments passed to"
NEITHER = None, None

A = "a = Input((4,)); "
TWO = "a, b = Input((8,), batch_size=4), Input((8,), batch_size=2); "
FED = (
    "m = Sequential([Input((5, 3), batch_size=4), LSTM(2, stateful=True)]); "
    "m.compile('sgd', 'mse'); x = zeros((16, 5, 3)); "
)

CASES: dict[str, tuple[str | None, str | None]] = {
    # KFX202: beside a batch shape
    "Input(batch_shape=(4, 8), batch_size=4)": TOGETHER,
    "Input(batch_shape=(4, 8), batch_size=2)": TOGETHER,
    "Input(batch_shape=(None, 8), batch_size=2)": TOGETHER,
    "Input(batch_shape=(4, 8), batch_size=None)": NEITHER,
    "InputLayer(batch_input_shape=(4, 8), batch_size=4)": TOGETHER,
    # merged
    f"{TWO}Concatenate()([a, b])": BATCH,
    f"{TWO}concatenate([a, b])": BATCH,
    f"{TWO}Add()([a, b])": MERGE,
    f"{TWO}add([a, b])": MERGE,
    f"{TWO}Subtract()([a, b])": MERGE,
    f"{TWO}Multiply()([a, b])": MERGE,
    f"{TWO}Average()([a, b])": MERGE,
    f"{TWO}Maximum()([a, b])": MERGE,
    f"{TWO}Minimum()([a, b])": MERGE,
    f"{TWO}Dot(1)([a, b])": ("Cannot do batch_dot on inputs with different batch sizes", None),
    f"{TWO}Concatenate(axis=0)([a, b])": NEITHER,
    "Add()([Input((8,), batch_size=4), Input((8,))])": NEITHER,
    f"{TWO}Model([a, b], [Dense(2)(a), Dense(2)(b)]).predict([zeros((6, 8)), zeros((6, 8))], verbose=0)": NEITHER,
    # through operations on tensors
    f"{TWO}Model([a, b], a + b)": ("Dimensions must be equal", "Cannot broadcast shape"),
    f"{TWO}Model([a, b], a / Dense(8)(-b))": ("Dimensions must be equal", "Cannot broadcast shape"),
    "Model([a := Input((8,), batch_size=4), b := Input((8,), batch_size=1)], a + b)": NEITHER,
    "Model([a := Input((8,), batch_size=4), b := Input((4, 8), batch_size=2)], a + b)": NEITHER,
    f"{TWO}Model([a, b], [Dense(2)(a), Dense(2)(b)]).predict([zeros((4, 8)), zeros((2, 8))], verbose=0)": (
        "Data cardinality is ambiguous",
        "Data cardinality is ambiguous",
    ),
    f"{TWO}Model([a, b], [Dense(2)(a), Dense(2)(b)])([zeros((4, 8)), zeros((2, 8))])": NEITHER,
    # fed
    f"{FED}m.fit(x, zeros((16, 2)), batch_size=8, verbose=0)": ("", ""),
    f"{FED}m.evaluate(x, zeros((16, 2)), batch_size=8, verbose=0)": ("", ""),
    f"{FED}m.predict(x, 8, verbose=0)": ("", ""),
    f"{FED}m.fit(x, zeros((16, 2)), batch_size=4, verbose=0)": NEITHER,
    "Sequential([Input((4,), batch_size=4), Dense(2)]).predict(zeros((16, 4)), batch_size=8, verbose=0)": NEITHER,
    f"{FED}m(x)": ("", ""),
    f"{FED}m.train_on_batch(x, zeros((16, 2)))": ("", ""),
    f"{FED}m.fit(x, zeros((16, 2)), verbose=0)": ("", ""),
    f"{FED}m.predict(x, verbose=0)": ("", ""),
    f"{FED}m.predict(x[:6], batch_size=4, verbose=0)": ("", ""),
    f"{FED}m.predict(x[:2], batch_size=4, verbose=0)": ("", ""),
    f"{FED}m.predict(x[:1], verbose=0)": (None, "batch size of the input sequences must be the same"),
    f"{FED}m.predict(x[:4], verbose=0)": NEITHER,
    # KFX203
    "Dense(2)(Input(batch_shape=(784,)))": RANK,
    "Conv2D(2, 3)(Input(batch_shape=(28, 28, 1)))": RANK,
    "LSTM(2)(Input(batch_shape=(10, 3)))": RANK,
    "Dense(2)(Input(batch_shape=(None, 784)))": NEITHER,
    # KFX205
    f"{A}Input(tensor=a, shape=(4,))": NEITHER,
    f"{A}Input(tensor=a, shape=[4])": TENSOR,
    f"{A}Input(tensor=a, shape=(5,))": TENSOR,
    f"{A}Input(tensor=a, batch_size=2)": TENSOR,
    f"{A}InputLayer(input_tensor=a, batch_input_shape=(None, 4))": NEITHER,
    f"{A}InputLayer(input_tensor=a, input_shape=(5,))": TENSOR,
    f"{A}InputLayer(input_tensor=a, input_shape=[4])": TENSOR,
    f"{A}InputLayer(input_tensor=a)": NEITHER,
    # KFX208
    "Sequential([Input((5, 3)), LSTM(2, stateful=True)])": STATEFUL,
    "LSTM(2, stateful=True)(Input((5, 3)))": STATEFUL,
    "Sequential([Input((5, 3)), LSTM(2, return_sequences=True), GRU(2, stateful=True)])": STATEFUL,
    "Sequential([Input((5, 3)), Bidirectional(LSTM(2, stateful=True))])": STATEFUL,
    "Sequential([Input((4, 5, 3)), TimeDistributed(LSTM(2, stateful=True))])": STATEFUL,
    "Sequential([Input((5, 3)), RNN(LSTMCell(2), stateful=True)])": STATEFUL,
    "Sequential([Input((5, 8, 8, 3)), ConvLSTM2D(2, 3, stateful=True)])": STATEFUL,
    "Sequential([Input((5, 3), batch_size=4), LSTM(2, stateful=True)])": NEITHER,
    "Sequential([LSTM(2, stateful=True)])": NEITHER,
    "Sequential([Embedding(9, 3), LSTM(2, stateful=True)])": ("it needs to know its batch size", None),
    "Sequential([LSTM(2, stateful=True)]).predict(zeros((4, 5, 3)), verbose=0)": ("", None),
    # KFX210
    "Sequential([Input((28, 28)), Conv2D(2, 3)])": RANK,
    "Sequential([Input((28, 28)), Dropout(0.1), BatchNormalization(), Conv2D(2, 3)])": RANK,
    "Sequential([Input((4,)), Dense(2), LSTM(2)])": RANK,
    "Sequential([Input((4, 4, 4)), Bidirectional(LSTM(2))])": ("", ""),
    "Sequential([Input((5, 8, 8)), TimeDistributed(Conv2D(2, 3))])": ("", ""),
    "Sequential([Input((5,)), TimeDistributed(Dense(2))])": ("at least 3 dimensions", "at least 3 dimensions"),
    "Sequential([Input((9, 9, 3)), Conv1D(2, 3)])": (None, "Kernel shape must have the same length as input"),
    "Sequential([Input((28, 28)), GlobalAveragePooling2D()])": RANK,
    "Conv2D(2, 3)(Input((28, 28)) / 255.0 - 0.5)": RANK,
    "Conv2D(2, 3)(Input((28, 28))[..., None] / 255.0 - 0.5)": NEITHER,
    # KFX211
    f"{A}Sequential([InputLayer(input_tensor=a), Dense(2)])": NEITHER,
    f"{A}Sequential([a, Dense(2)])": NEITHER,
    "InputLayer(input_tensor=zeros((2, 4)))": ("", "must be a KerasTensor"),
    # KFX212
    "Sequential([Input((4,)), Dense(2)]).build((None, 5))": BUILT,
    "Sequential([Input((4,)), Dense(2)]).build((8, 4))": BUILT,
    "Sequential([Input((4,), batch_size=8), Dense(2)]).build((None, 4))": BUILT,
    "Sequential([Input((4,)), Dense(2)]).build((4,))": BUILT,
    "Sequential([Input((4,)), Dense(2)]).build((None, 4))": NEITHER,
    "Sequential([Input((4,)), Dense(2)]).build()": NEITHER,
    "Sequential([Dense(2)]).build((4,))": RANK,
    "Sequential([Dropout(0.1), Conv2D(2, 3)]).build((28, 28, 1))": RANK,
    "Sequential([Flatten(), Dense(2)]).build((28, 28))": NEITHER,
    # KFX401
    "Dense(2, weights=[zeros((4, 2)), zeros(2)])": WEIGHTS,
    "Dense(2, weights=None)": WEIGHTS,
    "BatchNormalization(weights=[zeros(4)] * 4)": WEIGHTS,
    "TimeDistributed(Dense(2), weights=[zeros((4, 2)), zeros(2)])": WEIGHTS,
    "Embedding(4, 2, weights=[zeros((4, 2))])": NEITHER,
    "Bidirectional(LSTM(2), weights=[zeros((3, 8)), zeros((2, 8)), zeros(8)] * 2)": NEITHER,
}
"""What Keras 2 and Keras 3 say of each program: a part of their message (any, where it is empty), None if nothing."""


@pytest.mark.keras
@pytest.mark.parametrize("program", CASES)
def test_each_keras_says_what_is_told_of_it(program: str) -> None:
    imports = "from keras import Input, Model, Sequential\nfrom keras.layers import *\nfrom numpy import zeros\n"
    told = records(imports + program.replace("; ", "\n") + "\n")
    for keras, expected in zip(("keras2", "keras3"), CASES[program], strict=True):
        error = told["keras2" if keras == "keras2" else "keras3"]["scopes"][0]["error"]
        assert (error is None) is (expected is None), (keras, error)
        assert (expected or "") in (error or ""), (keras, error)
