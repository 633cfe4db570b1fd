"""Building blocks: formulas that variation uses like columns, given by the user or found in the table."""

from __future__ import annotations

import re

from vgp.dataset import Dataset
from vgp.errors import FormulaError, InputError
from vgp.evolution import Engine
from vgp.formula import parse
from vgp.layout import batch
from vgp.parameters import Parameters
from vgp.symmetry import find_blocks

_BETWEEN = re.compile(r";(?=(?:[^`]*`[^`]*`)*[^`]*$)")  # a semicolon in a name stands between backquotes
SEPARATOR = "; "


def texts_of(blocks: str) -> list[str]:
    """The formulas of parameter `blocks`, one by one."""
    return [text.strip() for text in _BETWEEN.split(blocks) if text.strip()]


def use_blocks(engine: Engine, parameters: Parameters, dataset: Dataset) -> None:
    """Gives the engine the parameters' blocks. Raises InputError for one that is no formula over the columns, or with units."""
    texts = texts_of(parameters.blocks)
    if not texts:
        return
    if dataset.units is not None:
        raise InputError("blocks and units do not go together yet; leave out one of them")
    genomes = []
    for text in texts:
        try:
            genomes.append(parse(text, dataset.names, max_nodes=parameters.max_size))
        except FormulaError as error:
            raise InputError(f'the block "{" ".join(text.split())[:60]}": {error}') from None
    engine.use_blocks(*batch(genomes))


def with_found_blocks(parameters: Parameters, dataset: Dataset) -> Parameters:
    """The parameters with those blocks besides that the table suggests and that leave room for more."""
    if not parameters.find_blocks or dataset.units is not None or parameters.loss == "logistic":
        return parameters
    blocks = dict.fromkeys(texts_of(parameters.blocks))
    for text in find_blocks(dataset, parameters.functions):
        if len(parse(text, dataset.names)) <= parameters.max_size:
            blocks[text] = None
    return parameters.replace(blocks=SEPARATOR.join(blocks))
