"""The explicit engine: multilevel models in plain PyMC, to read and to extend."""
