"""Reliability of scores: internal consistency, structure-based, ordinal and multilevel."""
