"""Figures of the school context."""
