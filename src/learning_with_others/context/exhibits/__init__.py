"""Exhibits of school context."""
