import numpy as np
import numpy.typing as npt

def content_hash(data: bytes | bytearray | memoryview | npt.NDArray[np.uint8]) -> int: ...
