"""The locked-down process that loads the data by itself and executes organisms, and the module's side of it."""
