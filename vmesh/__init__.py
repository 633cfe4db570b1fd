"""Workers joined into a mesh of islands. Comes with a later release; see ARCHITECTURE.md."""
