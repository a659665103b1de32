"""Random programs that declare the inputs of their models in the old ways, and of which everything is known.

A program depends on its seed alone. Its models are ones that tf_keras builds.
"""

from __future__ import annotations

from random import Random

HEAD = "import numpy as np\nimport keras\nfrom keras import Model, Sequential\nfrom keras.layers import *\n\n"

Shape = tuple[int, ...]


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.lines: list[str] = []

    def program(self) -> str:
        """The text of one to three models."""
        for number in range(self.random.randint(1, 3)):
            self.random.choice([self.by_list, self.by_adding, self.in_function, self.nested, self.graph])(f"m{number}")
        return HEAD + "\n".join(self.lines) + "\n"

    # --- layers --------------------------------------------------------------------------------------------------

    def first(self) -> tuple[str, Shape]:
        """A layer that declares its input, and the shape that leaves it."""
        pick = self.random.choice
        a, b, c = (self.random.randint(6, 9) for _ in range(3))
        call, shape, leaving = pick(
            [
                ("Dense(3", (a,), (3,)),
                ("Dense(units=4, activation='relu'", (a, b), (a, 4)),
                ("Dropout(0.5", (a,), (a,)),
                ("BatchNormalization(", (a, b), (a, b)),
                ("Flatten(", (a, b), (a * b,)),
                ("Reshape((-1, 1)", (a,), (a, 1)),
                ("LSTM(3", (a, b), (3,)),
                ("GRU(3, return_sequences=True", (a, b), (a, 3)),
                ("Bidirectional(LSTM(2)", (a, b), (4,)),
                ("TimeDistributed(Dense(2)", (a, b), (a, 2)),
                ("Conv1D(2, 3", (a, b), (a - 2, 2)),
                ("Conv2D(2, (3, 3), padding='same'", (a, b, 1), (a, b, 2)),
                ("MaxPooling2D(2", (a, b, c), (a // 2, b // 2, c)),
                ("Embedding(50, 4", (a,), (a, 4)),
            ]
        )
        separator = "" if call.endswith("(") else ", "
        name = pick(["", "", f"name='layer_{self.random.randint(1, 10**6)}', "])
        declared = self.declared(call, shape)
        return f"{call}{separator}{name}{declared})", leaving

    def declared(self, call: str, shape: Shape) -> str:
        """The arguments that declare an input of this shape."""
        inside = ", ".join(map(str, shape))
        forms = [
            f"input_shape=({inside},)",
            f"input_shape=[{inside}]",
            f"input_shape=np.zeros((7, {inside})).shape[1:]",
        ]
        forms += [f"batch_input_shape=({self.random.choice(['None', '4'])}, {inside})"]
        forms += [f"input_shape=({inside},), batch_size=4"]
        if call.startswith("Embedding"):
            forms = [f"input_length={shape[0]}", *forms[:2]]
        elif len(shape) == 1:
            forms += [f"input_dim={shape[0]}", f"input_dim={shape[0] - 1} + 1"]
        elif call.startswith(("LSTM", "GRU")):
            forms += [f"input_dim={shape[1]}, input_length={shape[0]}"]
        if self.random.random() < 0.2:
            self.lines.append(f"shape_{len(self.lines)} = ({inside},)")
            forms = [f"input_shape=shape_{len(self.lines) - 1}"]
        return self.random.choice(forms)

    def later(self, arriving: Shape) -> tuple[str, Shape]:
        """A layer that takes this shape, which may declare it once more."""
        choices = {
            1: [("Dense(2", (2,)), ("Dropout(0.1", arriving), ("Activation('tanh'", arriving)],
            2: [("LSTM(3", (3,)), ("Dense(2", (*arriving[:1], 2)), ("GlobalAveragePooling1D(", arriving[1:])],
        }
        call, leaving = self.random.choice(choices.get(len(arriving), [("GlobalMaxPooling2D(", arriving[-1:])]))
        again = f"input_shape={arriving}" if self.random.random() < 0.25 else ""
        return f"{call}{', ' if again and not call.endswith('(') else ''}{again})", leaving

    def chain(self, length: int) -> list[str]:
        """Layers of which the first declares the input."""
        text, shape = self.first()
        found = [text]
        while len(found) < length:
            text, shape = self.later(shape)
            found.append(text)
        return found

    # --- models --------------------------------------------------------------------------------------------------

    def by_list(self, name: str) -> None:
        layers = self.chain(self.random.randint(1, 4))
        self.lines.append(f"{name} = Sequential([{', '.join(layers)}])")

    def by_adding(self, name: str) -> None:
        layers = self.chain(self.random.randint(1, 4))
        self.lines += [f"{name} = Sequential()", *(f"{name}.add({layer})" for layer in layers)]

    def in_function(self, name: str) -> None:
        layers = self.chain(3)
        body = ["    model = Sequential()", *(f"    model.add({layer})" for layer in layers), "    return model"]
        self.lines += [f"def make_{name}():", *body, f"{name} = make_{name}()"]

    def nested(self, name: str) -> None:
        inner, *others = self.chain(3)
        self.lines += [f"{name}_inner = Sequential([{inner}])"]
        self.lines += [f"{name} = Sequential([{', '.join([f'{name}_inner', *others])}])"]

    def graph(self, name: str) -> None:
        size = self.random.randint(2, 9)
        again = self.random.choice([f"input_shape=({size},)", f"input_dim={size}", f"batch_input_shape=(None, {size})"])
        self.lines += [
            f"{name}_x = Input(({size},))",
            f"{name}_a, {name}_b = Dense(3, {again})({name}_x), Dense(3)({name}_x)",
            f"{name} = Model({name}_x, {self.random.choice(['concatenate', 'add'])}([{name}_a, {name}_b]))",
        ]
