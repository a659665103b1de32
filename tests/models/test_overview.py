from __future__ import annotations

import pytest
from modelling import IMPORTS, document, line, lines, model, models

from kerasfix.config import Settings
from kerasfix.models.overview import MOST_VARIANTS, overviews, tables
from kerasfix.models.table import InputSource
from kerasfix.source.document import Place


def at_line(row: int) -> Place:
    return Place(row, 0)


class TestSequential:
    def test_layers_with_shapes_and_parameters(self) -> None:
        text = """
        model = Sequential()
        model.add(Dense(32, activation="relu", input_shape=(784,), name="first"))
        model.add(Dropout(0.5))
        model.add(Dense(10))
        """
        assert lines(text) == [
            'Dense first (32, activation="relu"): (None, 784) -> (None, 32), 25120',
            "Dropout (0.5): (None, 32) -> (None, 32), 0",
            "Dense (10): (None, 32) -> (None, 10), 330",
        ]
        found = model(text)
        assert (found.kind, found.name, found.function, found.parameters) == ("Sequential", "model", "", 25450)
        assert found.inputs == (InputSource("input_shape", "Dense", at_line(6)),)

    def test_findings_stand_at_the_layer_and_at_the_call(self) -> None:
        found = model('m = Sequential([Dense(8, input_shape=(4,)), Dense(2, input_shape=(8,))], "name")')
        assert [(row.declares, row.codes) for row in found.rows] == [
            (("input_shape",), ("KFX101",)),
            (("input_shape",), ("KFX102",)),
        ]
        assert found.codes == ("KFX403",)

    def test_a_finding_inside_a_wrapper_stands_at_the_wrapper(self) -> None:
        (row,) = model("m = Sequential([Bidirectional(LSTM(4, input_shape=(3, 2)))])").rows
        assert (row.kind, row.declares, row.codes) == ("Bidirectional", ("input_shape",), ("KFX105",))

    def test_a_suppressed_finding_is_not_shown(self) -> None:
        assert model("m = Sequential([Dense(8, input_shape=(4,))])  # noqa").rows[0].codes == ()

    def test_sizes_that_are_not_known_are_the_programs_expressions(self) -> None:
        text = """
        def build(X, n, words):
            model = Sequential()
            model.add(Dense(2 * n + 1, input_shape=(X.shape[1],)))
            model.add(Dense(int(n / 2)))
            model.add(Dense((n - 1) * 3))
            model.add(Dense(len(words)))
            model.add(Dense(whatever(n)[0]))
            model.add(Dense(1))
        """
        assert [line.partition(": ")[2] for line in lines(text)] == [
            "(None, X.shape[1]) -> (None, 2 * n + 1), ?",
            "(None, 2 * n + 1) -> (None, int(n / 2)), ?",
            "(None, int(n / 2)) -> (None, (n - 1) * 3), ?",
            "(None, (n - 1) * 3) -> (None, len(words)), ?",
            "(None, len(words)) -> (None, ?), ?",
            "(None, ?) -> (None, 1), ?",
        ]
        assert model(text).parameters is None
        assert model(text).function == "build"

    def test_what_a_branch_adds(self) -> None:
        text = """
        model = Sequential([Input((4,))])
        if deep:
            model.add(Dense(8))
        if kind == "a":
            model.add(Dense(1))
        elif kind == "b":
            model.add(Dense(2))
            model.add(Dense(3))
        else:
            model.add(Dropout(0.5))
        model.add(Dense(5))
        """
        found = model(text)
        assert [line(row) for row in found.rows] == [
            "Input ((4,)): (None, 4), 0",
            "[0..1 ×] Dense (8): (None, 4) -> (None, 8), 40",
            "[way 1a] Dense (1): (None, ?) -> (None, 1), ?",
            "[way 1b] Dense (2): (None, ?) -> (None, 2), ?",
            "[way 1b] Dense (3): (None, 2) -> (None, 3), 9",
            "[way 1c] Dropout (0.5): (None, ?) -> (None, ?), 0",
            "Dense (5): (None, ?) -> (None, 5), ?",
        ]
        assert [row.sources for row in found.rows] == [(), (0,), (0, 1), (0, 1), (3,), (0, 1), (2, 4, 5)]
        assert found.parameters is None

    def test_parameters_that_a_branch_decides_are_not_known(self) -> None:
        text = "model = Sequential([Input((4,)), Dense(4)])\nif deep:\n    model.add({})\nmodel.add(Dense(1))"
        assert model(text.format("Dense(4)")).parameters is None
        assert model(text.format("Dropout(0.5)")).parameters == 25

    def test_what_a_loop_adds(self) -> None:
        text = """
        model = Sequential([Input((4,)), Dense(8)])
        for _ in range(depth):
            model.add(Dense(8))
            model.add(Dropout(0.5))
        model.add(Dense(1))
        """
        assert lines(text) == [
            "Input ((4,)): (None, 4), 0",
            "Dense (8): (None, 4) -> (None, 8), 40",
            "[0..n ×] Dense (8): (None, 8) -> (None, 8), 72",
            "[0..n ×] Dropout (0.5): (None, 8) -> (None, 8), 0",
            "Dense (1): (None, 8) -> (None, 1), 9",
        ]
        assert model(text).parameters is None

    def test_a_loop_that_is_counted_is_unrolled(self) -> None:
        assert lines("m = Sequential([Input((3,))])\nfor units in (4, 5):\n    m.add(Dense(units))") == [
            "Input ((3,)): (None, 3), 0",
            "Dense (units): (None, 3) -> (None, 4), 16",
            "Dense (units): (None, 4) -> (None, 5), 25",
        ]

    def test_layers_that_are_not_known(self) -> None:
        first, last = model("m = Sequential([Input((3,))])\nadd_layers(m)\nm.add(Dense(1))").rows[1:]
        assert (first.kind, first.presence, first.parameters) == ("?", "0..n", None)
        assert "add_layers" in first.detail
        assert line(last) == "Dense (1): ? -> ?, ?"

    def test_a_layer_of_the_file_is_not_known(self) -> None:
        text = "class Mine(keras.layers.Layer):\n    pass\nm = Sequential([Input((3,)), Mine(4), Dense(1)])"
        assert lines(text)[1:] == ["Mine (4): (None, 3) -> ?, ?", "Dense (1): ? -> ?, ?"]

    def test_an_empty_one(self) -> None:
        found = model("m = Sequential()")
        assert (found.rows, found.parameters, found.inputs) == ((), None, (InputSource(""),))

    def test_models_inside_models(self) -> None:
        inner, outer = models(
            """
            inner = Sequential([Dense(8), Dense(2)], name="encoder")
            outer = Sequential([Input((4,)), inner, Dense(1)])
            """
        )
        assert [line(row) for row in inner.rows] == [
            "Dense (8): (None, 4) -> (None, 8), 40",
            "Dense (2): (None, 8) -> (None, 2), 18",
        ]
        assert [line(row) for row in outer.rows] == [
            "Input ((4,)): (None, 4), 0",
            "Sequential encoder: (None, 4) -> (None, 2), 58",
            "Dense (1): (None, 2) -> (None, 1), 3",
        ]
        assert outer.parameters == 61
        assert inner.inputs == (InputSource("the model around it", "", at_line(6)),)

    def test_a_call_that_makes_different_models(self) -> None:
        text = "for units in ({}):\n    m = Sequential([Input((1,)), Dense(units)])"
        assert [(one.variant, one.parameters) for one in models(text.format("1, 2, 1"))] == [((1, 2), 2), ((2, 2), 4)]
        found = models(text.format("1, 2, 3, 4, 5, 6"))
        assert [one.variant for one in found] == [(place, 6) for place in range(1, MOST_VARIANTS + 1)]


class TestFunctional:
    def test_two_inputs_that_are_merged(self) -> None:
        text = """
        picture, facts = Input((8, 8, 1), name="picture"), Input((5,), name="facts")
        x = Flatten()(Conv2D(3, 3)(picture))
        y = Dense(4)(facts)
        both = Concatenate()([x, y])
        model = Model([picture, facts], [Dense(1)(both), y])
        """
        found = model(text)
        assert [(line(row), row.sources) for row in found.rows] == [
            ("Input picture ((8, 8, 1)): (None, 8, 8, 1), 0", ()),
            ("Input facts ((5,)): (None, 5), 0", ()),
            ("Conv2D (3, 3): (None, 8, 8, 1) -> (None, 6, 6, 3), 30", (0,)),
            ("Flatten: (None, 6, 6, 3) -> (None, 108), 0", (2,)),
            ("Dense (4): (None, 5) -> (None, 4), 24", (1,)),
            ("Concatenate: (None, 108), (None, 4) -> (None, 112), 0", (3, 4)),
            ("Dense (1): (None, 112) -> (None, 1), 113", (5,)),
        ]
        assert (found.outputs, found.parameters) == ((6, 4), 167)
        assert found.inputs == (InputSource("Input", "", at_line(5)),)

    def test_a_shared_layer_counts_once(self) -> None:
        text = """
        a, b, shared = Input((3,)), Input((3,)), Dense(4)
        model = Model([a, b], keras.layers.add([shared(a), shared(b)]))
        """
        assert lines(text)[2:] == [
            "Dense (4): (None, 3) -> (None, 4), 16",
            "Dense (4): (None, 3) -> (None, 4), shared",
            "add: 2 × (None, 4) -> (None, 4), 0",
        ]
        assert model(text).parameters == 16

    def test_a_model_inside_another(self) -> None:
        inner, outer = models(
            """
            x = Input((4,))
            encoder = Model(x, Dense(2)(x))
            y = Input((4,))
            outer = Model(y, Dense(1)(encoder(y)))
            """
        )
        assert [line(row) for row in outer.rows][1] == "Model encoder: (None, 4) -> (None, 2), 10"
        assert (inner.parameters, outer.parameters) == (10, 13)

    def test_several_outputs_of_one_layer(self) -> None:
        text = """
        x = Input((5, 3))
        y, h, c = LSTM(4, return_state=True)(x)
        again = LSTM(2)(Reshape((2, 2))(y), initial_state=[h, c])
        model = Model(x, again)
        """
        found = model(text)
        assert [row.kind for row in found.rows] == ["Input", "LSTM", "Reshape", "LSTM"]
        assert found.rows[3].sources == (2, 1)
        assert line(found.rows[1]) == "LSTM (4, return_state=True): (None, 5, 3) -> 3 × (None, 4), 128"

    def test_a_branch_makes_only_its_own_layers_uncertain(self) -> None:
        text = """
        x = Input((4,))
        y = Dense(8)(x)
        if deep:
            y = Dropout(0.5)(y)
        model = Model(x, Dense(1)(y))
        """
        assert lines(text) == [
            "Input x ((4,)): (None, 4), 0",
            "Dense (8): (None, 4) -> (None, 8), 40",
            "[0..1 ×] Dropout (0.5): (None, 8) -> (None, 8), 0",
            "Dense (1): (None, 8) -> (None, 1), 9",
        ]

    def test_operators(self) -> None:
        text = "x = Input((4,))\nmodel = Model(x, Dense(1)(Dense(4)(x) + x))"
        found = model(text)
        assert [(row.kind, row.sources) for row in found.rows] == [
            ("Input", ()),
            ("Dense", (0,)),
            ("+", (1, 0)),
            ("Dense", (2,)),
        ]

    def test_a_part_of_another_model(self) -> None:
        _, top = models(
            """
            base = keras.applications.VGG16(include_top=False)
            top = Model(base.input, Dense(2)(Flatten()(base.output)))
            """
        )
        assert [(row.kind, row.name, row.sources) for row in top.rows] == [
            ("VGG16.input", "base", ()),
            ("VGG16.output", "base", (0,)),
            ("Flatten", "", (1,)),
            ("Dense", "", (2,)),
        ]
        assert top.parameters is None

    def test_a_model_that_begins_in_the_middle(self) -> None:
        _, late = models(
            """
            x = Input((4,))
            y = Dense(8)(x)
            whole = Model(x, Dense(2)(y))
            late = Model(y, Dense(2)(y))
            """
        )
        assert [line(row) for row in late.rows] == [
            "? (a tensor of another model, where this one begins): (None, 8), ?",
            "Dense (2): (None, 8) -> (None, 2), 18",
        ]

    def test_an_input_that_reaches_no_output(self) -> None:
        text = "a, b = Input((1,)), Input((2,))\nmodel = Model([a, b], Dense(1)(a))"
        assert lines(text)[1] == "Input ((2,)): (None, 2), 0"

    def test_tensors_that_are_not_known(self) -> None:
        text = "x = Input((4,))\nmodel = Model(x, Dense(1)(block(x)))"
        found = model(text)
        assert [(row.kind, row.sources) for row in found.rows] == [("Input", ()), ("?", ()), ("Dense", (1,))]
        assert found.parameters is None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("m = Sequential([Input((4,)), Dense(1)])", InputSource("Input", "", at_line(4))),
        ("m = Sequential([keras.layers.InputLayer((4,)), Dense(1)])", InputSource("InputLayer", "", at_line(4))),
        (
            "m = Sequential([Dense(1, batch_input_shape=(1, 4))])",
            InputSource("batch_input_shape", "Dense", at_line(4)),
        ),
        (
            "m = Sequential([Bidirectional(LSTM(1, input_shape=(2, 3)))])",
            InputSource("input_shape", "LSTM", at_line(4)),
        ),
        ("m = Sequential([Dense(1)])\nm.build((None, 4))", InputSource("build", "", at_line(5))),
        ("m = Sequential([Dense(1)])\nm(Input((4,)))", InputSource("the call on a tensor", "", at_line(5))),
        ("m = Sequential([Dense(1), Dense(2, input_dim=4)])", InputSource("")),
        ("m = Sequential(layers)", InputSource("?")),
        ("m = keras.applications.VGG16()", InputSource("its own default")),
        ("m = keras.applications.VGG16(input_shape=(32, 32, 3))", InputSource("input_shape", "VGG16", at_line(4))),
        ("m = Model(whatever, Dense(1)(whatever))", InputSource("?")),
    ],
)
def test_where_the_input_is_declared(text: str, source: InputSource) -> None:
    assert model(text).inputs == (source,)


@pytest.mark.parametrize(
    ("text", "name", "function"),
    [
        ("m = Sequential()", "m", ""),
        ("m: Sequential = Sequential()", "m", ""),
        ("Sequential()", "", ""),
        ("m = Sequential(name='encoder')", "encoder", ""),
        ("def make():\n    return Sequential()", "", "make"),
        ("def make():\n    if a:\n        m = Sequential()\n    return m", "m", "make"),
        ("class A:\n    def __init__(self):\n        self.net = Sequential()", "self.net", "__init__"),
        ("models['a'] = Sequential()", "", ""),
        ("try:\n    m = Sequential()\nexcept ValueError:\n    pass", "m", ""),
    ],
)
def test_what_the_program_calls_it(text: str, name: str, function: str) -> None:
    found = model(text)
    assert (found.name, found.function) == (name, function)


def test_a_class_and_its_instances_are_models() -> None:
    text = """
    class Net(Sequential):
        def __init__(self):
            super().__init__()
            self.add(Dense(8, input_dim=4))
    m = Net()
    """
    assert [(one.name, [line(row) for row in one.rows]) for one in models(text)] == [
        ("Net", ["Dense (8): (None, 4) -> (None, 8), 40"]),
        ("m", ["Dense (8): (None, 4) -> (None, 8), 40"]),
    ]


def test_models_are_in_the_order_of_the_text_with_their_places() -> None:
    found = models("x = Input((4,))\na = Model(x, Dense(1)(x))\nb = Sequential()\nc = Model(x, Dense(1)(x))")
    assert [(one.name, str(one.place)) for one in found] == [("a", "5:5"), ("b", "6:5"), ("c", "7:5")]
    assert {one.path for one in found} == {"model.py"}


def test_a_program_without_models() -> None:
    assert models("Dense(8, input_shape=(4,))") == []


def test_findings_that_are_known_are_not_looked_for_again() -> None:
    text = document("m = Sequential([Dense(8, input_shape=(4,))])")
    assert overviews(text, Settings())[0].rows[0].codes == ("KFX101",)
    assert tables(text, [])[0].rows[0].codes == ()


def test_hundreds_of_layers_are_followed() -> None:
    rows = "".join(f"x = Dense(4, name='d{place}')(x)\n" for place in range(600))
    found = model(f"a = x = Input((4,))\n{rows}m = Model(a, x)")
    assert len(found.rows) == 601
    assert found.parameters == 600 * 20
    assert len(IMPORTS.splitlines()) == 3


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ("n + 1", "n + 1"),
        ("2 * (n + m)", "2 * (n + m)"),
        ("n - (m - 1)", "n - (m - 1)"),
        ("n // 2", "n // 2"),
        ("X.shape[1]", "X.shape[1]"),
        ("self.size", "self.size"),
        ("len(X)", "len(X)"),
        ("len('abc' + n)", "len('abc' + n)"),
        ("int(n / 2)", "int(n / 2)"),
        ("n if a else m", "?"),
        ("X.reshape(-1)[0]", "?"),
        ("a + b + c + d + e + f + g + h", "?"),
    ],
)
def test_a_size_is_an_expression_where_it_is_short_and_readable(size: str, shown: str) -> None:
    found = model(f"def f(self, X, n, m, a, b, c, d, e, f, g, h):\n    return Sequential([Dense({size}, input_dim=4)])")
    assert found.rows[0].leaving == ((None, shown),)
