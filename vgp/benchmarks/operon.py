"""One pyoperon run, set up as its own scikit-learn face does by default, without constant tuning."""

import time
from typing import Any

import numpy as np
import numpy.typing as npt

POPULATION = 1000
MAX_LENGTH, MAX_DEPTH = 50, 10
INITIAL_LENGTH = 12
CONSTANT_STEP = 1.0  # standard deviation of constants and of their mutations


class OperonRun:
    """Population 1,000, tournaments of 5, subtree crossover always, mutation of every fourth child, the best are kept.

    pyoperon keeps raw pointers to what it is given: every component stays referenced here. With `multi_objective` the
    objectives are error and length (NSGA-II), else error alone.
    """

    def __init__(
        self,
        X: npt.NDArray[Any],
        y: npt.NDArray[Any],
        functions: tuple[str, ...],
        generations: int,
        seed: int,
        *,
        multi_objective: bool,
    ) -> None:
        import pyoperon

        self._operon = pyoperon
        self.evaluated_nodes = 0
        self._parents_nodes = 0
        self._counting_seconds = 0.0
        self._make_problem(X, y, functions)
        self._make_objectives(multi_objective)
        self._make_variation()
        self._make_algorithm(generations, seed, multi_objective)

    def run(self) -> float:
        """CPU seconds of the run, without those that counting nodes took."""
        start = time.process_time()
        self._algorithm.Run(self._random, self._callback, 1)
        return time.process_time() - start - self._counting_seconds

    @property
    def evaluations(self) -> int:
        return int(self._error.CallCount)

    @property
    def best_error(self) -> float:
        return float(self._algorithm.BestModel.GetFitness(0))

    def _make_problem(self, X: npt.NDArray[Any], y: npt.NDArray[Any], functions: tuple[str, ...]) -> None:
        operon, types = self._operon, self._operon.NodeType
        self._data = np.asfortranarray(np.column_stack((X, y)), np.float32)
        self._dataset = operon.Dataset(self._data)
        *inputs, target = sorted(self._dataset.Variables, key=lambda variable: variable.Index)
        self._inputs = [variable.Hash for variable in inputs]
        self._problem = operon.Problem(self._dataset)
        self._problem.TrainingRange = operon.Range(0, len(y))
        self._problem.TestRange = operon.Range(len(y) - 1, len(y))
        self._problem.Target = target
        self._problem.InputHashes = self._inputs
        names = [name.capitalize() for name in functions]
        self._problem.ConfigurePrimitiveSet(sum(int(getattr(types, name)) for name in (*names, "Constant", "Variable")))
        self._primitives = self._problem.PrimitiveSet

    def _make_objectives(self, multi_objective: bool) -> None:
        operon = self._operon
        self._table, self._metric = operon.DispatchTable(), operon.MSE()
        self._error = operon.Evaluator(self._problem, self._table, self._metric, True)  # with linear scaling
        self._length = operon.LengthEvaluator(self._problem)
        self._both = operon.MultiEvaluator(self._problem)
        self._both.Add(self._error)
        self._both.Add(self._length)
        for evaluator in (self._error, self._both):
            evaluator.Budget = 10**9
        self._objectives = self._both if multi_objective else self._error
        self._comparison = operon.CrowdedComparison() if multi_objective else operon.SingleObjectiveComparison(0)

    def _make_variation(self) -> None:
        operon = self._operon
        self._creator = operon.BalancedTreeCreator(self._primitives, self._inputs, 0.0)
        self._coefficients = operon.NormalCoefficientInitializer()
        self._coefficients.ParameterizeDistribution(0, CONSTANT_STEP)
        self._initializer = operon.UniformLengthTreeInitializer(self._creator)
        self._initializer.ParameterizeDistribution(1, INITIAL_LENGTH)
        self._initializer.MinDepth, self._initializer.MaxDepth = 1, MAX_DEPTH
        self._crossover = operon.SubtreeCrossover(0.9, MAX_DEPTH, MAX_LENGTH)
        step = operon.NormalOnePointMutation()
        step.ParameterizeDistribution(0, CONSTANT_STEP)
        self._mutations = [
            step,
            operon.ChangeVariableMutation(self._inputs),
            operon.ChangeFunctionMutation(self._primitives),
            operon.ReplaceSubtreeMutation(self._creator, self._coefficients, MAX_DEPTH, MAX_LENGTH),
            operon.InsertSubtreeMutation(self._creator, self._coefficients, MAX_DEPTH, MAX_LENGTH),
            operon.RemoveSubtreeMutation(self._primitives),
        ]
        self._mutation = operon.MultiMutation()
        for mutation in self._mutations:
            self._mutation.Add(mutation, 1.0)

    def _make_algorithm(self, generations: int, seed: int, multi_objective: bool) -> None:
        operon = self._operon
        self._selector = operon.TournamentSelector(self._comparison)
        self._selector.TournamentSize = 5
        self._tuning = operon.LMOptimizer(self._table, self._problem, max_iter=0)
        self._tuner = operon.CoefficientOptimizer(self._tuning)
        self._generator = operon.BasicOffspringGenerator(
            self._objectives, self._crossover, self._mutation, self._selector, self._selector, self._tuner
        )
        self._reinserter = operon.KeepBestReinserter(self._comparison)
        self._config = operon.GeneticAlgorithmConfig(
            generations=generations, max_evaluations=10**9, local_iterations=0, population_size=POPULATION, pool_size=POPULATION,
            p_crossover=1.0, p_mutation=0.25, seed=seed,
        )  # fmt: skip
        parts = [self._config, self._problem, self._initializer, self._coefficients, self._generator, self._reinserter]
        if multi_objective:
            parts.append(operon.RankSorter())
        self._parts = parts
        self._algorithm = (operon.NSGA2Algorithm if multi_objective else operon.GeneticProgrammingAlgorithm)(*parts)
        self._random = operon.RandomGenerator(seed)
        self._callback = self._count

    def _count(self) -> None:
        """After each generation. Reinsertion only reorders parents and offspring: who was no parent before was evaluated since."""
        start = time.process_time()
        lengths = [individual.Genotype.Length for individual in self._algorithm.Individuals]
        if self._algorithm.Generation == 0:
            self.evaluated_nodes = sum(lengths[:POPULATION])
        else:
            self.evaluated_nodes += sum(lengths) - self._parents_nodes
        self._parents_nodes = sum(lengths[:POPULATION])
        self._counting_seconds += time.process_time() - start
