"""Genomes as ONNX models in float64, which onnxruntime and whatever else reads ONNX evaluate.

One input "X", double, [rows, columns of the table], and one output "variable", double, [rows, 1]: what converters of scikit-learn's
regressors make. Operators are those of https://onnx.ai/onnx/operators, opset 17. Two things are as they are for onnxruntime's sake:
it has Tan in float32 only, so that is written as Sin/Cos; and it rounds constants to float32 to see whether they are 0 or 1, and
then leaves 1.00000001*x out, so that constants are spread over the rows first.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vgp.algebra import scaled
from vgp.errors import GenomeError, MissingLibrary
from vgp.export.names import columns_used, default_name, name_of
from vgp.export.text import to_text
from vgp.genome import validate
from vgp.layout import CONSTANT, NAMES, REFERENCE, VARIABLE, Genome, constant_value

try:
    import onnx
    from onnx import helper, numpy_helper
except ImportError:
    raise MissingLibrary("exports to ONNX need onnx: pip install 'vcloud[export]'") from None

OPSET, IR_VERSION = 17, 8
INPUT, OUTPUT = "X", "variable"
_PLAIN = {
    **{"add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "neg": "Neg", "sqrt": "Sqrt", "exp": "Exp", "log": "Log"},
    **{"tanh": "Tanh", "abs": "Abs"},
}
_COMPARISONS = {"less": "Less", "less_equal": "LessOrEqual", "greater": "Greater", "greater_equal": "GreaterOrEqual"}


@dataclass
class Graph:
    """Nodes and constants so far. Values go by name: each method gives the name of its result."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def apply(self, operator: str, *operands: str, output: str | None = None, **attributes: Any) -> str:
        """The result of an ONNX operator."""
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, operands, [name], **attributes))
        return name

    def constant(self, value: float | list[int]) -> str:
        """A float64, or a list of int64. The bits name it: -0.0 is not 0.0."""
        array = np.array(value, np.float64 if isinstance(value, float) else np.int64)
        name = f"c{array.tobytes().hex()}_{array.ndim}"
        self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def choice(self, condition: str, yes: float | str, no: float | str) -> str:
        """yes where it holds, else no."""
        return self.apply("Where", condition, *(self.constant(x) if isinstance(x, float) else x for x in (yes, no)))

    def function(self, name: str, operands: list[str]) -> str:
        """A function of the primitive set."""
        if name in _PLAIN:
            return self.apply(_PLAIN[name], *operands)
        if name in _COMPARISONS:
            return self.choice(self.apply(_COMPARISONS[name], *operands), 1.0, 0.0)
        return _FUNCTIONS[name](self, *operands)


def _quotient(graph: Graph, a: str, b: str) -> str:
    below = graph.apply("Sqrt", graph.apply("Add", graph.constant(1.0), graph.apply("Mul", b, b)))
    return graph.apply("Div", a, below)


def _periodic(operator: str) -> Callable[[Graph, str], str]:
    def function(graph: Graph, a: str) -> str:
        within = graph.apply("LessOrEqual", graph.apply("Abs", a), graph.constant(2.0**30))
        value = graph.apply("Div", graph.apply("Sin", a), graph.apply("Cos", a)) if operator == "Tan" else graph.apply(operator, a)
        return graph.choice(within, value, float("nan"))

    return function


def _extreme(comparison: str) -> Callable[[Graph, str, str], str]:
    def function(graph: Graph, a: str, b: str) -> str:
        # ONNX leaves open what Min and Max make of NaN; here b is taken where b is NaN
        one = graph.choice(graph.apply(comparison, a, b), a, b)
        return graph.choice(graph.apply("IsNaN", a), a, one)

    return function


_FUNCTIONS: dict[str, Callable[..., str]] = {
    "aq": _quotient,
    "pow": lambda graph, a, b: graph.apply("Pow", a, b),
    "square": lambda graph, a: graph.apply("Mul", a, a),
    "min": _extreme("Less"),
    "max": _extreme("Greater"),
    "sin": _periodic("Sin"),
    "cos": _periodic("Cos"),
    "tan": _periodic("Tan"),
    "if": lambda graph, c, a, b: graph.choice(graph.apply("Greater", c, graph.constant(0.0)), a, b),
}


def to_onnx(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
) -> onnx.ModelProto:
    """A model of intercept + slope * f: input "X", double, [rows, columns], output "variable", double, [rows, 1].

    X has all columns of `names` in their order, used or not; without names as many as the formula reaches. The names stand in the
    model's metadata, key "columns", as JSON. Undefined values are NaN or infinite. `link`: see vgp.algebra.scaled. Raises
    GenomeError for a genome that is invalid or has references, InputError if `names` is too short.
    """
    whole = scaled(nodes, slope, intercept, link)
    validate(whole)
    used = columns_used(whole)
    for column in used:
        name_of(column, names)
    columns = list(names) if names is not None else [default_name(i) for i in range(max(used, default=0) + 1)]
    graph = Graph()
    _write(graph, whole)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "formula",
            [helper.make_tensor_value_info(INPUT, onnx.TensorProto.DOUBLE, ["rows", len(columns)])],
            [helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.DOUBLE, ["rows", 1])],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="vcloud",
    )
    helper.set_model_props(model, {"columns": json.dumps(columns), "formula": to_text(whole, names)})
    return model


def _write(graph: Graph, nodes: Genome) -> None:
    """The nodes of a genome, the last of which gives the output."""
    rows = graph.apply("Gather", graph.apply("Shape", INPUT), graph.constant([0]), axis=0)
    shape = graph.apply("Concat", rows, graph.constant([1]), axis=0)
    known: dict[tuple[int, int], str] = {}
    stack: list[str] = []
    for op, arity, _, payload in nodes.tolist():
        if op == REFERENCE:
            raise GenomeError("the organism calls others: flatten it before it is exported", "missing_reference")
        operands = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        if op == CONSTANT and (op, payload) not in known:
            known[op, payload] = graph.apply("Expand", graph.constant(constant_value(payload)), shape)
        elif op == VARIABLE and (op, payload) not in known:
            known[op, payload] = graph.apply("Gather", INPUT, graph.constant([payload]), axis=1)
        stack.append(known[op, payload] if op in (CONSTANT, VARIABLE) else graph.function(NAMES[op], operands))
    graph.apply("Identity", stack[0], output=OUTPUT)
