"""vgp evolves programs from data.

    Dataset      a table ready for evolution               dataset.py, read by tables.py
    Parameters   every knob of an island                   parameters.py
    Island       one population and its commands           island.py: the main flow
    Archipelago  several islands in threads                archipelago.py
    Front        the formulas found, by size               front.py
    Model        what `vgp fit --save` writes              model.py
    Sandbox      executes organisms, locked down           sandbox/
    SymbolicRegressor, SymbolicClassifier                  estimators/, for scikit-learn

Under a run: footing.py (the rows that organisms are evaluated on), whole_table.py (the front on all of them).

Around a run: symmetry/ and blocks.py (what belongs together in a table), polishing/ and choice.py (plain numbers, one formula of
all).

Out of a run: export/ (formulas for other programs), pictures/ and report/ (what it looked like), model.py with history.py,
ancestors.py and provenance.py (what a file remembers), notebook.py and front_html.py. Around islands: running.py (the loop),
backends/ (where they live).

Below them the engine, without Python objects: evolution.pyx (one tick), founding.pyx (the first generation), eras.pyx (restarts),
population.pyx (the store), ranks.pyx (the best of each size), newborns.pyx (a batch on its way through the evaluator), refining.pyx
(its constants), breeding.pyx and variation/ (parents, children), lifecycle.pyx and predators.pyx (energy, death), references.pyx
(calls), exchange.pyx (out), immigration.pyx, replacement.pyx, protection.pyx (in), state.pyx (checkpoints), lineage.pyx,
coalescence.pyx and adoption.pyx (who descends from whom), turnstile.pxd (a lock);
and below that the C++ core, core/, which the sandbox executable links too.

The names are loaded when first asked for, so that `import vgp` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vgp.archipelago import Archipelago
    from vgp.dataset import Dataset
    from vgp.estimators import SymbolicClassifier, SymbolicRegressor
    from vgp.front import Front, FrontEntry
    from vgp.island import Island
    from vgp.model import Model
    from vgp.parameters import Parameters
    from vgp.sandbox import Sandbox
    from vgp.starting import ImportReport
    from vgp.units import Units

__all__ = [
    "Archipelago",
    "Dataset",
    "Front",
    "FrontEntry",
    "ImportReport",
    "Island",
    "Model",
    "Parameters",
    "Sandbox",
    "SymbolicClassifier",
    "SymbolicRegressor",
    "Units",
]

_HOMES = {
    "Archipelago": "vgp.archipelago",
    "Dataset": "vgp.dataset",
    "Front": "vgp.front",
    "FrontEntry": "vgp.front",
    "ImportReport": "vgp.starting",
    "Island": "vgp.island",
    "Model": "vgp.model",
    "Parameters": "vgp.parameters",
    "Sandbox": "vgp.sandbox",
    "SymbolicClassifier": "vgp.estimators",
    "SymbolicRegressor": "vgp.estimators",
    "Units": "vgp.units",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vgp' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
