"""Scales, answers, scores and sources: what later stages measure with."""
