"""The tables and diagrams of models, as text, JSON, Mermaid and SVG."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from kerasfix.config import Settings
from kerasfix.models.changes import Comparison, Mark, compared
from kerasfix.models.overview import overviews
from kerasfix.models.table import Build
from kerasfix.repair import fix_document
from kerasfix.report import mermaid, models_json, models_text, svg
from kerasfix.report.layers import GAP, layout
from kerasfix.report.style import Style
from kerasfix.report.terminal import width
from kerasfix.source.document import Document

if TYPE_CHECKING:
    from kerasfix.models.table import ModelOverview

IMPORTS = "from keras import Input, Model, Sequential\nfrom keras.layers import Add, Concatenate, Dense, Dropout\n"
CHAIN = "model = Sequential()\nmodel.add(Dense(32, input_shape=(784,)))\nmodel.add(Dense(10))\n"
GRAPH = """\
a = Input((4,), name="a")
b = Input((4,), name="b")
y = Add()([Dense(8)(a), Dense(8)(b)])
model = Model([a, b], Dense(1, input_dim=8)(y))
"""
HOSTILE = """\
a = Input((4,), name="</text><script>alert(1)</script>\\n\\x1b[31m]]>&amp;")
model = Model(a, Dense(1, name='"];\\nclick x "javascript:1" `#quot;` %%{init}%%')(a), name="<b>\\u202e</b>")
"""


def models(text: str, path: str = "model.py") -> list[ModelOverview]:
    return overviews(Document(path, IMPORTS + text), Settings())


def comparisons(text: str, path: str = "model.py") -> list[Comparison]:
    """The models of a program before and after its fixes."""
    document = Document(path, IMPORTS + text)
    fixed = fix_document(document, Settings(unsafe_fixes=True))
    after = None if fixed.text == document.text else overviews(fixed.document, Settings())
    return compared(overviews(document, Settings()), after)


class TestText:
    def test_a_chain(self) -> None:
        assert models_text.render(models(CHAIN), Style()) == (
            "model.py:3:9: Sequential `model`\n"
            "  input declared by `input_shape` of `Dense` (line 4); 25,450 parameters\n"
            "  layer       arrives      leaves      parameters  input by     findings\n"
            "  Dense (32)  (None, 784)  (None, 32)      25,120  input_shape  KFX101\n"
            "  Dense (10)  (None, 32)   (None, 10)         330\n"
            "\n"
            "1 model in 1 file.\n"
        )

    def test_a_graph(self) -> None:
        assert models_text.render(models(GRAPH), Style()) == (
            "model.py:6:9: Model `model`\n"
            "  input declared by `Input` (line 3), `Input` (line 4); 89 parameters\n"
            "  #  layer           from  arrives        leaves     parameters  input by   findings\n"
            "  1  Input a ((4,))                       (None, 4)           0\n"
            "  2  Input b ((4,))                       (None, 4)           0\n"
            "  3  Dense (8)       1     (None, 4)      (None, 8)          40\n"
            "  4  Dense (8)       2     (None, 4)      (None, 8)          40\n"
            "  5  Add             3, 4  2 × (None, 8)  (None, 8)           0\n"
            "  6  Dense (1)       5     (None, 8)      (None, 1)           9  input_dim  KFX104\n"
            "\n"
            "1 model in 1 file.\n"
        )

    def test_marks_are_explained(self) -> None:
        text = "m = Sequential([Input((4,))])\nif a:\n    m.add(Dense(1))\nfor b in c:\n    m.add(Dropout(0.5))\n"
        text += "if d:\n    m.add(Dense(2))\nelse:\n    m.add(Dense(3))\n"
        shown = models_text.render(models(text), Style()).splitlines()
        assert shown[-5:-2] == [
            "  way 1…: the program takes one of 2 ways",
            "  0..1 ×: a branch decides whether the layer is there",
            "  0..n ×: a loop adds it, any number of times",
        ]

    def test_nothing(self) -> None:
        assert models_text.render([], Style()) == "No models found.\n"
        assert "  its layers are not known\n" in models_text.render(models("model = Sequential()\n"), Style())

    @pytest.mark.parametrize("columns", [64, 80, 100])
    def test_it_fits_the_terminal(self, columns: int) -> None:
        text = CHAIN.replace("Dense(10", "Dense(10, activation='softmax', kernel_initializer='glorot_uniform'")
        shown = models_text.render(models(text), Style(), columns)
        table = [line for line in shown.splitlines() if line.startswith("  ") and "declared" not in line]
        assert max(map(width, table)) <= columns
        assert "…" in shown
        assert "25,120" in shown and "KFX101" in shown

    def test_colour_and_nothing_that_moves_the_cursor(self) -> None:
        shown = models_text.render(models(HOSTILE, "a\x1b[2J\n.py"), Style(terminal=True, colour=True))
        assert "\x1b[1m" in shown
        assert set(re.findall(r"\x1b\[[\d;]*[A-Za-z]", shown)) <= {"\x1b[1m", "\x1b[0m", "\x1b[33m", "\x1b[31m"}
        plain = models_text.render(models(HOSTILE, "a\x1b[2J\n.py"), Style())
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", plain)
        assert plain.count("\n") == 7

    def test_what_real_keras_said(self) -> None:
        build = Build("Keras 3.0", ("tf_keras 2.0 refuses line 4: no",), "", False, (("n", 7),), ("so",))
        assert list(models_text.build_in_words(build)) == [
            "not built: tf_keras 2.0 refuses line 4: no",
            "built by Keras 3.0",
            "with n = 7",
            "note: so",
        ]
        assert list(models_text.build_in_words(Build(problem="why"))) == ["not built: why"]


class TestJson:
    def test_a_model(self) -> None:
        (record,) = json.loads(models_json.render(models(CHAIN, "-")))
        layers = record.pop("layers")
        assert record == {
            "filename": "-",
            "location": {"row": 3, "column": 9},
            "cell": None,
            "kind": "Sequential",
            "name": "model",
            "function": None,
            "variant": {"number": 1, "of": 1},
            "inputs": [{"declared_by": "input_shape", "layer": "Dense", "row": 4, "cell": None}],
            "parameters": 25450,
            "codes": [],
            "outputs": [1],
            "build": None,
        }
        assert layers[0] == {
            "kind": "Dense",
            "name": None,
            "arguments": "32",
            "row": 4,
            "cell": None,
            "arriving": [[None, 784]],
            "leaving": [[None, 32]],
            "parameters": 25120,
            "shared": False,
            "declares": ["input_shape"],
            "presence": "1",
            "ways": [],
            "sources": [],
            "codes": ["KFX101"],
        }

    def test_what_is_not_known(self) -> None:
        (record,) = json.loads(models_json.render(models("model = Sequential([Dense(n), Dense(f()[0])])\n")))
        first, last = record["layers"]
        assert (first["arriving"], first["leaving"], first["parameters"]) == ([None], [None], None)
        assert record["inputs"] == [{"declared_by": None, "layer": None, "row": None, "cell": None}]
        (record,) = json.loads(models_json.render(models("m = Sequential([Input((n, 4)), Dense(f()[0])])\n")))
        assert record["layers"][1]["leaving"] == [[None, "n", "?"]]
        assert last["sources"] == [0]


def test_what_a_fix_changes_is_marked() -> None:
    (found,) = comparisons(CHAIN)
    assert found.before is not None and found.after is not None
    assert found.before.marks == (Mark.CHANGED, Mark.SAME)
    assert found.after.marks == (Mark.ADDED, Mark.CHANGED, Mark.SAME)
    assert [row.kind for row in found.after.model.rows] == ["Input", "Dense", "Dense"]


def test_a_model_that_no_fix_touches_is_drawn_once() -> None:
    first, second = comparisons(f"{CHAIN}other = Sequential([Input((4,)), Dense(1)])\n")
    assert len(first.sides) == 2
    assert len(second.sides) == 1
    assert set(second.sides[0].marks) == {Mark.SAME}


def test_models_on_one_side_only() -> None:
    before, after = models("a = Sequential([Dense(1)])\n"), models("b = Sequential([Dense(1)])\n")
    removed, added = compared(before, after)
    assert removed.after is None and removed.sides[0].marks == (Mark.REMOVED,)
    assert added.before is None and added.sides[0].marks == (Mark.ADDED,)
    assert ">before<" in svg.render([removed]) and '["after"]' in mermaid.render([added])


class TestMermaid:
    def test_before_and_after(self) -> None:
        assert mermaid.render(comparisons(CHAIN)).splitlines()[:-3] == [
            "flowchart TB",
            '  subgraph m0["model.py:3 Sequential #96;model#96;"]',
            '    subgraph m0s0["before, 25,450 parameters"]',
            "      direction TB",
            '      m0s0n0["Dense (32)<br/>(None, 784) → (None, 32)<br/>25,120 parameters<br/>input by input_shape<br/>'
            'KFX101"]:::changed',
            '      m0s0n1["Dense (10)<br/>(None, 32) → (None, 10)<br/>330 parameters"]',
            "      m0s0n0 --> m0s0n1",
            "    end",
            '    subgraph m0s1["after, 25,450 parameters"]',
            "      direction TB",
            '      m0s1n0["Input (shape=(784,))<br/>(None, 784)"]:::added',
            '      m0s1n1["Dense (32)<br/>(None, 784) → (None, 32)<br/>25,120 parameters"]:::changed',
            '      m0s1n2["Dense (10)<br/>(None, 32) → (None, 10)<br/>330 parameters"]',
            "      m0s1n0 --> m0s1n1",
            "      m0s1n1 --> m0s1n2",
            "    end",
            "  end",
        ]

    def test_edges_of_a_graph(self) -> None:
        shown = mermaid.render(comparisons(GRAPH))
        assert {line.strip() for line in shown.splitlines() if "m0s0" in line and "-->" in line} == {
            f"m0s0n{source} --> m0s0n{target}" for source, target in [(0, 2), (1, 3), (2, 4), (3, 4), (4, 5)]
        }

    def test_nothing_in_a_label_has_a_meaning(self) -> None:
        shown = mermaid.render(comparisons(HOSTILE, 'a"];b.py'))
        for line in shown.splitlines():
            if '["' in line:
                label = re.fullmatch(r'\s*(?:subgraph )?\w+\["(.*)"\](?::::\w+)?', line)
                assert label is not None, line
                assert not re.search(r'["`&\\%$\x00-\x1f\u202e]|<(?!br/>)|#(?!\d+;)', label[1]), line
            else:
                assert re.fullmatch(r" *(flowchart TB|direction TB|end|m\w+ --> m\w+|classDef \w+ [\w#:,; .-]+)", line)

    def test_what_has_no_layers(self) -> None:
        assert '["its layers are not known"]' in mermaid.render(comparisons("m = Sequential()\n"))
        assert mermaid.render([]).startswith("flowchart TB\n")


def _texts(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]


class TestSvg:
    def test_before_and_after(self) -> None:
        shown = svg.render(comparisons(CHAIN))
        texts = _texts(shown)
        assert texts[0] == "model.py:3 Sequential `model`"
        assert texts.index("before, 25,450 parameters") < texts.index("after, 25,450 parameters")
        assert texts.index("Input (shape=(784,))") > texts.index("after, 25,450 parameters")
        assert texts[-2:] == ["changed by the fix", "added by the fix"]
        assert 'class="box added"' in shown and 'class="box removed"' not in shown

    def test_a_picture_without_a_fix_has_no_sides_and_no_legend(self) -> None:
        texts = _texts(svg.render(comparisons("m = Sequential([Input((4,)), Dense(1)])\n")))
        assert texts[:2] == ["model.py:3 Sequential `m`", "5 parameters"]
        assert not any("fix" in text or text in ("before", "after") for text in texts)

    def test_hostile_names_are_text(self) -> None:
        shown = svg.render(comparisons(HOSTILE, "<script>\x1b.py"))
        root = ElementTree.fromstring(shown)
        assert {element.tag.rpartition("}")[2] for element in root.iter()} == {
            *("svg", "style", "rect", "g", "path", "text")
        }
        assert "<script" not in shown
        assert any("<script>alert(1)" in text for text in _texts(shown))
        assert not any(re.search(r"[\x00-\x1f\u202e]", text) for text in _texts(shown))

    def test_it_stands_alone(self) -> None:
        shown = svg.render(comparisons(GRAPH))
        without_namespace = shown.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|href|url\(|@import|<script|\bon\w+=", without_namespace)
        assert "prefers-color-scheme:dark" in shown

    def test_everything_is_inside_the_picture(self) -> None:
        root = ElementTree.fromstring(svg.render([*comparisons(CHAIN), *comparisons(GRAPH)]))
        space = "{http://www.w3.org/2000/svg}"
        right, bottom = float(root.attrib["width"]), float(root.attrib["height"])

        def check(element: ElementTree.Element, x: float, y: float) -> None:
            move = re.search(r"translate\(([\d.]+) ([\d.]+)\)", element.attrib.get("transform", ""))
            x, y = (x + float(move[1]), y + float(move[2])) if move else (x, y)
            if element.tag == f"{space}rect" and "x" in element.attrib:
                left, top, wide, high = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
                assert x + left >= 0 and x + left + wide <= right
                assert y + top >= 0 and y + top + high <= bottom
            for child in element:
                check(child, x, y)

        check(root, 0, 0)

    def test_nothing_and_what_has_no_layers(self) -> None:
        assert _texts(svg.render([])) == ["No models found."]
        assert "its layers are not known" in _texts(svg.render(comparisons("m = Sequential()\n")))


class TestLayout:
    SOURCES = ((), (), (0,), (0, 1), (2, 3), (0, 4), (1, 5))

    def test_every_box_is_below_its_sources_and_beside_no_other(self) -> None:
        sizes = [(100.0 + 10 * place, 30.0) for place in range(len(self.SOURCES))]
        found = layout(sizes, self.SOURCES)
        for box, sources in zip(found.boxes, self.SOURCES, strict=True):
            assert all(found.boxes[source].y + 30 < box.y for source in sources)
            assert box.x - box.width / 2 >= 0 and box.x + box.width / 2 <= found.width + 0.01
            for other in found.boxes:
                if other is not box and other.y == box.y:
                    assert abs(other.x - box.x) >= (other.width + box.width) / 2 + GAP - 0.01

    def test_an_edge_runs_through_no_box(self) -> None:
        found = layout([(100.0, 30.0)] * len(self.SOURCES), self.SOURCES)
        for edge in found.edges:
            for passage in edge[1:-1]:
                beside = [box for box in found.boxes if box.y == passage.y]
                assert beside
                assert all(abs(box.x - passage.x) >= (box.width + passage.width) / 2 for box in beside)

    def test_a_chain_is_straight(self) -> None:
        found = layout([(100.0, 20.0), (40.0, 20.0), (80.0, 20.0)], [(), (0,), (1,)])
        assert {round(box.x, 3) for box in found.boxes} == {50.0}

    def test_nothing(self) -> None:
        assert layout([], []).boxes == ()
