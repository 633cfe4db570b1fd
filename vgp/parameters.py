"""Every knob of an island: meaning, unit, default and check, here and nowhere else.

`Parameters` is frozen; `Parameters.replace(...)` gives a checked copy and names the first field that is wrong. Fields whose
metadata say `live` may be changed while an island runs (`Island.update`), the others are fixed at creation.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vgp.constraints import limits_of
from vgp.errors import InputError
from vgp.knobs import check_all, check_names, choice, knob

LOSSES = ("squared", "absolute", "huber", "logistic")
PRECISIONS = ("float32", "float64")
FOUNDING_TRIES = 20  # random organisms that are evaluated at most for each that a population has room for
DEFAULT_FUNCTIONS = ("add", "sub", "mul", "div", "square", "sqrt", "exp", "log", "sin", "cos")
MUTATIONS = ("constant", "terminal", "function", "subtree", "insert", "hoist", "swap")
PREDATORS = ("error", "size", "age", "cost", "likeness")
REPLACEMENTS = ("predators", "worst", "random", "alike")  # whom immigrants replace, see replacement.pxd
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Parameters:
    """The parameters of one island. Rates and weights are dimensionless; a tick is one batch of births.

    Raises:
        InputError: a value is outside its bounds, of the wrong type, or contradicts another one.
    """

    # population
    population_size: int = knob(1000, "most organisms alive at any moment", "organisms", low=2, high=50_000_000)
    minimum_share: float = knob(0.5, "starvation stops when less than this share of the population lives", "", low=0.0, high=1.0)
    births_per_tick: int = knob(1000, "newborns bred and evaluated together", "organisms", low=1, high=1_000_000)
    max_size: int = knob(30, "longest genome", "nodes", low=1, high=1024)
    max_depth: int = knob(12, "deepest expression; a terminal has depth 1", "levels", low=1, high=64)
    max_expanded_size: int = knob(
        0, "longest genome with all calls written out; 0: the same as max_size", "nodes", low=0, high=4096
    )

    # creation
    functions: tuple[str, ...] = field(
        default=DEFAULT_FUNCTIONS, metadata={"doc": "the primitive set, names of opcodes.def", "unit": "", "live": True}
    )
    initial_size: int = knob(12, "longest genome at creation; sizes are drawn uniformly", "nodes", low=1, high=1024)
    initial_minimum: int = knob(1, "shortest genome at creation", "nodes", low=1, high=1024)
    constant_share: float = knob(0.3, "share of constants among new terminals", "", low=0.0, high=1.0)
    constant_scale: float = knob(2.0, "standard deviation of new constants", "", low=1e-300, high=1e300)
    start_share: float = knob(
        0.1, "share of the first generation made of mutated copies of the formulas to start from", "", low=0.0, high=1.0, live=False
    )

    # building blocks
    blocks: str = knob("", 'formulas that variation uses like columns: "x2 - x1; v/c"', live=False)
    find_blocks: bool = knob(True, "look for more of them in the table before the first generation", live=False)
    block_share: float = knob(0.5, "share of new operands that are blocks, where there are any", "", low=0.0, high=0.9)

    # structure
    constraints: str = knob("", 'limits on nesting and operands: "no sin in sin; at most 1 nodes in pow 2"', live=False)
    dimensionless_constants: bool = knob(
        False, "where columns have units: constants are plain numbers; false: each may have any unit", live=False
    )

    # selection and variation
    tournament_size: int = knob(4, "organisms compared to choose a parent", "organisms", low=1, high=1024)
    front_selection: float = knob(0.15, "share of parents drawn from the best of each size", "", low=0.0, high=1.0)
    size_selection: float = knob(
        0.0, "share of the other parents that win a tournament in which only rivals that are no larger count", "", low=0.0, high=1.0
    )
    lexicase_selection: float = knob(
        0.0, "share of the other parents chosen by epsilon-lexicase on 64 rows instead of a tournament", "", low=0.0, high=1.0
    )
    lexicase_pool: int = knob(64, "organisms among which lexicase chooses", "organisms", low=1, high=256)
    crossover: float = knob(0.5, "share of births by crossover; the others are mutations of one parent", "", low=0.0, high=1.0)
    mutate_after_crossover: float = knob(0.1, "share of crossover's children that are mutated too", "", low=0.0, high=1.0)
    mutation_constant: float = knob(3.0, "weight: change constants", "", low=0.0)
    mutation_terminal: float = knob(1.0, "weight: another terminal", "", low=0.0)
    mutation_function: float = knob(1.0, "weight: another function of the same arity", "", low=0.0)
    mutation_subtree: float = knob(1.0, "weight: a new subtree", "", low=0.0)
    mutation_insert: float = knob(1.0, "weight: a function put above a subtree", "", low=0.0)
    mutation_hoist: float = knob(1.0, "weight: a subtree replaced by one of its own", "", low=0.0)
    mutation_swap: float = knob(0.3, "weight: two operands exchanged", "", low=0.0)

    # constants
    tuning_share: float = knob(
        1.0, "share of a tick's births whose constants are tuned: the best for their size", "", low=0.0, high=1.0
    )
    tuning_steps: int = knob(10, "most trials of other constants for one organism (Levenberg-Marquardt)", "", low=0, high=1000)
    tuning_rows: int = knob(
        256, "constants are tuned on so many rows at most, spread evenly; 0: all, 65,536 at most", "rows", low=0, high=65_536
    )

    # eras
    restart_after: int = knob(
        0, "ticks without a better formula, times 1, 1, 2, 1, 1, 2, 4, ..., after which a population starts anew; 0: never",
        "ticks", low=0, high=1_000_000_000,
    )

    # references
    reference_create: float = knob(0.02, "share of births that get a new call of another organism", "", low=0.0, high=1.0)
    reference_module: float = knob(
        0.0, "share of births that get a call of a part of a good organism, made one of its own", "", low=0.0, high=1.0
    )
    reference_inline: float = knob(0.1, "chance that a birth with calls has one written out", "", low=0.0, high=1.0)
    reference_drop: float = knob(0.05, "chance that a birth with calls loses one", "", low=0.0, high=1.0)
    reference_depth: int = knob(3, "calls within calls", "levels", low=0, high=8)
    reference_arguments: int = knob(2, "most arguments of a new call", "", low=0, high=3)
    library_size: int = knob(256, "most organisms that may be referred to at once", "organisms", low=0, high=1_000_000)

    # life cycle
    energy_birth: float = knob(1.0, "energy of a newborn", "energy", low=1e-6, high=1e6)
    energy_decay: float = knob(0.05, "energy lost per tick; 0 turns starvation off", "energy/tick", low=0.0, high=1e6)
    energy_income: float = knob(0.1, "energy earned per tick by the best; the median earns half", "energy/tick", low=0.0, high=1e6)
    energy_cap: float = knob(2.0, "most energy an organism holds", "energy", low=1e-6, high=1e6)
    energy_share: float = knob(0.25, "share of a caller's income that goes to the organisms it calls", "", low=0.0, high=1.0)
    predator_error: float = knob(1.0, "weight of the predator that eats the highest loss", "", low=0.0)
    predator_size: float = knob(0.1, "weight of the predator that eats the largest", "", low=0.0)
    predator_age: float = knob(0.3, "weight of the predator that eats the oldest", "", low=0.0)
    predator_cost: float = knob(0.05, "weight of the predator that eats the slowest to run", "", low=0.0)
    predator_likeness: float = knob(0.3, "weight of the predator that eats the most alike", "", low=0.0)
    predator_sample: int = knob(5, "organisms a predator looks at before it eats one", "organisms", low=1, high=1024)

    # fitness
    loss: str = choice("squared", LOSSES, "mean over the rows of the squared, absolute, Huber or logistic loss")
    huber_delta: float = knob(1.0, "where the Huber loss turns from squared to absolute", "units of the target", low=1e-300)
    linear_scaling: bool = field(
        default=True, metadata={"doc": "fit intercept + slope * f (Keijzer 2003)", "unit": "", "live": True}
    )
    precision: str = choice("float32", PRECISIONS, "of the table and its evaluation", live=False)

    # mini-batches
    minibatch_rows: int = knob(
        0, "of a larger table evolve on so many rows, drawn at random; 0: on all", "rows", low=0, high=2**40, live=False
    )
    minibatch_ticks: int = knob(20, "after so many ticks other rows are drawn", "ticks", low=1, high=1_000_000_000, live=False)

    # sandbox
    cache_bytes: int = knob(64 * MEBIBYTE, "limit on kept outputs of organisms that are referred to", "bytes", low=0, live=False)
    memory_bytes: int = knob(0, "limit on the sandbox's address space; 0: what the table needs", "bytes", low=0, live=False)
    cpu_seconds: float = knob(2.0, "CPU time that a batch may take beyond its estimate", "s", low=0.01, high=86_400.0, live=False)

    def __post_init__(self) -> None:
        check_all(self, "parameter")
        limits_of(self.constraints)
        object.__setattr__(self, "functions", _checked_functions(self.functions))
        object.__setattr__(self, "initial_size", min(self.initial_size, self.max_size))
        object.__setattr__(self, "initial_minimum", min(self.initial_minimum, self.initial_size))
        if sum(self.weights("mutation", MUTATIONS)) <= 0:
            raise InputError("parameters: all mutation weights are 0; give at least one of them a positive weight")

    def replace(self, **changes: Any) -> Parameters:
        """A checked copy with some fields changed. Raises InputError for an unknown name or a bad value."""
        check_names(type(self), changes, "parameter")
        return dataclasses.replace(self, **changes)

    def weights(self, family: str, names: tuple[str, ...]) -> list[float]:
        """The weights of one family of operators, in the order of `names`."""
        return [float(getattr(self, f"{family}_{name}")) for name in names]

    @property
    def expanded_limit(self) -> int:
        """Longest genome with all calls written out, in nodes."""
        return self.max_expanded_size or self.max_size

    @property
    def most_evaluations_per_tick(self) -> int:
        """Newborns, those of them that are tuned and so evaluated again, and all that may be tried to found a new era."""
        tuned = math.ceil(self.tuning_share * self.births_per_tick) if self.tuning_steps else 0
        tried = FOUNDING_TRIES * (self.population_size + 1) + self.births_per_tick if self.restart_after else 0
        return self.births_per_tick + tuned + tried

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON; `Parameters(**d)` gives the same parameters again."""
        return {**dataclasses.asdict(self), "functions": list(self.functions)}


def live_fields() -> frozenset[str]:
    """Names of the parameters that may change while an island runs."""
    return frozenset(field.name for field in dataclasses.fields(Parameters) if field.metadata["live"])


def changed_live(before: Parameters, changes: Mapping[str, Any], *, beside_units: bool) -> tuple[Parameters, set[str]]:
    """The parameters of a living island after changes, and which of them are really others.

    beside_units: whether columns have units, which the loss and the scaling decide about. Raises InputError for a parameter that is
    fixed at creation, an unknown name or a bad value.
    """
    after = before.replace(**changes)
    changed = {name for name in changes if getattr(after, name) != getattr(before, name)}
    for name in sorted(changed - live_fields()):
        raise InputError(f"parameter {name} is fixed at creation; start a new island to change it")
    if beside_units and changed & {"loss", "linear_scaling"}:
        raise InputError("loss and linear_scaling are fixed where columns have units; start a new island to change them")
    return after, changed


def _checked_functions(functions: Any) -> tuple[str, ...]:
    from vgp.layout import FUNCTIONS

    names = tuple(dict.fromkeys(str(name).strip() for name in functions))
    for name in names:
        if name not in FUNCTIONS:
            raise InputError(f"there is no function named {name!r}; choose from {', '.join(FUNCTIONS)}")
    if not names:
        raise InputError("the function set is empty; name at least one function")
    return names


#: The defaults of a run on its own: `vgp fit`, and the benchmark of quality. In a mesh others bring something new.
ALONE = Parameters(restart_after=20, minibatch_rows=4096)
