"""Gaussian multilevel models with coefficients and group effects integrated out exactly."""
