"""Who benefits: slopes by race, and the gap between them."""
