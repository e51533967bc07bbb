"""Figures of the measurement stage."""
