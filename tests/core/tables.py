"""Tables and genomes for the tests of the core: data files as bytes, random programs, genomes from words."""

import struct

import numpy as np

from vgp.genome import genome_id
from vgp.hashing import content_hash
from vgp.layout import ARITIES, CONSTANT, FUNCTIONS, NODE, OPCODES, REFERENCE, VARIABLE, constant_payload


def datafile(columns, target=None, weights=None):
    """The bytes of a data file (vgp/core/datafile.hpp) of equally long columns of one dtype."""
    dtype, n = columns[0].dtype, len(columns[0])
    padded = (n + 15) // 16 * 16
    body = b""
    for column in [*columns, *([] if target is None else [target])]:
        body += np.concatenate([column, np.full(padded - n, column[-1])]).astype(dtype).tobytes()
    if weights is not None:
        body += np.concatenate([weights, np.zeros(padded - n)]).astype(dtype).tobytes()
    header = struct.pack("<QIIQQIIIIQ", 0x3141544144504756, 1, dtype.itemsize, n, padded, len(columns), target is not None,
                         weights is not None, 0, content_hash(body))
    return header.ljust(4096, b"\0") + body


def node(op, payload=0, arity=None):
    """One node, its subtree length still unknown."""
    number = op if isinstance(op, int) else OPCODES[op]
    return (number, ARITIES[number] if arity is None else arity, 0, payload)


def indexed(nodes):
    """A genome of nodes whose subtree lengths are filled in."""
    genome = np.array(nodes, NODE)
    for i in range(len(genome)):
        length = 1
        for _ in range(int(genome["arity"][i])):
            length += int(genome["length"][i - length]) if i >= length else 0
        genome["length"][i] = min(length, 65535)
    return genome


def genome(text, **ids):
    """A genome of words in postfix order: x0, 2.5, add, and name/arity for a call of ids[name]."""
    nodes = []
    for word in text.split():
        if word[0] == "x" and word[1:].isdigit():
            nodes.append(node(VARIABLE, int(word[1:])))
        elif "/" in word:
            name, arity = word.split("/")
            nodes.append(node(REFERENCE, ids[name], int(arity)))
        elif word in OPCODES:
            nodes.append(node(word))
        else:
            nodes.append(node(CONSTANT, constant_payload(float(word))))
    return indexed(nodes)


def random_genome(rng, n_variables, size=25, functions=FUNCTIONS, callees=(), constants=0.3):
    """A random expression of about `size` nodes; callees are ids that it may call with 0 to 3 arguments."""

    def build(budget):
        if budget <= 1:
            if rng.random() < constants:
                value = float(rng.choice([rng.normal(), rng.normal() * 100, rng.integers(-3, 4)]))
                return [node(CONSTANT, constant_payload(value))]
            return [node(VARIABLE, int(rng.integers(n_variables)))]
        if callees and rng.random() < 0.2:
            arity = int(rng.integers(0, 4))
            head = node(REFERENCE, int(rng.choice(np.array(callees, np.uint64))), arity)
        else:
            name = functions[int(rng.integers(len(functions)))]
            head, arity = node(name), ARITIES[OPCODES[name]]
        shares = rng.multinomial(budget - 1, np.full(arity, 1 / arity)) if arity else []
        return [n for share in shares for n in build(int(share))] + [head]

    return indexed(build(size))


def batch(genomes):
    """(nodes, offsets) of a list of genomes."""
    offsets = np.concatenate([[0], np.cumsum([len(g) for g in genomes])]).astype(np.uint32)
    return (np.concatenate(genomes) if genomes else np.zeros(0, NODE)), offsets


def named(*genomes):
    """Genomes by id, as a population would answer."""
    return {genome_id(g): g for g in genomes}
