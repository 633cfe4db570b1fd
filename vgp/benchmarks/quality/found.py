"""What an engine hands back."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Found:
    """The formula that an engine shows at the end of its budget, and how it came there. Formulas are texts of expression.py."""

    formula: str
    size: int  # nodes as the engine counts them
    cpu: float  # seconds used, of all its processes and threads
    evaluations: int = 0  # organisms; 0 where the engine does not tell
    trace: list[tuple[float, str]] = field(default_factory=list)  # CPU seconds, and the formula with the least error since then
