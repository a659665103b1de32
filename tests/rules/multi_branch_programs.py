"""Programs that feed one array to several inputs of a model, for hypothesis to draw."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from hypothesis import strategies as st

LAYERS = (
    "Dense({n})",
    'Dense({n}, activation="tanh", name="{branch}_{n}")',
    "LayerNormalization()",
    "Dropout(0.2)",
    "BatchNormalization()",
    'Activation("relu")',
)
MERGES = ("concatenate([{}])", "Concatenate()([{}])", "add([{}])", "Multiply()([{}])", "Average()([{}])")


@dataclass(frozen=True, slots=True)
class MultiBranch:
    """A program that makes `model`, and what the model is fed in it: the name of an array for each input."""

    text: str
    fed: tuple[str, ...]
    features: int
    named: bool

    def check_against(self, fixed: str) -> str:
        """A program that ends in an error unless what `fixed` makes computes the same from less."""
        once = tuple(dict.fromkeys(self.fed))
        data = f"[arrays[name] for name in {once}]" if len(once) > 1 else "arrays['X']"
        return "\n".join(
            (
                "import numpy as np",
                "import keras",
                "from keras.layers import *",
                "from keras.models import Model",
                "def original():",
                indent(_without_imports(self.text), "    ") + "\n    return model",
                "def fixed():",
                indent(_without_imports(fixed), "    ") + "\n    return model",
                f"arrays = {{name: np.random.normal(size=(5, {self.features})).astype('float32') for name in {once}}}",
                "old, new = original(), fixed()",
                f"assert len(old.inputs) == {len(self.fed)} and len(new.inputs) == {len(once)}",
                "assert [w.shape for w in old.get_weights()] == [w.shape for w in new.get_weights()]",
                "new.set_weights(old.get_weights())",
                f"before = old.predict([arrays[name] for name in {self.fed}], verbose=0)",
                f"after = new.predict({data}, verbose=0)",
                "assert np.allclose(before, after, rtol=1e-5, atol=1e-6)",
            )
        )


def _without_imports(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(("import ", "from ")))


@st.composite
def multi_branch_programs(draw: st.DrawFn) -> MultiBranch:
    """Two to four inputs of one width, a branch on each, joined; fed by two arrays at most, one of them repeated."""
    count, features, width = draw(st.integers(2, 4)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    fed = tuple(draw(st.permutations(["X", "X", *draw(st.sampled_from([["X"] * 2, ["Z", "X"], ["Z", "Z"]]))][:count])))
    named, in_list = draw(st.booleans()), draw(st.booleans())
    names = [f"in{place}" for place in range(count)]
    inputs: list[str] = []
    branches: list[str] = []
    among = draw(st.booleans())
    for place, name in enumerate(names):
        shown = f', name="{name}_of_model"' if named else ""
        (branches if among else inputs).append(f"{name} = Input(shape=({features},){shown})")
        branches.append(f"h{place} = {name}")
        for template in draw(st.lists(st.sampled_from(LAYERS), max_size=3, unique=True)):
            branches.append(f"h{place} = {template.format(n=width, branch=name)}(h{place})")
        branches.append(f"h{place} = Dense({width})(h{place})")
    merge = draw(st.sampled_from(MERGES)).format(", ".join(f"h{place}" for place in range(count)))
    given = f"[{', '.join(names)}]" if in_list else f"({', '.join(names)})"
    if named and draw(st.booleans()):
        data = "{" + ", ".join(f'"{name}_of_model": {array}' for name, array in zip(names, fed, strict=True)) + "}"
    else:
        data = f"[{', '.join(fed)}]"
    ways = draw(st.lists(st.sampled_from(["fit({}, y)", "predict({})", "evaluate({}, y)"]), min_size=1, max_size=2))
    feeding = [f"    model.{way.format(data)}" for way in ways]
    lines = [
        "from keras.layers import *",
        "from keras.models import Model",
        *inputs,
        *branches,
        f"model = Model(inputs={given}, outputs=Dense(2)({merge}))",
        "def use(X, Z, y):",
        *feeding,
        "",
    ]
    return MultiBranch("\n".join(lines), fed, features, named)
