"""Genomes as a self-contained Python function on JAX arrays: the words of NumPy, under jit, grad and vmap.

The text needs JAX, writing it does not.
"""

import re
from collections.abc import Sequence

from vgp.algebra import scaled
from vgp.export.form import Form, Language, Piece
from vgp.export.names import quoted
from vgp.export.program import check_identifier, constant, describe_arguments, program_of
from vgp.export.python import FORMS as NUMPY_FORMS
from vgp.export.python import HELPERS as NUMPY_HELPERS
from vgp.export.python import adjust as adjust_for_numpy
from vgp.export.text import to_text
from vgp.layout import Genome


def _of_jax(form: Form) -> Form:
    return form._replace(template=_in_jax(form.template))


def _in_jax(source: str) -> str:
    return re.sub(r"\bnp\.", "jnp.", source)


FORMS = {name: _of_jax(form) for name, form in NUMPY_FORMS.items()}
HELPERS = {name: _in_jax(source) for name, source in NUMPY_HELPERS.items()}


def _adjust(name: str, form: Form, operands: list[Piece]) -> Form:
    return _of_jax(adjust_for_numpy(name, form, operands))


def to_jax(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
    function: str = "predict",
) -> str:
    """Python source that needs JAX only: a pure function of the columns used, in the table's order, of intercept + slope * f.

    Arrays of any one shape in; float64 out with jax_enable_x64, else float32. Undefined values are NaN or infinite. Gradients are
    those of jnp.where: NaN where the branch that is not taken has none. Under jit XLA rewrites formulas, log(exp(x)) to x and a/b/c
    to a/(b*c), and what over- or underflowed on the way may then have a value. `link`: see vgp.algebra.scaled. Raises GenomeError
    for a genome that is invalid or has references, InputError if `names` is too short.
    """
    check_identifier(function)
    whole = scaled(nodes, slope, intercept, link)
    program = program_of(whole, names, HELPERS)
    result = Language(FORMS, constant, program.variable, adjust=_adjust, assign=program.assign).write(whole)
    arguments = list(program.arguments.values())
    body = [f"    {name} = jnp.asarray({name}, dtype=float)" for name in arguments]
    body += [f"    {name} = {text}" for name, text in program.steps]
    body.append(f"    return {result}" if arguments else f"    return jnp.asarray({result}, dtype=float)")
    head = ["# " + quoted(to_text(whole, names)), "import jax.numpy as jnp"]
    helpers = [line for helper in program.helpers for line in ("", "", *helper.split("\n"))]
    comments = [f"    # {line}" for line in describe_arguments(program, names)]
    return "\n".join([*head, *helpers, "", "", f"def {function}({', '.join(arguments)}):", *comments, *body, ""])
