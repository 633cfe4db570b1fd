from typing import Any

import numpy.typing as npt

from vgp.evolution import Engine
from vgp.layout import Genome, Offsets

def immigrate(
    engine: Engine,
    nodes: Genome,
    offsets: Offsets,
    is_root: npt.ArrayLike,
    *,
    replace: str = "predators",
    protection: int = 0,
) -> dict[str, Any]: ...
