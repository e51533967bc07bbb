"""Figures of school context, drawn from published tables."""
