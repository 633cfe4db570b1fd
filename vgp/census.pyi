import numpy as np
import numpy.typing as npt

from vgp.evolution import Engine

def census(engine: Engine) -> dict[str, npt.NDArray[np.uint64]]: ...
