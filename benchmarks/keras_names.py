"""Which class of Keras does an expression name? Answered with `ast` and a table of scopes, nothing more.

The benchmarks hold kerasfix against a second opinion, so this shares no code and no data with it: the layer
names below were copied from Keras 0.3, 1.2, 2.3, tf_keras 2.21 and Keras 3.15, and imports are resolved by
what a name was last bound to, with no idea of values or control flow beyond "this may not have happened".
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# fmt: off
LAYERS = frozenset(
    {
        "AbstractRNNCell", "Activation", "ActivityRegularization", "AdaptiveAveragePooling1D",
        "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D", "Add", "AdditiveAttention", "AlphaDropout",
        "AtrousConv1D", "AtrousConv2D", "AtrousConvolution1D", "AtrousConvolution2D", "Attention", "AugMix",
        "AutoContrast", "AutoEncoder", "Average", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D",
        "AvgPool1D", "AvgPool2D", "AvgPool3D", "BatchNormalization", "Bidirectional", "CategoryEncoding",
        "CenterCrop", "Concatenate", "ContrastLimitedAdaptiveHistogramEqualization", "Conv1D",
        "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "ConvLSTM1D",
        "ConvLSTM2D", "ConvLSTM2DCell", "ConvLSTM3D", "ConvRNN2D", "ConvRecurrent2D", "Convolution1D",
        "Convolution1DTranspose", "Convolution2D", "Convolution2DTranspose", "Convolution3D",
        "Convolution3DTranspose", "Cropping1D", "Cropping2D", "Cropping3D", "CuDNNGRU", "CuDNNLSTM", "CutMix",
        "Deconv2D", "Deconv3D", "Deconvolution2D", "Deconvolution3D", "Dense", "DenseFeatures",
        "DepthwiseConv1D", "DepthwiseConv2D", "Discretization", "Dot", "Dropout", "DynamicEmbedding",
        "DynamicLookup", "ELU", "EinsumDense", "Embedding", "Equalization", "Flatten", "FlaxLayer", "GRU",
        "GRUCell", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
        "GlobalAveragePooling3D", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D", "GlobalMaxPool1D",
        "GlobalMaxPool2D", "GlobalMaxPool3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
        "GlobalMaxPooling3D", "GroupNormalization", "GroupQueryAttention", "GroupedQueryAttention",
        "HashedCrossing", "Hashing", "Highway", "Identity", "IntegerLookup", "JaxLayer", "LSTM", "LSTMCell",
        "Lambda", "LambdaMerge", "Layer", "LayerNormalization", "LeakyReLU", "LocallyConnected1D",
        "LocallyConnected2D", "MaskedLambda", "MaskedLayer", "Masking", "MaxNumBoundingBoxes", "MaxPool1D",
        "MaxPool2D", "MaxPool3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "MaxoutDense",
        "MelSpectrogram", "Merge", "Minimum", "MixUp", "MultiHeadAttention", "Multiply", "Normalization",
        "PReLU", "ParametricSoftplus", "Permute", "Pipeline", "PreprocessingLayer", "RMSNormalization", "RNN",
        "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
        "RandomCrop", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomFourierFeatures",
        "RandomGaussianBlur", "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert",
        "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness",
        "RandomShear", "RandomTranslation", "RandomWidth", "RandomZoom", "ReLU", "Recurrent", "RepeatVector",
        "Rescaling", "Reshape", "Resizing", "ReversibleEmbedding", "SReLU", "STFTSpectrogram",
        "SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D", "Siamese",
        "SiameseHead", "SimpleRNN", "SimpleRNNCell", "Softmax", "Solarization", "SpatialDropout1D",
        "SpatialDropout2D", "SpatialDropout3D", "SpectralNormalization", "StackedRNNCells", "StringLookup",
        "Subtract", "SyncBatchNormalization", "TFSMLayer", "TextVectorization", "ThresholdedLinear",
        "ThresholdedReLU", "TimeDistributed", "TimeDistributedDense", "TimeDistributedMerge",
        "TorchModuleWrapper", "UnitNormalization", "UpSampling1D", "UpSampling2D", "UpSampling3D", "Wrapper",
        "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
    }
)
# fmt: on
"""The layers that some Keras has had; inputs and models are not among them."""

_OTHER_NAMES = frozenset({"Input", "InputLayer", "InputSpec", "Model", "Sequential"})
_SUBMODULES = frozenset({"applications", "backend", "datasets", "engine", "layers", "models", "utils"})
_TENSORFLOW = frozenset({"tensorflow", "tensorflow_core"})
_BETWEEN = frozenset({"compat", "v1", "v2", "python", "contrib", "api", "_api"})
_KERAS = frozenset({"keras", "tf_keras", "keras_core"})
_NO_LAYERS_INSIDE = frozenset(
    {
        "activations",
        "applications",
        "backend",
        "callbacks",
        "constraints",
        "datasets",
        "initializers",
        "losses",
        "metrics",
        "ops",
        "optimizers",
        "preprocessing",
        "quantizers",
        "random",
        "regularizers",
        "utils",
    }
)
_IMPORTERS = frozenset({"importorskip", "import_module", "__import__"})

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KerasName:
    """Something of Keras: `Dense` of `layers` of `tensorflow.keras`, and how the name was seen to be it."""

    name: str
    package: str
    module: str
    through: str


@dataclass(frozen=True, slots=True)
class Binding:
    """One thing that may happen to a name: an import, an assignment, or a definition that hides others."""

    place: tuple[int, int]
    path: Path | None = None
    value: ast.expr | None = None
    through: str = "import"
    conditional: bool = False
    star: bool = False


@dataclass(slots=True)
class Scope:
    """The names that one module, function or class binds, in the order of the file."""

    parent: Scope | None
    is_class: bool = False
    names: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    stars: list[Binding] = field(default_factory=list)

    def bind(self, name: str, binding: Binding) -> None:
        """Records a binding; `global` names go to the module."""
        scope = self
        if name in self.globals:
            while scope.parent is not None:
                scope = scope.parent
        scope.names.setdefault(name, []).append(binding)


class ModuleNames:
    """The names of one file, and what each of its calls constructs."""

    def __init__(self, tree: ast.Module) -> None:
        self._calls: list[tuple[ast.Call, Scope]] = []
        collector = _Collector(self._calls)
        collector.run(tree)

    def keras_calls(self) -> Iterator[tuple[ast.Call, KerasName]]:
        """Every call of something that every reading takes for the same name of Keras, outer calls first."""
        for call, scope in self._calls:
            name = keras_name(call.func, scope)
            if name is not None:
                yield call, name

    def layer_calls(self) -> Iterator[tuple[ast.Call, KerasName]]:
        """Every call of a built-in layer class, outer calls first."""
        return ((call, name) for call, name in self.keras_calls() if name.name in LAYERS)


def keras_name(function: ast.expr, scope: Scope) -> KerasName | None:
    """What an expression names in Keras, if every reading agrees that it is in Keras."""
    found = _resolve(function, scope, (function.lineno, function.col_offset), 8)
    names = [_of_keras(path, through) for path, through in found]
    if not names or None in names:
        return None
    return names[-1]


def _of_keras(path: Path | None, through: str) -> KerasName | None:
    if not path:
        return None
    root, *rest = path
    package = [root]
    if root in _TENSORFLOW:
        while rest and rest[0] in _BETWEEN:
            package.append(rest.pop(0))
        if not rest or rest[0] != "keras":
            return None
        package.append(rest.pop(0))
    elif root not in _KERAS:
        return None
    # `keras.layers.experimental.preprocessing` has layers, `keras.preprocessing` has none.
    if not rest or ("layers" not in rest[:-1] and _NO_LAYERS_INSIDE.intersection(rest[:-1])):
        return None
    return KerasName(rest[-1], ".".join(package), ".".join(rest[:-1]), through)


Resolved = list[tuple[Path | None, str]]


def _resolve(expression: ast.expr, scope: Scope, place: tuple[int, int], depth: int) -> Resolved:
    """What an expression may be: dotted paths from an import, None for what is not an import at all."""
    if depth == 0:
        return [(None, "")]
    match expression:
        case ast.Name(id=name):
            return _look_up(name, scope, place, depth)
        case ast.Attribute(value=value, attr=attribute):
            return [
                (None if path is None else (*path, attribute), through)
                for path, through in _resolve(value, scope, place, depth)
            ]
        case ast.IfExp(body=body, orelse=orelse):
            either = [
                *_resolve(body, scope, place, depth - 1),
                *_resolve(orelse, scope, place, depth - 1),
            ]
            return [(path, "a conditional expression") for path, _ in either]
        case ast.Call(func=function, args=[first, *_]) if _last_name(function) == "partial":
            return [(path, "functools.partial") for path, _ in _resolve(first, scope, place, depth - 1)]
        case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]) if _last_name(function) in _IMPORTERS:
            return [(tuple(module.split(".")), "an import made by a call")]
        case _:
            return [(None, "")]


def _look_up(name: str, scope: Scope, place: tuple[int, int], depth: int) -> Resolved:
    here: Scope | None = scope
    within = True
    while here is not None:
        bindings = here.names.get(name, [])
        stars = [star for star in here.stars if _star_gives(star, name)]
        candidates = sorted([*bindings, *stars], key=lambda binding: binding.place)
        visible = within or not here.is_class
        if candidates and visible and name not in here.globals:
            before = [binding for binding in candidates if binding.place < place] if within else candidates
            if before or here.parent is not None:
                return _latest(name, before or candidates, here, depth)
        here, within = here.parent, False
    return [(None, "")]


def _latest(name: str, bindings: list[Binding], scope: Scope, depth: int) -> Resolved:
    """The last binding that surely happened, and those after it that may have."""
    live: list[Binding] = []
    for binding in reversed(bindings):
        live.append(binding)
        if not binding.conditional:
            break
    found: Resolved = []
    for binding in reversed(live):
        if binding.path is not None:
            path = (*binding.path, name) if binding.star else binding.path
            found.append((path, binding.through))
        elif binding.value is not None:
            if isinstance(binding.value, ast.Constant) and binding.value.value is None and len(live) > 1:
                continue
            resolved = _resolve(binding.value, scope, binding.place, depth - 1)
            found.extend((path, "an assignment" if through == "import" else through) for path, through in resolved)
        else:
            found.append((None, ""))
    if len(live) > 1:
        found = [(path, "a conditional import" if path else through) for path, through in found]
    return found or [(None, "")]


def _star_gives(star: Binding, name: str) -> bool:
    path = star.path or ()
    if path[-1:] == ("layers",):
        return name in LAYERS or name in _OTHER_NAMES
    if "layers" in path:
        return name in LAYERS
    if path and (path[-1] in _KERAS):
        return name in _SUBMODULES
    return path[-1:] == ("tensorflow",) and name == "keras"


def _last_name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


class _Collector(ast.NodeVisitor):
    """Fills the scopes, and notes every call with the scope that it stands in."""

    def __init__(self, calls: list[tuple[ast.Call, Scope]]) -> None:
        self._calls = calls
        self._scope = Scope(None)
        self._conditions = 0

    def run(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = tuple(alias.name.split("."))
            if alias.asname:
                self._bind(alias.asname, node, path=path)
            else:
                self._bind(path[0], node, path=path[:1])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = tuple((node.module or "").split("."))
        if node.level:
            module = ("", *module)  # a module of this repository, whatever it is called
        for alias in node.names:
            if alias.name == "*":
                self._scope.stars.append(self._binding(node, path=module, through="a star import", star=True))
            else:
                self._bind(alias.asname or alias.name, node, path=(*module, alias.name))

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value, node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value, node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value, node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self._hide(node.target)

    def visit_Global(self, node: ast.Global) -> None:
        self._scope.globals.update(node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name, node)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._function(node.args, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, node)
        for child in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(child)
        self._inside(Scope(self._scope, is_class=True), node.body)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._maybe(node.body, node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._conditions += 1
        self._hide(node.target)
        self._conditions -= 1
        self._maybe(node.body, node.orelse)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._maybe(node.body, node.orelse)

    def visit_Try(self, node: ast.Try) -> None:
        self._maybe(node.body, *(handler.body for handler in node.handlers), node.orelse)
        for statement in node.finalbody:
            self.visit(statement)

    def visit_withitem(self, node: ast.withitem) -> None:
        self.visit(node.context_expr)
        if node.optional_vars is not None:
            self._hide(node.optional_vars)

    def visit_Call(self, node: ast.Call) -> None:
        self._calls.append((node, self._scope))
        self.generic_visit(node)

    def _function(self, arguments: ast.arguments, body: list[ast.stmt] | list[ast.expr]) -> None:
        for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)):
            self.visit(default)
        scope = Scope(self._scope)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every.extend(extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)
        for argument in every:
            scope.bind(argument.arg, Binding((argument.lineno, argument.col_offset)))
        self._inside(scope, body)

    def _inside(self, scope: Scope, body: list[ast.stmt] | list[ast.expr]) -> None:
        outer, conditions = self._scope, self._conditions
        self._scope, self._conditions = scope, 0
        for statement in body:
            self.visit(statement)
        self._scope, self._conditions = outer, conditions

    def _maybe(self, *blocks: list[ast.stmt]) -> None:
        self._conditions += 1
        for block in blocks:
            for statement in block:
                self.visit(statement)
        self._conditions -= 1

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, node, value=value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for part, its_value in zip(target.elts, value.elts, strict=True):
                self._assign(part, its_value, node)
        else:
            self._hide(target)

    def _hide(self, target: ast.expr) -> None:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self._bind(part.id, part)

    def _bind(self, name: str, node: ast.AST, *, path: Path | None = None, value: ast.expr | None = None) -> None:
        self._scope.bind(name, self._binding(node, path=path, value=value))

    def _binding(
        self,
        node: ast.AST,
        *,
        path: Path | None = None,
        value: ast.expr | None = None,
        through: str = "import",
        star: bool = False,
    ) -> Binding:
        # A binding counts from the end of its statement: `Dense = wrap(Dense)` reads the old one.
        place = (getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            place = (node.lineno, node.col_offset)
        return Binding(place, path, value, through, self._conditions > 0, star)
