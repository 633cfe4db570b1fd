from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.evolution import Engine
from vgp.layout import Genome, Offsets

BIRTH: np.dtype[np.void]

class Lineage:
    def __init__(self, engine: Engine, most: int = 0) -> None: ...
    def note(self) -> None: ...
    def line(self, organism_id: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], Genome, Offsets]: ...
    def __len__(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
