"""Simulation-based calibration: whether an engine's posteriors are right over its priors."""
