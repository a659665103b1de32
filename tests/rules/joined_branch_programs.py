"""Programs that join Sequentials by their attributes and feed several of them one array, for hypothesis to draw."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from hypothesis import strategies as st
from multi_branch_programs import LAYERS, MERGES

IMPORTS = "from keras.layers import *\nfrom keras.models import Model, Sequential\n"


@dataclass(frozen=True, slots=True)
class JoinedBranches:
    """A program that makes `model`, which `use` feeds; what each of its inputs is fed; how many features that has."""

    text: str
    fed: tuple[str, ...]
    features: int

    def check(self, original: str, fixed: str) -> str:
        """A program that ends in an error unless two forms of this one compute the same, with saved weights too."""
        return f"""\
import os, tempfile
import numpy as np
{IMPORTS}
def original():
{indent(original.replace(IMPORTS, ""), "    ")}
    return model, use
def fixed():
{indent(fixed.replace(IMPORTS, ""), "    ")}
    return model, use
(old, use_old), (new, use_new) = original(), fixed()
assert (len(old.inputs), len(new.inputs)) == {len(self.fed), len(set(self.fed))}
assert [w.shape for w in old.get_weights()] == [w.shape for w in new.get_weights()]
X, Z, y = (np.random.normal(size=(5, n)).astype("float32") for n in ({self.features}, {self.features}, 2))
expected = use_old(X, Z, y)
new.set_weights(old.get_weights())
assert np.allclose(expected, use_new(X, Z, y), rtol=1e-5, atol=1e-6)
with tempfile.TemporaryDirectory() as directory:
    for name, save in ("saved.weights.h5", old.save_weights), ("whole.h5", old.save), ("whole.keras", old.save):
        path = os.path.join(directory, name)
        save(path)
        new.set_weights([np.zeros_like(w) for w in new.get_weights()])
        new.load_weights(path)
        assert np.allclose(expected, use_new(X, Z, y), rtol=1e-5, atol=1e-6), name
"""


@st.composite
def joined_branch_programs(draw: st.DrawFn) -> JoinedBranches:
    """Two to four branches over inputs of one width, in any order, which are fed by two arrays at most."""
    count, features, width = draw(st.integers(2, 4)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    fed = tuple(draw(st.permutations(["X", "X", *draw(st.sampled_from([["X"] * 2, ["Z", "X"], ["Z", "Z"]]))][:count])))
    declared = f"({features},)"
    branches = []
    for place in draw(st.permutations(range(count))):
        drawn = draw(st.lists(st.sampled_from(LAYERS), max_size=3, unique=True))
        rest = [template.format(n=width, branch=f"b{place}") for template in drawn]
        named = draw(st.sampled_from(["", f', name="in{place}"']))
        first = draw(st.sampled_from([f"input_shape={declared}", f"input_dim={features}", ""]))
        layers = [f"Dense({width}, {first})"] if first else [f"Input(shape={declared}{named})", f"Dense({width})"]
        if draw(st.booleans()):
            branches.append(f"b{place} = Sequential([{', '.join(layers + rest)}])")
        else:
            branches += [f"b{place} = Sequential()", *(f"b{place}.add({layer})" for layer in layers + rest)]
    inputs = [f"b{place}.{draw(st.sampled_from(['input', 'inputs[0]']))}" for place in range(count)]
    outputs = [f"b{place}.{draw(st.sampled_from(['output', 'outputs[0]']))}" for place in range(count)]
    data = f"[{', '.join(fed)}]"
    lines = [
        *branches,
        f"joined = {draw(st.sampled_from(MERGES)).format(', '.join(outputs))}",
        f"model = Model(inputs=[{', '.join(inputs)}], outputs=Dense(2)(joined))",
        'model.compile("sgd", "mse")',
        "def train(X, Z, y):",
        f"    model.fit({data}, y, validation_data=({data}, y))",
        "def use(X, Z, y):",
        f"    model.evaluate({data}, y, verbose=0)",
        f"    return model.predict({data}, verbose=0)",
        "",
    ]
    return JoinedBranches(IMPORTS + "\n".join(lines), fed, features)
