"""Confirmatory factor models by maximum likelihood: structure, fit, invariance."""
