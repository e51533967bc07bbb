"""Figures of the school-context stage."""
