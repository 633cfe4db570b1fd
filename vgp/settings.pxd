# The parameters as the engine reads them: one plain struct, filled from parameters.Parameters.
from libc.stdint cimport uint32_t

from vgp.core cimport LossSettings, TuneSettings
from vgp.lifecycle cimport Metabolism
from vgp.predators cimport Predators
from vgp.variation.draft cimport Limits, Primitives

cdef struct Settings:
    Limits limits
    Primitives primitives
    Predators predators
    Metabolism metabolism
    LossSettings loss
    TuneSettings tune
    double tuning_share
    double mutation_weights[7]
    double front_selection, size_selection, lexicase_selection, crossover, mutate_after_crossover
    double reference_create, reference_module, reference_inline, reference_drop
    uint32_t reference_depth, reference_arguments
    uint32_t tournament_size, lexicase_pool, initial_minimum, initial_size, births

# Everything but the number of variables, which is the table's.
cdef fill_settings(Settings* s, object parameters)
