"""The programs that evaluation is measured against, each given the same trees."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vgp.layout import CONSTANT, NAMES, VARIABLE, Genome, constant_value

FUNCTIONS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "sin": np.sin, "cos": np.cos, "exp": np.exp,
             "log": np.log, "sqrt": np.sqrt}
OPERON_NAMES = {name: name.capitalize() for name in FUNCTIONS}


class NumpyPeer:
    """A postfix stack machine over float32 arrays."""

    def __init__(self, trees: Sequence[Genome], X: np.ndarray):
        self._columns = [np.ascontiguousarray(X[:, k]) for k in range(X.shape[1])]
        self._programs = [[self._step(node) for node in tree] for tree in trees]
        self.n_nodes = sum(map(len, trees))

    def _step(self, node: Any) -> tuple[Any, int]:
        if node["op"] == VARIABLE:
            return self._columns[int(node["payload"])], 0
        if node["op"] == CONSTANT:
            return np.float32(constant_value(int(node["payload"]))), 0
        return FUNCTIONS[NAMES[int(node["op"])]], int(node["arity"])

    def run(self) -> None:
        with np.errstate(all="ignore"):
            for program in self._programs:
                stack: list[Any] = []
                for thing, arity in program:
                    if arity == 0:
                        stack.append(thing)
                    elif arity == 1:
                        stack.append(thing(stack.pop()))
                    else:
                        b = stack.pop()
                        stack.append(thing(stack.pop(), b))


class PyoperonPeer:
    """pyoperon's EvaluateTrees on one thread. It keeps raw pointers: everything it was given stays referenced here."""

    @classmethod
    def of(cls, trees: Sequence[Genome], X: np.ndarray) -> "PyoperonPeer | None":
        """The peer, or None where pyoperon is not installed."""
        try:
            import pyoperon
        except ImportError:
            return None
        return cls(pyoperon, trees, X)

    def __init__(self, pyoperon: Any, trees: Sequence[Genome], X: np.ndarray):
        self._operon = pyoperon
        self._data = np.asfortranarray(X, np.float32)
        self._dataset = pyoperon.Dataset(self._data)
        self._hashes = [variable.Hash for variable in sorted(self._dataset.Variables, key=lambda v: v.Index)]
        self._range = pyoperon.Range(0, len(X))
        self._trees = [self._translate(tree) for tree in trees]
        self.values = np.zeros((len(trees), len(X)), np.float32)
        self.n_nodes = sum(map(len, trees))

    def _translate(self, tree: Genome) -> Any:
        """Node by node; pyoperon's postfix has the first operand nearest to the function."""
        nodes: list[Any] = []

        def emit(end: int) -> None:
            ends, at = [], end - 1
            for _ in range(int(tree["arity"][end])):
                ends.append(at)  # last operand first
                at -= int(tree["length"][at])
            for operand in ends:
                emit(operand)
            nodes.append(self._node(tree[end]))

        emit(len(tree) - 1)
        result = self._operon.Tree(nodes)
        result.UpdateNodes()
        return result

    def _node(self, node: Any) -> Any:
        types = self._operon.NodeType
        if node["op"] == VARIABLE:
            leaf = self._operon.Node(types.Variable, self._hashes[int(node["payload"])])
            leaf.Value = 1.0
            return leaf
        if node["op"] == CONSTANT:
            leaf = self._operon.Node(types.Constant)
            leaf.Value = constant_value(int(node["payload"]))
            return leaf
        return self._operon.Node(getattr(types, OPERON_NAMES[NAMES[int(node["op"])]]))

    def run(self) -> None:
        self._operon.EvaluateTrees(self._trees, self._dataset, self._range, self.values, 1)


def agreement(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Share of trees whose values agree: on 99 % of the rows within 1 % of the tree's typical size, NaN and infinity alike.

    Not closer: float32 programs may lose any number of digits to cancellation, and pyoperon's functions are approximations.
    """
    with np.errstate(all="ignore"):
        finite = np.isfinite(ours) & np.isfinite(theirs)
        size = np.median(np.where(finite, np.abs(ours), 0), axis=1, keepdims=True) + np.abs(ours)
        near = np.where(finite, np.abs(ours - theirs) <= 0.01 * size + 1e-6, ~np.isfinite(ours) & ~np.isfinite(theirs))
    return float(np.mean(near.mean(axis=1) >= 0.99))
