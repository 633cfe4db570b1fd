"""Creation, selection, crossover, mutation, referencing: one operator family per file."""
