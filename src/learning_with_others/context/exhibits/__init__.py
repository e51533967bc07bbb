"""Exhibits of notebook 06."""
