"""Figures of the data-quality stage."""
