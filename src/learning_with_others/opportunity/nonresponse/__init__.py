"""Who did not answer, and what their answers might change."""
