"""Exhibits of the school context."""
