from vgp.evolution import Engine
from vgp.layout import Genome, Offsets

def create(
    engine: Engine, nodes: Genome | None = None, offsets: Offsets | None = None, share: float = 0.0, recorded: bool = True
) -> None: ...
def refusal(engine: Engine, nodes: Genome) -> str | None: ...
