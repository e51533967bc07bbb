"""Who benefits: slopes by group, and the gap between them."""
