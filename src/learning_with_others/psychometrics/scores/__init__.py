"""Scores of students: mean score, expected a posteriori, plausible values."""
