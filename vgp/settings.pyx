"""From checked parameters to the struct that the engine reads."""

from vgp.parameters import LOSSES, MUTATIONS, PREDATORS

from libc.stdint cimport uint32_t

from vgp.core cimport Loss
from vgp.variation.draft cimport fill_functions


cdef fill_settings(Settings* s, object parameters):
    cdef uint32_t k
    s.limits.max_size = parameters.max_size
    s.limits.max_depth = parameters.max_depth
    fill_functions(&s.primitives, parameters.functions)
    s.primitives.constant_share = parameters.constant_share
    s.primitives.constant_scale = parameters.constant_scale
    s.primitives.blocks.share = parameters.block_share
    for k, weight in enumerate(parameters.weights("mutation", MUTATIONS)):
        s.mutation_weights[k] = weight
    for k, weight in enumerate(parameters.weights("predator", PREDATORS)):
        s.predators.weights[k] = weight
    s.predators.sample = parameters.predator_sample
    s.metabolism.birth = parameters.energy_birth
    s.metabolism.decay = parameters.energy_decay
    s.metabolism.income = parameters.energy_income
    s.metabolism.cap = parameters.energy_cap
    s.metabolism.share = parameters.energy_share
    s.metabolism.minimum = <uint32_t> (parameters.minimum_share * parameters.population_size)
    s.loss.loss = <Loss> (<uint32_t> LOSSES.index(parameters.loss))
    s.loss.linear_scaling = parameters.linear_scaling
    s.loss.huber_delta = parameters.huber_delta
    s.tune.steps = parameters.tuning_steps
    s.tune.rows = parameters.tuning_rows
    s.tuning_share = parameters.tuning_share
    s.front_selection = parameters.front_selection
    s.size_selection = parameters.size_selection
    s.lexicase_selection = parameters.lexicase_selection
    s.lexicase_pool = parameters.lexicase_pool
    s.loss.probe_errors = parameters.lexicase_selection > 0
    s.crossover = parameters.crossover
    s.mutate_after_crossover = parameters.mutate_after_crossover
    s.reference_create = parameters.reference_create
    s.reference_module = parameters.reference_module
    s.reference_inline = parameters.reference_inline
    s.reference_drop = parameters.reference_drop
    s.reference_depth = parameters.reference_depth
    s.reference_arguments = parameters.reference_arguments
    s.tournament_size = parameters.tournament_size
    s.initial_minimum = parameters.initial_minimum
    s.initial_size = parameters.initial_size
    s.births = parameters.births_per_tick
