"""vgp evolves programs from data. The public names are listed in ARCHITECTURE.md; this file is their map."""
