"""Programs that try to be run, to do harm or to take all there is, by their names."""

from __future__ import annotations

HEAD = """\
import numpy as np
import keras
from keras import Sequential
from keras.layers import *
"""
CANARY = "/the/canary"
"""Stands for a file that must never come to be."""
EVIL = f"__import__('pathlib').Path('{CANARY}').touch()"


def _model(first: str, *others: str) -> str:
    return f"model = Sequential([{', '.join([first, *others])}])"


_PLAIN = "Dense(3, input_shape=(4,))"

THAT_WANT_TO_RUN = {
    "argument": _model(f"Dense({EVIL}, input_shape=(4,))"),
    "shape": _model(f"Dense(3, input_shape=({EVIL},))"),
    "shape of a later layer": _model(_PLAIN, f"Dense(3, input_shape=({EVIL} or 3,))"),
    "name": _model(f"Dense(3, input_shape=(4,), name={EVIL})"),
    "f-string": _model(f'Dense(3, input_shape=(4,), name=f"{{{EVIL}}}")'),
    "walrus": _model(f"Dense((n := {EVIL}), input_shape=(4,))"),
    "comprehension": _model(f"Dense([{EVIL} for _ in [1]][0], input_shape=(4,))"),
    "body of a lambda": _model(f"Lambda(lambda x: {EVIL}, input_shape=(4,))", "Dense(3)"),
    "lambda in a wrapper": _model(f"TimeDistributed(Lambda(lambda x: {EVIL}), input_shape=(4, 3))", "Dense(3)"),
    "activation": _model(f"Dense(3, input_shape=(4,), activation=lambda x: {EVIL})"),
    "default argument": f"def make(n={EVIL}):\n    return Sequential([Dense(3, input_shape=(n,))])\nmodel = make()",
    "decorator": f"@({EVIL} or (lambda f: f))\ndef make():\n    return Sequential([{_PLAIN}])\nmodel = make()",
    "body of a class": f"class Own(Sequential):\n    x = {EVIL}\n\nmodel = Own([{_PLAIN}])",
    "metaclass": f"class Meta(type):\n    x = {EVIL}\n\nclass Own(Sequential, metaclass=Meta):\n    pass\n"
    f"model = Own([{_PLAIN}])",
    "own layer": f"class Own(Layer):\n    def call(self, x):\n        {EVIL}\n        return x\n"
    + _model(_PLAIN, "Own(name='own')"),
    "layer called like a builtin": "class __import__(Layer):\n    pass\n" + _model(_PLAIN, "__import__('os')"),
    "exec": f'exec("{EVIL}")\n' + _model(_PLAIN),
    "initializer": _model(f"Dense(3, input_shape=(4,), kernel_initializer=keras.initializers.get({EVIL}))"),
    "initializer by its configuration": _model(
        "Dense(3, input_shape=(4,), kernel_initializer={'class_name': 'system', 'module': 'os', 'config': {}})"
    ),
    "configuration": _model(f"keras.layers.deserialize({{'class_name': {EVIL}}})", _PLAIN),
    "lambda from a configuration": _model("keras.layers.Lambda.from_config({'function': 'x'})", _PLAIN),
    "globals of a function": _model("Dense(3, activation=keras.Input.__globals__['os'].system, input_shape=(4,))"),
    "function of the system": "import os\n" + _model("Dense(3, input_shape=(4,), activation=os.system)"),
    "name of a function of the system": _model("Dense(3, input_shape=(4,), activation='os.system')"),
    "name of a function of Keras": _model("Dense(3, input_shape=(4,), activation='deserialize')"),
    "dunder of a module": _model("keras.layers.__class__('x', input_shape=(4,))", _PLAIN),
    "dunder of a class": _model("keras.layers.Dense.__class__(3, input_shape=(4,))", _PLAIN),
    "keyword that is a dunder": _model("Dense(3, input_shape=(4,), __class__=4)"),
    "saved model": "part = keras.models.load_model('/etc/passwd')\n" + _model("part", _PLAIN),
    "saved graph": _model("keras.layers.TFSMLayer('/etc/passwd', input_shape=(4,))", _PLAIN),
    "file from the network": "path = keras.utils.get_file('x', 'file:///etc/passwd')\n"
    + _model("Dense(3, input_shape=(4,), name=path)"),
    "weights from the network": _model("keras.applications.MobileNet()", "Dense(2, input_shape=(1000,))"),
    "weights from a file": _model("Embedding(5, 2, weights=[np.load('/etc/passwd')], input_length=3)"),
    "vocabulary from a file": _model("TextVectorization(vocabulary='/etc/passwd', input_shape=(1,))"),
    "number from a file": _model("Dense(int(open('/etc/passwd').read()), input_shape=(4,))"),
}

THAT_ARE_TOO_LARGE = {
    "input": _model("Flatten(input_shape=(10**9, 10**9, 10**9))", "Dense(3)"),
    "units": _model("Dense(10**9, input_shape=(4,))", "Dense(10**9)"),
    "vocabulary": _model("Embedding(10**12, 10**12, input_length=10**12)", "Flatten()", "Dense(1)"),
    "batch": _model("Dense(3, batch_input_shape=(10**12, 4))"),
    "repetition": _model("RepeatVector(10**12, input_shape=(4,))"),
    "padding": _model("ZeroPadding2D(10**8, input_shape=(4, 4, 1))"),
    "states": _model("LSTM(10**6, input_shape=(10**6, 10**6))"),
    "exponent": _model("Dense(2**(2**(2**64)), input_shape=(2**10**9,))"),
    "shift": _model("Dense(3, input_shape=(1 << 10**10,))"),
    "literal": _model("Dense(0x" + "f" * 50_000 + ", input_shape=(4,))"),
    "literal in a shape": _model("Dense(3, input_shape=(0x" + "f" * 50_000 + ",))"),
    "string as units": _model("Dense('3' * 10**9, input_shape=(4,))"),
    "string of unknown length": "n = len(open(0).read())\n" + _model("Dense(3, input_shape=('a' * n,))"),
    "name": _model("Dense(3, input_shape=(4,), name='x' * 10**10)"),
    "name of a megabyte": _model(f"Dense(3, input_shape=(4,), name='{'x' * 200_000}')"),
    "rank": _model("Dense(1, input_shape=(2,) * 10**9)"),
    "rank written out": _model(f"Dense(1, input_shape=({'2, ' * 1000}))"),
    "list": f"model = Sequential([{_PLAIN}] + [Dense(1)] * 10**9)",
    "list of a comprehension": f"model = Sequential([{_PLAIN}] + [Dense(1) for _ in range(10**9)])",
    "loop": f"model = Sequential([{_PLAIN}])\nfor _ in range(10**9):\n    model.add(Dense(1))",
    "endless loop": f"model = Sequential([{_PLAIN}])\nwhile True:\n    model.add(Dense(1))",
    "layers": _model(_PLAIN, *["Dense(1)"] * 2100),
    "models in models": "model = Dense(1, input_shape=(4,))\n" + "model = Sequential([model])\n" * 200,
    "wrappers in wrappers": "layer = Dense(1)\n"
    + "layer = TimeDistributed(layer)\n" * 650
    + "model = Sequential([TimeDistributed(layer, input_shape=(4, 4))])",
    "tuples in tuples": "shape = (4,)\n" + "shape = (shape,)\n" * 500 + _model("Dense(1, input_shape=shape)"),
    "parentheses": _model(f"Dense(1, input_shape={'(' * 150}4,{')' * 150})"),
    "sum": "n = get()\n" + _model(f"Dense(1, input_shape=({'+'.join(['n'] * 300)},))"),
    "doubled number": "n = get()\n" + "n = n * n\n" * 300 + _model("Dense(1, input_shape=(n,))"),
    "doubled tuple": "shape = (1, 2)\n" + "shape = shape + shape\n" * 100 + _model("Dense(1, input_shape=shape)"),
    "doubled string": "n = 'aaaa'\n" + "n = n + n\n" * 100 + _model("Dense(1, input_shape=(4,), name=n)"),
    "sum of sums": "x = i = keras.Input((4,))\nx = Dense(4, input_shape=(4,))(x)\n"
    + "x = x + x\n" * 200
    + "model = keras.Model(i, x)",
    "doubled tensor": "x = i = keras.Input((4,))\nx = Dense(4, input_shape=(4,))(x)\n"
    + "x = keras.layers.add([x, x])\n" * 60
    + "model = keras.Model(i, x)",
    "graph": "x = i = keras.Input((4,))\nx = Dense(4, input_shape=(4,))(x)\n"
    + "x = Dense(4)(x)\n" * 620
    + "model = keras.Model(i, x)",
}

THAT_MAKE_NO_SENSE = {
    "negative": _model("Dense(-3, input_shape=(-4,))"),
    "zero": _model("Dense(0, input_shape=(0,))"),
    "not a number": _model("Dense(3, input_shape=(float('nan'),))"),
    "infinite": _model("Dense(3, input_shape=(1e999,))"),
    "infinite units": _model("Dense(1e999 - 1e999, input_shape=(4,))"),
    "infinite product": "n = get()\n" + _model("Dense(3, input_shape=(n * 1e308 * 1e308,))"),
    "imaginary": _model("Dense(3j, input_shape=(4,))"),
    "root of a negative number": "n = get()\n" + _model("Dense(int((0 - n) ** 0.5), input_shape=((0 - n) ** 0.5,))"),
    "ellipsis": _model("Dense(..., input_shape=(...,))"),
    "bytes": _model("Dense(b'3', input_shape=(b'3',), name=b'x')"),
    "strings": _model("Dense('3', input_shape=('4',))"),
    "surrogate": _model(r"Dense(3, input_shape=('\ud800',), name='\ud800')"),
    "null": _model(r"Dense(3, input_shape=(4,), name='a\x00b')"),
    "control characters": _model(r"Dense(3, input_shape=('\x1b[2J',), name='a\x1b[2J\r\nb')"),
    "slash": _model("Dense(3, input_shape=(4,), name='a/b')"),
    "path": _model(f"Dense(3, input_shape=(4,), name='../../{CANARY}')"),
    "path as a dtype": _model(_PLAIN, f"Dense(3, dtype='../../{CANARY}')"),
    "list that holds itself": f"layers = [{_PLAIN}]\nlayers.append(layers)\nmodel = Sequential(layers)",
    "model that holds itself": f"model = Sequential()\nmodel.add({_PLAIN})\nmodel.add(model)",
    "function that calls itself": "def f(s):\n    return f(s + s)\n" + _model("Dense(1, input_shape=f((1,)))"),
    "order of axes": "keras.backend.set_image_data_format('x')\n" + _model("Conv2D(3, 3, input_shape=(4, 4, 1))"),
}
