"""Figures of the opportunity stage."""
