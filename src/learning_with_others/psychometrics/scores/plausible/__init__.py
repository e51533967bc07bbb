"""Plausible values, drawn jointly for all constructs and compatibly with the analysis model."""
