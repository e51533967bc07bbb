"""Which comparisons between groups a measure allows."""
