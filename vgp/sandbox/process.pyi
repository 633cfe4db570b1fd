import os
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from vgp.layout import Genome, Offsets, Resolve

EXECUTABLE: str

class ExecutorHandle: ...

class Sandbox(ExecutorHandle):
    cpu_seconds: float
    @property
    def n_rows(self) -> int: ...
    @property
    def padded_rows(self) -> int: ...
    @property
    def n_variables(self) -> int: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def __init__(
        self,
        data_path: str | os.PathLike[str],
        *,
        mode: str = "on",
        max_organisms: int = ...,
        max_nodes: int = ...,
        memory_bytes: int = 0,
        cache_bytes: int = ...,
        outputs_rows: int = 0,
        cpu_seconds: float = 1.0,
        wall_seconds: float = 60.0,
        executable: str | os.PathLike[str] | None = None,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None = None, value: BaseException | None = None, trace: TracebackType | None = None
    ) -> None: ...
    def close(self) -> None: ...
    def evaluate(
        self,
        nodes: Genome,
        offsets: Offsets,
        *,
        loss: str = "squared",
        linear_scaling: bool = True,
        huber_delta: float = 1.0,
        resolve: Resolve | None = None,
    ) -> npt.NDArray[np.void]: ...
    def outputs(self, nodes: Genome, offsets: Offsets, *, resolve: Resolve | None = None) -> npt.NDArray[np.floating[Any]]: ...
    def report(self) -> dict[str, Any]: ...
