"""The gate: which comparisons between groups a measure can bear."""
