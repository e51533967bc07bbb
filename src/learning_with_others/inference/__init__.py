"""Errors and resampling over clusters, pooling over plausible values: arrays in, estimates out."""
