from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.evolution import Engine
from vgp.layout import Genome, Offsets

ORGANISM: np.dtype[np.void]

def living(engine: Engine) -> npt.NDArray[np.void]: ...
def sample(engine: Engine, most: int, seed: int) -> npt.NDArray[np.void]: ...
def champions(engine: Engine) -> npt.NDArray[np.void]: ...
def held(engine: Engine, ids: npt.ArrayLike) -> npt.NDArray[np.bool_]: ...
def genomes(
    engine: Engine, ids: Sequence[Any] | npt.NDArray[np.uint64], *, callees: bool = True
) -> tuple[Genome, Offsets, npt.NDArray[np.bool_]]: ...
