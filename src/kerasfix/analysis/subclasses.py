"""What a class of the file is to Keras: which class it derives from, and which keywords it hands on."""

from __future__ import annotations

import libcst as cst

from kerasfix.analysis import keras_api
from kerasfix.analysis.objects import ClassObject
from kerasfix.analysis.spelling import one_reference


def keras_base(class_: ClassObject) -> str | None:
    """The canonical name of the Keras class that a class of the file derives from."""
    for base in class_.bases:
        if isinstance(base, ClassObject):
            found = keras_base(base)
            if found is not None:
                return found
        reference = one_reference(base)
        canonical = keras_api.canonical(reference.dotted) if reference is not None else None
        if canonical is not None:
            return "keras.Layer" if canonical[0] == "keras.layers.Layer" else canonical[0]
    return None


def forwards(class_: ClassObject, keyword: str) -> bool:
    """Whether a layer class of the file hands a keyword on to Keras: it takes `**kwargs` and does not name it."""
    for ancestor in _ancestors(class_):
        constructor = ancestor.members.get("__init__")
        if constructor is None:
            continue
        node = getattr(constructor, "node", None)
        if not isinstance(node, cst.FunctionDef) or node.params.star_kwarg is None:
            return False
        parameters = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
        named = any(parameter.name.value == keyword for parameter in parameters)
        return not named and _passes_on(node.body, node.params.star_kwarg.name.value)
    return True


def _passes_on(node: cst.CSTNode, keywords: str) -> bool:
    """Whether some call in `node` has `**keywords`."""
    if isinstance(node, cst.Arg) and node.star == "**" and isinstance(node.value, cst.Name):
        return node.value.value == keywords
    return any(_passes_on(child, keywords) for child in node.children)


def _ancestors(class_: ClassObject) -> list[ClassObject]:
    found = [class_]
    for base in class_.bases:
        if isinstance(base, ClassObject):
            found.extend(_ancestors(base))
    return found
