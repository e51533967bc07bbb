"""Figures of the benefit stage."""
