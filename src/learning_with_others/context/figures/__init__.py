"""Figures of the school context, drawn from published tables."""
