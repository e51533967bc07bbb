"""Figures of the pathways stage."""
