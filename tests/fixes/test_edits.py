"""Every edit on every layout: what goes, what is added, and that the rest and each comment stay as they are.

In the examples of removal everything named `gone` is taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import libcst as cst
import pytest

from kerasfix.analysis.positions import Positions
from kerasfix.fixes.apply import splice
from kerasfix.fixes.edits import (
    append_argument,
    extend_import,
    insert_argument_first,
    insert_first_element,
    insert_import_after,
    insert_statement_before,
    remove_arguments,
    remove_elements,
    replace,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.diagnostics import Edit

Node = TypeVar("Node", bound=cst.CSTNode)


def every(node: cst.CSTNode, kind: type[Node]) -> Iterator[Node]:
    if isinstance(node, kind):
        yield node
    for child in node.children:
        yield from every(child, kind)


def parsed(source: str) -> tuple[cst.Module, Positions]:
    module = cst.parse_module(source)
    return module, Positions(module, source)


def displays(module: cst.Module) -> list[cst.List | cst.Tuple]:
    nodes: list[cst.List | cst.Tuple] = list(every(module, cst.List))
    nodes += every(module, cst.Tuple)
    return nodes


def is_gone(node: cst.CSTNode) -> bool:
    return any(name.value.startswith("gone") for name in every(node, cst.Name))


def without_gone(source: str) -> str:
    """Removes the arguments or elements named `gone` from the innermost call or display that has them."""
    module, positions = parsed(source)
    edits: list[Edit] = []
    for call in every(module, cst.Call):
        arguments = [a for a in call.args if is_gone(a) and not any(map(is_gone, every(a, cst.Call)))]
        edits += remove_arguments(positions, call, arguments)
    return splice(source, edits)


REMOVALS = [
    # one line
    ("f(gone)", "f()"),
    ("f( gone )", "f()"),
    ("f(gone, )", "f()"),
    ("f(gone, gone=1)", "f()"),
    ("f(a, gone)", "f(a)"),
    ("f(gone, a)", "f(a)"),
    ("f(a, gone, b)", "f(a, b)"),
    ("f( gone, a )", "f( a )"),
    ("f( a, gone )", "f( a )"),
    ("f(a,gone,b)", "f(a,b)"),
    ("f(a , gone , b)", "f(a , b)"),
    ("f(a, gone,)", "f(a,)"),
    ("f(a, gone, )", "f(a, )"),
    ("f(gone, a, gone=1, b=2, gone_too=3)", "f(a, b=2)"),
    ("f(*args, gone=1, **kw)", "f(*args, **kw)"),
    ("f(*gone, a, **gone)", "f(a)"),
    ("f(gone for x in y)", "f()"),
    ("f(a, gone=(1, 2), b=g(3))", "f(a, b=g(3))"),
    ("f(a, gone=(1,\n          2), b=3)", "f(a, b=3)"),
    ("f(a, gone = '''\n# no comment\n''' , b=3)", "f(a, b=3)"),
    ("x; f(a, gone); y  # c\n", "x; f(a); y  # c\n"),
    ("(f)  (a, gone)", "(f)  (a)"),
    ("(f  # (gone,\n(a, gone))", "(f  # (gone,\n(a))"),
    ("é(ü='名', gone='前')", "é(ü='名')"),
    # aligned with the bracket
    ("Dense(4,\n      gone=3)", "Dense(4)"),
    ("Dense(gone=3,\n      units=4)", "Dense(units=4)"),
    ("Dense(4,\n      gone=3,\n      name='a')", "Dense(4,\n      name='a')"),
    ("Dense(4, gone=3,\n      name='a')", "Dense(4,\n      name='a')"),
    ("Dense(4,\n      gone=3, name='a')", "Dense(4,\n      name='a')"),
    ("Dense(4,\n      gone=3,\n      gone_too=3)", "Dense(4)"),
    ("Dense(4,\n      gone=3,\n      )", "Dense(4,\n      )"),
    ("Dense(4,\n      gone=3\n      )", "Dense(4\n      )"),
    ("Dense( gone,\n       units=4 )", "Dense( units=4 )"),
    ("Dense(4,\n      gone=(1,\n            2), name='a')", "Dense(4,\n      name='a')"),
    ("model.add(Dense(4,\n                gone=3))  # c", "model.add(Dense(4))  # c"),
    ("f(units  = 4,\n  gone   = 3,\n  name   = 1)", "f(units  = 4,\n  name   = 1)"),
    # one argument a line
    ("f(\n    a,\n    gone,\n    b,\n)", "f(\n    a,\n    b,\n)"),
    ("f(\n    gone,\n    a,\n)", "f(\n    a,\n)"),
    ("f(\n    a,\n    gone,\n)", "f(\n    a,\n)"),
    ("f(\n    a,\n    gone\n)", "f(\n    a\n)"),
    ("f(\n    gone,\n)", "f()"),
    ("f(\n    gone,\n    gone=1,\n)", "f()"),
    ("f(\n    a,\n    gone)", "f(\n    a)"),
    ("f(\n    gone, a, b\n)", "f(\n    a, b\n)"),
    ("f(\n    a, gone, b,\n    c\n)", "f(\n    a, b,\n    c\n)"),
    ("f(\n    a, b,\n    gone, c\n)", "f(\n    a, b,\n    c\n)"),
    ("f(\n\ta,\n\tgone,\n\tb,\n)", "f(\n\ta,\n\tb,\n)"),
    ("f(\r\n    a,\r\n    gone,\r\n    b,\r\n)\r\n", "f(\r\n    a,\r\n    b,\r\n)\r\n"),
    ("f(\r    a,\r    gone,\r)\r", "f(\r    a,\r)\r"),
    ("f(\n    a,\n    gone=[\n        1,\n    ],\n    b=2,\n)", "f(\n    a,\n    b=2,\n)"),
    ("f(a,\n  gone, \n  b)", "f(a,\n  b)"),
    # commas before the arguments
    ("f(a\n  , gone\n  , b)", "f(a\n  , b)"),
    ("f(gone\n  , a\n  , b)", "f(a\n  , b)"),
    ("f(a\n  , b\n  , gone)", "f(a\n  , b)"),
    ("f(a\n  , b\n  , gone\n  )", "f(a\n  , b\n  )"),
    ("f(\n    a\n  , gone\n)", "f(\n    a\n)"),
    ("f(a\n, gone,\n  b)", "f(a,\n  b)"),
    # backslashes
    ("f(a, \\\n  gone, \\\n  b)", "f(a, \\\n  b)"),
    ("f(a, \\\n  gone)", "f(a)"),
    ("f(gone, \\\n  a)", "f(a)"),
    ("f( \\\n  gone, \\\n  a)", "f( \\\n  a)"),
    ("f(a, gone, \\\n  b)", "f(a, \\\n  b)"),
    # comments beside
    ("f(\n    a,\n    gone,  # three\n    b,\n)", "f(\n    a,\n    # three\n    b,\n)"),
    ("f(\n    a,  # one\n    gone,\n)", "f(\n    a,  # one\n)"),
    ("f(\n    a,  # one\n    gone  # two\n)", "f(\n    a  # one\n    # two\n)"),
    ("f(\n    gone,  # one\n)", "f(\n    # one\n)"),
    ("f(a, gone,  # two\n  b)", "f(a,  # two\n  b)"),
    ("f(gone,  # one\n  b)", "f(  # one\n  b)"),
    ("f(gone  # one\n  )", "f(  # one\n  )"),
    ("f(gone,# one\n  b)", "f(  # one\n  b)"),
    ("f(a,  # one\n  gone)", "f(a  # one\n  )"),
    ("f(a,  # one\n  gone,\n  b)", "f(a,  # one\n  b)"),
    ("f(a  # one\n  , gone,\n  b)", "f(a,  # one\n  b)"),
    ("f(a  # one\n  , gone  # two\n  , b)", "f(a  # one\n  # two\n  , b)"),
    ("f(  # call\n    gone, a)", "f(  # call\n    a)"),
    ("f(  # call\n    gone)", "f(  # call\n    )"),
    ("f(a, gone)  # call", "f(a)  # call"),
    ("f(a,\n  gone # two\n  )\r\n", "f(a\n  # two\n  )\r\n"),
    # comments above and below
    ("f(\n    # above\n    gone,\n    a,\n)", "f(\n    # above\n    a,\n)"),
    ("f(\n    a,\n    # above\n    gone,\n    # below\n)", "f(\n    a,\n    # above\n    # below\n)"),
    ("f(gone,\n  # above\n  a)", "f(\n  # above\n  a)"),
    ("f(a,\n  # above\n  gone)", "f(a\n  # above\n  )"),
    ("f(a,\n  # above\n  gone, b)", "f(a,\n  # above\n  b)"),
    # comments inside
    (
        "f(\n    a,\n    gone=(\n        28,  # row\n        # col\n        28,\n    ),  # size\n    b=1,\n)",
        "f(\n    a,\n    # row\n    # col\n    # size\n    b=1,\n)",
    ),
    ("f(a, gone=(28,  # height\n           28), b=1)", "f(a,  # height\n           b=1)"),
    ("f(a, gone=(28,  # height\n           28))", "f(a  # height\n           )"),
    ("f(gone=(28, 28  # height\n))", "f(  # height\n)"),
    ("f(a, gone=g('#', '''\n#''')(1, # é\n 2), b=1)", "f(a,\n# é\n b=1)"),
    # blank lines
    ("f(\n    a,\n\n    gone,\n\n    b,\n)", "f(\n    a,\n\n    b,\n)"),
    ("f(\n    gone,\n\n    a,\n)", "f(\n    a,\n)"),
    ("f(\n    a,\n\n    gone,\n)", "f(\n    a,\n)"),
    ("f(\n    a,\n\n    gone,\n    b,\n)", "f(\n    a,\n\n    b,\n)"),
    ("f(a,\n\n  gone)", "f(a)"),
    # one call inside another
    ("f(a, g(gone, b), c)", "f(a, g(b), c)"),
    ("f(\n    g(1, gone=2),\n    h(\n        gone,\n    ),\n)", "f(\n    g(1),\n    h(),\n)"),
]


@pytest.mark.parametrize(("before", "after"), REMOVALS)
def test_arguments_are_removed_without_a_trace(before: str, after: str) -> None:
    assert without_gone(before) == after


def test_an_edit_says_no_more_than_it_must() -> None:
    module, positions = parsed("f(\n    a,\n    gone,\n    b,\n)")
    (call,) = every(module, cst.Call)
    (edit,) = remove_arguments(positions, call, [call.args[1]])
    assert (positions.text[edit.start : edit.end], edit.content) == ("gone,\n    ", "")


def test_an_argument_of_another_call_is_refused() -> None:
    module, positions = parsed("f(a); g(b)")
    first, second = every(module, cst.Call)
    with pytest.raises(ValueError, match="Arg"):
        remove_arguments(positions, first, second.args)


def test_removing_nothing_is_no_edit() -> None:
    module, positions = parsed("f(a); g()")
    assert [remove_arguments(positions, call, []) for call in every(module, cst.Call)] == [(), ()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[gone]", "[]"),
        ("[gone, *a]", "[*a]"),
        ("[\n    a,\n    gone,  # c\n]", "[\n    a,\n    # c\n]"),
        ("(a, gone)", "(a,)"),
        ("(gone, a)", "(a,)"),
        ("(gone, a, gone)", "(a,)"),
        ("(gone, a,)", "(a,)"),
        ("(a, gone, b)", "(a, b)"),
        ("(gone,)", "()"),
        ("(\n    gone,\n    a\n)", "(\n    a,\n)"),
        ("(a,\n gone)", "(a,)"),
        ("x = a, gone", "x = a,"),
    ],
)
def test_elements_are_removed_in_the_same_way(before: str, after: str) -> None:
    module, positions = parsed(before)
    (display,) = displays(module)
    gone = [element for element in display.elements if is_gone(element)]
    assert splice(before, remove_elements(positions, display, gone)) == after


def test_a_bare_tuple_keeps_an_element() -> None:
    module, positions = parsed("x = a, b")
    (display,) = every(module, cst.Tuple)
    with pytest.raises(ValueError, match="needs an element"):
        remove_elements(positions, display, display.elements)


@pytest.mark.parametrize(
    ("before", "old", "text", "after"),
    [
        ("y = (784)", "(784)", "(784,)", "y = (784,)"),
        ("y = (None, 784)", "(None, 784)", "(784,)", "y = (784,)"),
        ("f(a, b=c)", "b", "shape", "f(a, shape=c)"),
        ("return(x)", "(x)", "y", "return y"),
        ("return(x)", "(x)", "(y)", "return(y)"),
        ("1 if(x)else 2", "(x)", "y", "1 if y else 2"),
        ("x", "x", "y", "y"),
    ],
)
def test_a_node_is_replaced_with_its_own_parentheses(before: str, old: str, text: str, after: str) -> None:
    module, positions = parsed(before)
    kinds: list[type[cst.CSTNode]] = [cst.Integer, cst.Name, cst.Tuple]
    nodes = (node for kind in kinds for node in every(module, kind))
    node = next(n for n in nodes if before[slice(*positions.outer_span(n))] == old)
    assert splice(before, [replace(positions, node, text)]) == after


FIRST_ELEMENTS = [
    ("[]", "[NEW]"),
    ("[ ]", "[NEW]"),
    ("[\n]", "[NEW]"),
    ("[  # layers\n]", "[  # layers\n    NEW\n]"),
    ("[\n  # layers\n]", "[\n  # layers\n  NEW\n]"),
    ("if x:\n\t[  # layers\n\t]", "if x:\n\t[  # layers\n\t\tNEW\n\t]"),
    ("[a]", "[NEW, a]"),
    ("[ a, b ]", "[ NEW, a, b ]"),
    ("[a,b]", "[NEW,a,b]"),
    ("[*a]", "[NEW, *a]"),
    ("[(a), b]", "[NEW, (a), b]"),
    ("([a])", "([NEW, a])"),
    ("[\n    a,\n    b,\n]", "[\n    NEW,\n    a,\n    b,\n]"),
    ("[\n    a\n]", "[\n    NEW,\n    a\n]"),
    ("[\n\ta, b\n]", "[\n\tNEW, a, b\n]"),
    ("[\r\n    a,\r\n]\r\n", "[\r\n    NEW,\r\n    a,\r\n]\r\n"),
    ("[\n    a,  # one\n    b,\n]", "[\n    NEW,\n    a,  # one\n    b,\n]"),
    ("[\n    a,\n\n    b,\n]", "[\n    NEW,\n    a,\n\n    b,\n]"),
    ("[  # layers\n    a,\n]", "[  # layers\n    NEW,\n    a,\n]"),
    ("[\n    # hidden\n    a,\n]", "[\n    # hidden\n    NEW,\n    a,\n]"),
    ("[a,\n b]", "[NEW,\n a,\n b]"),
    ("[a,  # one\n b]", "[NEW,\n a,  # one\n b]"),
    ("[a, \n b]", "[NEW,\n a, \n b]"),
    ("[a, b,\n c, d]", "[NEW, a, b,\n c, d]"),
    ("[a,\n\n b]", "[NEW,\n a,\n\n b]"),
    ("S([a,\n   b])", "S([NEW,\n   a,\n   b])"),
    ("S([a,\r\n   b])\r\n", "S([NEW,\r\n   a,\r\n   b])\r\n"),
    ("if x:\n\tS([a,\n\t\t b])", "if x:\n\tS([NEW,\n\t\t a,\n\t\t b])"),
    ("S([f(1,\n     2)])", "S([NEW,\n   f(1,\n     2)])"),
    ("S([f(\n    1,\n)])", "S([NEW, f(\n    1,\n)])"),
    ("[a\n, b\n, c]", "[NEW\n, a\n, b\n, c]"),
    ("[a, \\\n b]", "[NEW, \\\n a, \\\n b]"),
    ("()", "(NEW,)"),
    ("(x,)", "(NEW, x)"),
    ("(x, )", "(NEW, x, )"),
    ("(x,\n)", "(NEW, x,\n)"),
    ("(x, y)", "(NEW, x, y)"),
    ("((x, y))", "((NEW, x, y))"),
    ("(\n    x,\n)", "(\n    NEW,\n    x,\n)"),
    ("z = x,", "z = NEW, x"),
    ("z = x, y", "z = NEW, x, y"),
    ("z = f(1,\n      2),", "z = NEW, f(1,\n      2)"),
]


@pytest.mark.parametrize(("before", "after"), FIRST_ELEMENTS)
def test_a_first_element_follows_the_layout(before: str, after: str) -> None:
    module, positions = parsed(before)
    (display,) = displays(module)
    assert splice(before, insert_first_element(positions, display, "NEW")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(NEW)"),
        ("f(\n)", "f(NEW)"),
        ("f(  # c\n)", "f(  # c\n    NEW\n)"),
        ("f(a)", "f(NEW, a)"),
        ("f( name=a )", "f( NEW, name=a )"),
        ("f(\n    a,\n    b,\n)", "f(\n    NEW,\n    a,\n    b,\n)"),
        ("f(a,\n  b)", "f(NEW,\n  a,\n  b)"),
        ("f(a for a in b)", "f(NEW, (a for a in b))"),
        ("f((a for a in b))", "f(NEW, (a for a in b))"),
        ("f(*a)", "f(NEW, *a)"),
    ],
)
def test_a_first_argument_follows_the_layout(before: str, after: str) -> None:
    module, positions = parsed(before)
    (call,) = every(module, cst.Call)
    assert splice(before, insert_argument_first(positions, call, "NEW")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(n=1)"),
        ("f(a)", "f(a, n=1)"),
        ("f( a )", "f( a, n=1 )"),
        ("f(a,)", "f(a, n=1,)"),
        ("f(**a)", "f(**a, n=1)"),
        ("f(a for a in b)", "f((a for a in b), n=1)"),
        ("f(a,b)", "f(a,b, n=1)"),
        ("f(\n    a,\n)", "f(\n    a,\n    n=1,\n)"),
        ("f(\n    a\n)", "f(\n    a,\n    n=1\n)"),
        ("f(\r\n\ta,\r\n\tb\r\n)", "f(\r\n\ta,\r\n\tb,\r\n\tn=1\r\n)"),
        ("f(a,\n  b)", "f(a,\n  b,\n  n=1)"),
        ("f(a\n  , b)", "f(a\n  , b\n  , n=1)"),
        ("f(a, \\\n  b)", "f(a, \\\n  b, \\\n  n=1)"),
        ("f(\n    a,  # one\n    b,  # two\n)", "f(\n    a,  # one\n    b,  # two\n    n=1,\n)"),
        ("f(\n    a,  # one\n    b  # two\n)", "f(\n    a,  # one\n    b,  # two\n    n=1\n)"),
        ("f(\n    a,\n\n    b)", "f(\n    a,\n\n    b,\n    n=1)"),
        ("f(\n    a,\n    # end\n)", "f(\n    a,\n    n=1,\n    # end\n)"),
        ("f(a  # one\n  )", "f(a,  # one\n  n=1\n  )"),
        ("f(a  # one\n  ,)", "f(a,  # one\n  n=1\n  ,)"),
    ],
)
def test_a_last_argument_follows_the_layout(before: str, after: str) -> None:
    module, positions = parsed(before)
    (call,) = every(module, cst.Call)
    assert splice(before, append_argument(positions, call, "n=1")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.add(OLD)", "NEW\nm.add(OLD)"),
        ("x\nm.add(OLD)\n", "x\nNEW\nm.add(OLD)\n"),
        ("x\r\nm.add(OLD)", "x\r\nNEW\r\nm.add(OLD)"),
        ("x\rm.add(OLD)", "x\rNEW\rm.add(OLD)"),
        ("if x:\n\tm.add(OLD)\n", "if x:\n\tNEW\n\tm.add(OLD)\n"),
        (
            "if x:\n  y\n\n  # first layer\n  m.add(OLD)  # c\n",
            "if x:\n  y\n\n  # first layer\n  NEW\n  m.add(OLD)  # c\n",
        ),
        ("m.add(OLD); y\n", "NEW\nm.add(OLD); y\n"),
        ("x; m.add(OLD); y\n", "x; NEW; m.add(OLD); y\n"),
        ("if x: m.add(OLD)\n", "if x: NEW; m.add(OLD)\n"),
        ("if x: \\\n  m.add(OLD)\n", "if x: \\\n  NEW; m.add(OLD)\n"),
        ("x; \\\r\n  m.add(OLD)\r\n", "x; \\\r\n  NEW; m.add(OLD)\r\n"),
        ("class A: m.add(OLD)\n", "class A: NEW; m.add(OLD)\n"),
        ("x = (\n1); m.add(OLD)\n", "x = (\n1); NEW; m.add(OLD)\n"),
        ("if x:\n    (m\n     .add(OLD))\n", "if x:\n    NEW\n    (m\n     .add(OLD))\n"),
    ],
)
def test_a_statement_goes_before_another(before: str, after: str) -> None:
    module, positions = parsed(before)
    old = [s for s in every(module, cst.Expr) if any(n.value == "OLD" for n in every(s, cst.Name))]
    assert splice(before, insert_statement_before(positions, old[0], "NEW")) == after


def test_a_statement_goes_before_a_whole_line() -> None:
    source = "x\nif y:\n    # c\n    a; b\n"
    module, positions = parsed(source)
    line = list(every(module, cst.SimpleStatementLine))[-1]
    edits = insert_statement_before(positions, line, "NEW")
    assert splice(source, edits) == "x\nif y:\n    # c\n    NEW\n    a; b\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import old", "import old\nNEW"),
        ("import old\n", "import old\nNEW\n"),
        ("import old  # c\r\nx\r\n", "import old  # c\r\nNEW\r\nx\r\n"),
        (
            "try:\n    import old\nexcept E:\n    pass\n",
            "try:\n    import old\n    NEW\nexcept E:\n    pass\n",
        ),
        ("from old import (\n    a,\n)  # c\nx", "from old import (\n    a,\n)  # c\nNEW\nx"),
        ("from old import a, \\\n    b\n", "from old import a, \\\n    b\nNEW\n"),
        ("import old; x\n", "import old; NEW; x\n"),
        ("import old;\n", "import old; NEW;\n"),
        ("x; import old  # c\n", "x; import old; NEW  # c\n"),
        ("try: import old\nexcept E: pass\n", "try: import old; NEW\nexcept E: pass\n"),
        ("import old \\\n; x\n", "import old; NEW \\\n; x\n"),
    ],
)
def test_an_import_goes_after_another(before: str, after: str) -> None:
    module, positions = parsed(before)
    imports: list[cst.Import | cst.ImportFrom] = list(every(module, cst.Import))
    imports += every(module, cst.ImportFrom)
    (old,) = imports
    assert splice(before, insert_import_after(positions, old, "NEW")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from m import a", "from m import a, NEW"),
        ("from m import a as b, c  # c\n", "from m import a as b, c, NEW  # c\n"),
        ("from m import a; x\n", "from m import a, NEW; x\n"),
        ("from m import a, \\\n    b\n", "from m import a, \\\n    b, NEW\n"),
        ("from m import (a)", "from m import (a, NEW)"),
        ("from m import (a, b,)", "from m import (a, b, NEW,)"),
        ("from m import (\n    a,\n    b,\n)\n", "from m import (\n    a,\n    b,\n    NEW,\n)\n"),
        ("from m import (\n    a,\n    b\n)\n", "from m import (\n    a,\n    b,\n    NEW\n)\n"),
        ("from m import (\n    a, b,\n)\n", "from m import (\n    a, b, NEW,\n)\n"),
        ("from m import (\n    a\n)\n", "from m import (\n    a,\n    NEW\n)\n"),
        ("from m import (\r\n\ta,\r\n\tb,\r\n)\r\n", "from m import (\r\n\ta,\r\n\tb,\r\n\tNEW,\r\n)\r\n"),
        ("from m import (a,\n               b)", "from m import (a,\n               b,\n               NEW)"),
        (
            "from m import (\n    a,  # one\n    b,  # two\n)",
            "from m import (\n    a,  # one\n    b,  # two\n    NEW,\n)",
        ),
        ("from m import (\n    a,\n    b  # two\n)", "from m import (\n    a,\n    b,  # two\n    NEW\n)"),
    ],
)
def test_an_import_is_extended(before: str, after: str) -> None:
    module, positions = parsed(before)
    (statement,) = every(module, cst.ImportFrom)
    assert splice(before, extend_import(positions, statement, "NEW")) == after
    alias = splice(before, extend_import(positions, statement, "Input as KerasInput"))
    assert alias == after.replace("NEW", "Input as KerasInput")


def test_a_star_import_is_not_extended() -> None:
    module, positions = parsed("from m import *")
    (statement,) = every(module, cst.ImportFrom)
    with pytest.raises(ValueError, match="star import"):
        extend_import(positions, statement, "Input")
